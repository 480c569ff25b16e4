package main

import (
	"log/slog"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/cmd/internal/ui/daemon"
)

func newApp(std ui.Streams) *cli.App {
	return daemon.App(std, "custodyd", "a member state's node: its ledger, its witness, its auditor and its desks over HTTP", "custodyd serve --help",
		accessLogCommand(std), helpCommand(std), initCommand(std), joinCommand(std), mandateCommand(std), serveCommand(std))
}

func serveCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "serve a home until a signal ends it",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "home", EnvVars: []string{"CUSTODY_HOME"}, Usage: "the `FOLDER` of the desk"},
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8480", Usage: "`ADDRESS` to serve at, or fd:N for a descriptor that listens; beyond loopback it needs a certificate"},
			&cli.PathFlag{Name: "tls-cert", Usage: "certificate chain, a PEM `FILE`; read again when it changes"},
			&cli.PathFlag{Name: "tls-key", Usage: "its key, a PEM `FILE`"},
			&cli.StringSliceFlag{Name: "ledger", Usage: "`ORIGIN=URL`: where the auditor reads another state's ledger; may be repeated"},
			&cli.StringFlag{Name: "metrics", Usage: "`ADDRESS` on loopback, or fd:N, for Prometheus metrics; without it there are none"},
			&cli.DurationFlag{Name: "cross-anchor", Value: time.Hour, Usage: "record the other ledgers' checkpoints every `TIME`"},
			daemon.UntilEOFFlag(),
		},
		Action: func(c *cli.Context) error {
			if err := plain(c); err != nil {
				return err
			}
			// Tessera and net/http write to the default logger too.
			log := slog.New(slog.NewJSONHandler(std.Err, &slog.HandlerOptions{ReplaceAttr: inUTC}))
			slog.SetDefault(slog.New(slog.DiscardHandler))
			return serve(c, std, log)
		},
	}
}

// plain checks that a verb has a home and no arguments.
func plain(c *cli.Context) error {
	if err := daemon.NoArguments(c); err != nil {
		return err
	}
	if c.Path("home") == "" {
		return ui.Usage("--home FOLDER, or set CUSTODY_HOME", "no home is named")
	}
	return nil
}

// inUTC writes times as everything else here does.
func inUTC(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC().Truncate(time.Millisecond))
	}
	return a
}
