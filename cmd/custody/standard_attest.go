package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
)

// Problems of attestations.
const (
	codeNotUnder ui.Code = "E-NOT-UNDER-A-STANDARD"
	codeReviewer ui.Code = "E-REVIEWER"
)

var _ = ui.Register(
	ui.Entry{Code: codeNotUnder, Title: "Not sealed under a known standard", For: []error{desk.ErrNotUnder},
		Means: "nothing was signed; there are no rules that a reviewer could speak about",
		Do:    []string{"custody show ITEM says under which standard it was sealed", "--standard FILE.json, when this program does not have that pack"}},
	ui.Entry{Code: codeReviewer, Title: "Not a reviewer", For: []error{desk.ErrNoReviewer},
		Means: "nothing was signed; this word would count for no court",
		Do:    []string{"--second OFFICER in the role approver, auditor, prosecutor or court, who did not collect it", "custody key new OFFICER --role approver"}},
)

func standardAttest(t *tool) *cli.Command {
	return &cli.Command{
		Name: "attest", ArgsUsage: "ITEM",
		Usage: "let a reviewer who sees everything state which rules hold",
		Description: "Where fields are held back from a court, their rules cannot be decided there. A reviewer signs, beside the custodian, what " +
			"became of each rule over the whole record; the verdict shows it as that person's word, not as computed.",
		UsageText: "custody standard attest E-0017 --second ola",
		Flags: append(append([]cli.Flag{
			&cli.StringFlag{Name: "second", Required: true, Usage: "the `OFFICER` who reviewed it, in the role approver, auditor, prosecutor or court"},
			&cli.StringFlag{Name: "standard", Usage: "the pack that the item names, as `FILE.json`, when this program does not have it"},
		}, whenFlags()...), receiptFlag(), asFlag(), dryRunFlag()),
		Action: t.attest,
	}
}

// attest logs a reviewer's word.
func (t *tool) attest(c *cli.Context) error {
	a := desk.Attesting{Second: c.String("second"), Library: rules.Builtin()}
	if ref := c.String("standard"); ref != "" {
		chosen, err := findStandard(ref, "--standard ")
		if err != nil {
			return err
		}
		a.Library = chosen.Library
	}
	var err error
	if a.At, err = occurred(c); err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if a.Item, err = s.Find(c.Context, c.Args().First()); err != nil {
		return err
	}
	r, err := t.newReport(c, "standard attest", []*desk.Item{a.Item})
	if err != nil {
		return err
	}
	done, _, err := s.Attest(c.Context, a)
	r.add(logged(done), err)
	return r.end()
}
