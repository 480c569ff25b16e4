package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

var _ = ui.Register(
	ui.Entry{Code: "E-NODE-ALONE", Title: "A ledger for one node", For: []error{desk.ErrNotShared},
		Means: "nothing was made; two nodes on it would write two histories",
		Do:    []string{"move the ledger to Trillian first: custodyd init --engine trillian --database URI --log-server HOST:PORT"}},
	ui.Entry{Code: "E-HOME-EXISTS", Title: "A home is here already", For: []error{desk.ErrHomeExists},
		Means: "it was left as it is",
		Do:    []string{"name a folder that does not exist yet with --home"}},
)

func joinCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "join",
		Usage: "make the home of one more node for a ledger that Trillian keeps",
		Description: "Both nodes then take events into one ledger, in turns; when one dies the other goes on. The new home gets the ledger's key, so it is made where the first one is, and moved to its machine over a way that keeps secrets. " +
			"It has no officers: desks begin at its node with custody init --node. The officers of one item go to one node. " +
			"Called again for a home that it has made, it brings trust list and cosigners up to date.",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "home", EnvVars: []string{"CUSTODY_HOME"}, Usage: "the `FOLDER` to make"},
			&cli.PathFlag{Name: "of", Required: true, Usage: "the home whose node has the ledger, a `FOLDER`"},
		},
		Action: func(c *cli.Context) error {
			if err := plain(c); err != nil {
				return err
			}
			if err := desk.AnotherNode(c.Context, c.Path("of"), c.Path("home")); err != nil {
				return err
			}
			_, err := fmt.Fprintf(std.Err, "%s is the home of one more node\nNext: custodyd serve --home %s\n", ui.Clean(c.Path("home")), ui.Clean(c.Path("home")))
			return err
		},
	}
}
