package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

func correctVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "correct", Category: groupActs, ArgsUsage: "ITEM",
		Usage: "correct what an item's record says",
		Description: "The old value is read from the record and stays readable beside the new one. Acts on the item that the ledger refused " +
			"are attached, and so shown to whoever reads the history.",
		UsageText: "custody correct 4f2a9c01 --set exhibit=E-0018 --reason 'digits swapped'",
		Flags: append(append([]cli.Flag{
			&cli.StringFlag{Name: "set", Required: true, Usage: "the field and what is right: `NAME=TEXT` or NAME:=JSON"},
			&cli.StringFlag{Name: "reason", Required: true, Usage: "why it was wrong: `TEXT`"},
		}, append(guardFlags(), whenFlags()...)...), receiptFlag(), asFlag(), dryRunFlag()),
		Action: func(c *cli.Context) error { return t.correct(c) },
	}
}

func (t *tool) correct(c *cli.Context) error {
	name, value, err := parseField(c.String("set"))
	if err != nil {
		return err
	}
	at, err := occurred(c)
	if err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	it, err := s.Find(c.Context, c.Args().First())
	if err != nil {
		return err
	}
	r, err := t.newReport(c, "correct", []*desk.Item{it})
	if err != nil {
		return err
	}
	done, shown, err := s.Correct(c.Context, desk.Correction{
		Item: it, Field: name, New: value, Reason: c.String("reason"), At: at, Checked: c.StringSlice(checkedFlag),
	})
	if shown > 0 {
		r.extra = func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s that the ledger had refused %s shown with it\n", ui.Count(shown, "act", "acts"), yesNo(shown == 1, "is", "are"))
			return err
		}
	}
	r.add(logged(done), err)
	return r.end()
}

// logged is a list of one act, or none when it was not logged.
func logged(d desk.Done) []desk.Done {
	if d.Entry == nil {
		return nil
	}
	return []desk.Done{d}
}
