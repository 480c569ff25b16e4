package main

import (
	"log/slog"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/cmd/internal/ui/daemon"
)

func newApp(std ui.Streams) *cli.App {
	return daemon.App(std, "custody-channel", "anchors a state's ledger on the states' shared channel", "custody-channel help",
		agreementCommand(std), serveCommand(std))
}

func serveCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "anchor a node's ledger until a signal ends it, and answer on a Unix socket",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "agreement", Required: true, Usage: "what the states agree about the channel, a `FILE`"},
			&cli.PathFlag{Name: "trust", Required: true, Usage: "the trust list that this state has pinned, a `FILE`; it names the agreement"},
			&cli.PathFlag{Name: "sdk", Required: true, Usage: "configuration of fabric-sdk-go, a YAML `FILE`: peers, orderers, certificates"},
			&cli.StringFlag{Name: "org", Required: true, Usage: "this state's `ORGANISATION` in that file"},
			&cli.StringFlag{Name: "user", Value: "User1", Usage: "the `USER` there whose certificate submits"},
			&cli.StringSliceFlag{Name: "peer", DefaultText: "the first of each state there", Usage: "a `PEER` there that is asked to endorse, and whether transactions were committed; one for each state"},
			&cli.StringFlag{Name: "node", Required: true, Usage: "`URL` of the node whose ledger is anchored"},
			&cli.StringFlag{Name: "origin", Required: true, Usage: "the ledger's `NAME`"},
			&cli.PathFlag{Name: "proofs", Required: true, Usage: "`FOLDER` for anchor proofs"},
			&cli.PathFlag{Name: "socket", Required: true, Usage: "Unix socket to answer at, a `PATH`; whoever may open it may submit"},
			&cli.DurationFlag{Name: "every", Value: time.Minute, Usage: "anchor every `TIME`"},
			daemon.UntilEOFFlag(),
		},
		Action: func(c *cli.Context) error {
			if err := daemon.NoArguments(c); err != nil {
				return err
			}
			return serve(c, std, slog.New(slog.NewJSONHandler(std.Err, nil)))
		},
	}
}
