package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger/writer"
)

// Problems of a ledger that ends.
const (
	codeLedgerEnded ui.Code = "E-LEDGER-ENDED"
	codeNotLogged   ui.Code = "E-NOT-LOGGED-YET"
	codeSucceed     ui.Code = "E-NO-SUCCESSOR"
	codeNodeRuns    ui.Code = "E-NODE-RUNS"
	codeNotNamed    ui.Code = "E-NOT-NAMED-YET"
	codeAnswerEnded ui.Code = "E-ANSWER-ENDED"
	codeShortened   ui.Code = "E-SHORTENED"
)

var _ = ui.Register(
	ui.Entry{Code: codeLedgerEnded, Title: "The ledger has ended", For: []error{writer.ErrFrozen},
		Means: "nothing was signed or logged, and nothing will be in this ledger; what is in it stays proven",
		Do:    []string{"log in the successor that the trust list names: custody trust show"},
		About: "A ledger ends by `custody ledger freeze`, or because the trust list pins its last checkpoint. Seals that were open then are closed in the successor, and nowhere else."},
	ui.Entry{Code: codeNotLogged, Title: "Acts have no receipt yet", For: []error{desk.ErrNotLoggedYet},
		Means: "some may not be logged and would be lost to this ledger; it goes on",
		Do:    []string{"custody doctor", "run any command of the desk when the ledger can be written again"}},
	ui.Entry{Code: codeSucceed, Title: "No successor can be made so", For: []error{desk.ErrGoesOn, desk.ErrSameName, desk.ErrEndLost},
		Means: "nothing was made or changed",
		Do:    []string{"custody ledger freeze ORIGIN comes first", "give the successor a name that no ledger had", "a home that has lost leaves of its ledger begins anew: custody init, and custody trust propose --new-list-key"}},
	ui.Entry{Code: codeNodeRuns, Title: "The home's node is running", For: []error{desk.ErrNodeRuns},
		Means: "nothing was made or changed; the node would go on in the ledger that ended",
		Do:    []string{"stop custodyd, give the same command again, and start it: it goes on in the new ledger"}},
	ui.Entry{Code: codeShortened, Class: ui.ErrNotAuthentic, Title: "The list would cut a ledger short", For: []error{desk.ErrShortened},
		Means: "nothing was signed or pinned; what is logged behind that end would count for nobody any more, and could be done a second time",
		Do:    []string{"ask the state whose ledger it is for its last checkpoint: custody ledger freeze keeps it", "when its key was stolen: custody trust propose --revoke ORIGIN=REASON --good-until CHECKPOINT ends it there"}},
	ui.Entry{Code: codeAnswerEnded, Title: "Nobody says whether the answer counts", For: []error{desk.ErrAnswerEnded},
		Means: "nothing was signed: the answer that waits may be in the giver's ledger as it ended, and counts then",
		Do:    []string{"reach the giver's node, and accept the same file again: custody trust cosigners says whom this desk knows", "or have the giver withdraw the offer and offer anew"}},
	ui.Entry{Code: codeNotNamed, Title: "No trust list names the ledger yet", For: []error{desk.ErrNotNamed},
		Means: "nothing was signed; until the other states pin a list that names it, what is in it counts for nobody",
		Do:    []string{"custody trust propose --retire FILE --successor ORIGIN --out next.trust", "have the other states sign and pin it", "custody trust adopt next.trust"},
		About: "A ledger that follows another counts from the list on that ends the one before and names it. Seals that were open then are closed in it from that list on."},
)

func ledgerVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "ledger", Category: groupKeep, Usage: "end the desk's ledger, go on in another, or let another engine keep it",
		Description: "A ledger is for ever, and so is its name. When a state goes on under another name or key, the old ledger ends at a checkpoint that everybody pins.",
		Subcommands: []*cli.Command{ledgerFreeze(t), ledgerMigrate(t), ledgerSucceed(t)},
	}
}

func ledgerFreeze(t *tool) *cli.Command {
	return &cli.Command{
		Name: "freeze", ArgsUsage: "ORIGIN",
		Usage: "end the desk's ledger for ever, at a checkpoint that the other states cosign",
		Description: "ORIGIN is the ledger's own name, so that none is ended by mistake. Nothing is logged in it afterwards, whatever is restarted or restored. A node that keeps the ledger is stopped first, when every desk's queue is empty. The last checkpoint is kept in the home; " +
			"the trust list pins it with `custody trust propose --retire FILE --successor ORIGIN`, and from then on nobody cosigns anything past it. Doing it again changes nothing.",
		UsageText: "custody ledger freeze custody.aa.example/ledger --dry-run\ncustody ledger freeze custody.aa.example/ledger",
		Flags:     []cli.Flag{asFlag(), dryRunFlag()},
		Action:    t.ledgerFreeze,
	}
}

func (t *tool) ledgerFreeze(c *cli.Context) (err error) {
	if c.NArg() != 1 {
		return ui.Usage("custody trust show lists the ledgers", "name the one ledger that is to end")
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if own := s.Config.Origin; evidence.Origin(c.Args().First()) != own {
		return ui.Usage("custody ledger freeze "+string(own), "%s is not the ledger of this desk", c.Args().First())
	}
	if err := t.confirmEnd(c, "end the ledger "+string(s.Config.Origin)+" for ever"); err != nil {
		return err
	}
	out, err := s.Freeze(c.Context)
	if err != nil {
		return err
	}
	return t.term.Summary("ledger freeze", out, func(w io.Writer) error {
		if out.DryRun && !out.Before {
			_, err := fmt.Fprintf(w, "%s would end with %d leaves\n", ui.Clean(string(out.Origin)), out.Size)
			return err
		}
		_, err := fmt.Fprintf(w, "%s has ended with %d leaves; its last checkpoint is %s\n", ui.Clean(string(out.Origin)), out.Size, ui.Clean(out.File))
		return err
	})
}

func ledgerSucceed(t *tool) *cli.Command {
	return &cli.Command{
		Name: "succeed", ArgsUsage: "ORIGIN",
		Usage: "go on in a new ledger where the desk's has ended",
		Description: "ORIGIN is the new ledger's name, which no ledger had before; it gets a key of its own. The ended one is kept with its last checkpoint, and packages still prove from it. A node that keeps the ledger is stopped first, and keeps the new one from its next start on. " +
			"Nobody knows the new ledger until the trust list names it: `custody trust propose --retire FILE --successor ORIGIN` puts both into one list. From then on seals that are open in the ended one are closed in the new one.",
		UsageText: "custody ledger succeed custody.aa.example/ledger-2 --dry-run\ncustody ledger succeed custody.aa.example/ledger-2",
		Flags:     []cli.Flag{asFlag(), dryRunFlag()},
		Action:    t.ledgerSucceed,
	}
}

func (t *tool) ledgerSucceed(c *cli.Context) (err error) {
	if c.NArg() != 1 {
		return ui.Usage("custody ledger succeed custody.aa.example/ledger-2", "name the one ledger that is to follow")
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out, err := s.Succeed(c.Context, evidence.Origin(c.Args().First()))
	if err != nil {
		return err
	}
	return t.term.Summary("ledger succeed", out, func(w io.Writer) error {
		verb := yesNo(out.DryRun, "would follow", "follows")
		first := yesNo(s.HasNode(), "start custodyd, then ", "")
		_, err := fmt.Fprintf(w, "%s %s %s\nNext: %scustody trust propose --retire %s --successor %s\n", ui.Clean(string(out.Origin)), verb, ui.Clean(string(out.Ended)), first, ui.Clean(out.Final), ui.Clean(string(out.Origin)))
		return err
	})
}
