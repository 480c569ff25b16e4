package main

import (
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

const (
	codeWithholding ui.Code = "E-WITHHOLDING"
	codeByItem      ui.Code = "E-WITHHOLDING-ITEMS"
)

var _ = ui.Register(
	ui.Entry{Code: codeWithholding, Title: "The rules for withholding cannot be used",
		Means: "no package was written, because it might have shown what is to be held back",
		Do:    []string{"mend the line that is named", "custody show ITEM lists the names of its record"},
		For:   []error{desk.ErrWithholding, desk.ErrNotThere, desk.ErrNotSaid}},
	ui.Entry{Code: codeByItem, Title: "A rule by path is about one item",
		Means: "no package was written, because one of the items would have shown what the other holds back",
		Do:    []string{"pack these items one at a time"},
		For:   []error{desk.ErrByItem}},
)

// withholdFlags say what is held back.
func withholdFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "withhold", Usage: "hold back a value: `NAME=REASON`"},
		&cli.StringSliceFlag{Name: "hide", Usage: "hold back a value and its name: `NAME=REASON`"},
		&cli.StringSliceFlag{Name: "reveal", Usage: "show this `NAME`, and nothing that is not named so; needs --rest"},
		&cli.StringFlag{Name: "rest", Usage: "the `REASON` for what --reveal does not name"},
		&cli.PathFlag{Name: "withhold-by", Usage: "hold back what the rules in a `FILE` select: by name, by a file's path, or as personal by the standard (spec/package.md)"},
		&cli.StringFlag{Name: "decided-by", Usage: "who decided to withhold, an `AUTHORITY`"},
		&cli.StringFlag{Name: "review", Usage: "the `DAY` on which withholding is looked at again, such as 2027-01-01"},
	}
}

// readRules reads rules for withholding from a file, or from --reveal; nil for none.
func readRules(c *cli.Context) (*desk.Withholding, error) {
	reveal, rest, file := c.StringSlice("reveal"), c.String("rest"), c.Path("withhold-by")
	switch {
	case (len(reveal) > 0) != (rest != ""):
		return nil, ui.Usage("give --reveal NAME --rest REASON", "what is revealed alone needs a reason for the rest")
	case rest != "" && file != "":
		return nil, ui.Usage("write \"reveal\" and a rule with \"rest\" into the file", "--withhold-by and --reveal are one too many")
	case rest != "" && !knownReason(rest):
		return nil, ui.Usage("custody help pack lists the reasons", "%q is not a reason to withhold", rest)
	case rest != "":
		if err := decided(c); err != nil {
			return nil, err
		}
		return &desk.Withholding{Reveal: reveal, Rules: []desk.WithholdingRule{{
			ID: "rest", Rest: true, Code: evidence.ReasonCode(rest), Authority: c.String("decided-by"), Review: c.String("review"),
		}}}, nil
	case file == "":
		return nil, nil
	}
	b, err := input.Read(file, 1<<20)
	if err != nil {
		return nil, err
	}
	return desk.ParseWithholding(file, b)
}

// withheldOf adds to what is held back by name what the rules hold back of the items.
func withheldOf(byName []desk.Withhold, r *desk.Withholding, items []*desk.Item) ([]desk.Withhold, error) {
	if r == nil {
		return byName, nil
	}
	more, err := r.Names(items)
	for _, w := range more {
		if !slices.ContainsFunc(byName, func(x desk.Withhold) bool { return w.Name != "" && x.Name == w.Name }) {
			byName = append(byName, w)
		}
	}
	return byName, err
}

// decided refuses withholding without who decided it and when it is looked at again.
func decided(c *cli.Context) error {
	if c.String("decided-by") == "" || c.String("review") == "" {
		return ui.Usage("give --decided-by AUTHORITY and --review DAY", "what is withheld needs who decided it and when it is looked at again")
	}
	if _, err := time.Parse(time.DateOnly, c.String("review")); err != nil {
		return ui.Usage("write it like 2027-01-01", "--review %q is not a day", c.String("review"))
	}
	return nil
}
