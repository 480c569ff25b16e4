package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

func ledgerMigrate(t *tool) *cli.Command {
	return &cli.Command{
		Name: "migrate", ArgsUsage: "ORIGIN",
		Usage: "move the desk's ledger from the embedded engine to Trillian",
		Description: "ORIGIN is the ledger's own name, so that none is moved by mistake. The ledger keeps its name, its key, and every leaf at its index under the same root: receipts and packages hold as before, and the other states see no difference. " +
			"Nothing may have it open, its node neither. When Trillian has integrated all leaves the home changes over; until then nothing in it has changed, and an interrupted migration goes on when it is called again. " +
			"The home's copy of the published ledger stays; the embedded engine refuses it from then on.",
		UsageText: "custody ledger migrate custody.aa.example/ledger --database postgresql://custody@db.aa.example/trillian?sslmode=verify-full --log-server log.aa.example:8090 --dry-run\n" +
			"custody ledger migrate custody.aa.example/ledger --database postgresql://custody@127.0.0.1/trillian --log-server 127.0.0.1:8090",
		Flags:  []cli.Flag{databaseFlag(), logServerFlag(), asFlag(), dryRunFlag()},
		Action: t.ledgerMigrate,
	}
}

func (t *tool) ledgerMigrate(c *cli.Context) (err error) {
	if c.NArg() != 1 {
		return ui.Usage("custody trust show lists the ledgers", "name the one ledger that is to move")
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if own := s.Config.Origin; evidence.Origin(c.Args().First()) != own {
		return ui.Usage("custody ledger migrate "+string(own), "%s is not the ledger of this desk", c.Args().First())
	}
	out, err := s.Migrate(c.Context, serversOf(c))
	if err != nil {
		return err
	}
	return t.term.Summary("ledger migrate", out, func(w io.Writer) error {
		verb := yesNo(out.DryRun, "would be kept", "is kept from now on")
		_, err := fmt.Fprintf(w, "%s, %d leaves, %s by Trillian at %s\n", ui.Clean(string(out.Origin)), out.Size, verb, ui.Clean(out.LogServer))
		return err
	})
}
