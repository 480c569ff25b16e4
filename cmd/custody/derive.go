package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/evidence"
)

func deriveVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "derive", Category: groupActs, ArgsUsage: "ITEM PATH…",
		Usage: "make a new item out of one in custody",
		Description: "An extract, a conversion, a redacted copy becomes an item of its own. The parent's derive event names the new item, " +
			"and the new item names its parent, so that neither can be shown without the other being known.",
		UsageText: "custody derive 4f2a9c01 photos/ --kind extracted --tool 'photorec 7.2' --exhibit E-0017-1",
		Flags: append(append([]cli.Flag{
			choiceFlag("kind", "how it came from the parent: `KIND` is extracted, copied, converted, redacted, translated, sampled or acquired-from",
				"extracted", "copied", "converted", "redacted", "translated", "sampled", "acquired-from"),
			caseFlag("the proceeding's `REFERENCE`; unless given, the parent's"),
			&cli.StringFlag{Name: "exhibit", Usage: "the desk's own `NUMBER` for it"},
			&cli.StringFlag{Name: "description", Usage: "what it is: `TEXT`"},
			&cli.StringSliceFlag{Name: "tool", Usage: "a tool that was used, with its version: `TEXT`"},
			&cli.StringFlag{Name: "parameters", Usage: "how the tool was told to work: `TEXT`"},
			&cli.BoolFlag{Name: "second-digest", Usage: "take SHA-512 as well, where the standard asks for a second digest"},
			&cli.BoolFlag{Name: "protected", Usage: "it concerns one protected person: stored apart, so that it can be erased alone"},
		}, append(append(append(standardFlags(), useFlags()...), recordFlags()...), whenFlags()...)...), receiptFlag(), asFlag(), dryRunFlag()),
		Action: func(c *cli.Context) error { return t.derive(c) },
	}
}

func (t *tool) derive(c *cli.Context) error {
	in := desk.Sealing{
		Paths: c.Args().Tail(), SHA512: c.Bool("second-digest"), Protected: c.Bool("protected"),
	}
	from := desk.Derivation{Kind: evidence.DerivationKind(c.String("kind")), Fields: map[string]any{}, Use: use(c)}
	var err error
	if in.Fields, err = record(c, "exhibit", "description", "case"); err != nil {
		return err
	}
	if in.At, err = occurred(c); err != nil {
		return err
	}
	useTools(c, from.Fields)
	if p := c.String("parameters"); p != "" {
		from.Fields["parameters"] = p
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if from.Item, err = s.Find(c.Context, c.Args().First()); err != nil {
		return err
	}
	if ref, ok := from.Item.Text("case"); ok && in.Fields["case"] == nil {
		in.Fields["case"] = ref
	}
	if err := t.underStandard(c, c.String("standard"), &in); err != nil {
		return err
	}
	r, err := t.newReport(c, "derive", nil)
	if err != nil {
		return err
	}
	progress := t.term.Progress()
	defer progress.Close()
	in.Progress = progress
	parent, child, err := s.Derive(c.Context, from, in)
	progress.Close()
	r.sealed(child, logged(parent), err)
	return r.end()
}
