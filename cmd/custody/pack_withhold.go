package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

const (
	codeWithholding ui.Code = "E-WITHHOLDING"
	codeWhichEntry  ui.Code = "E-WHICH-ENTRY"
)

var _ = ui.Register(
	ui.Entry{Code: codeWithholding, Title: "The rules for withholding cannot be used",
		Means: "no package was written, because it might have shown what is to be held back",
		Do:    []string{"mend the line that is named", "custody show ITEM lists the names of its record"},
		For:   []error{desk.ErrWithholding, desk.ErrEntryName, desk.ErrNotThere, desk.ErrNotSaid, desk.ErrNotPacked}},
	ui.Entry{Code: codeWhichEntry, Title: "Of which item the entry is meant is not said",
		Means: "no package was written, because what was not meant might have been given out",
		Do:    []string{"name the item with it: E-0017:file/1", "custody show ITEM lists the names of its record"},
		For:   []error{desk.ErrWhichEntry}},
)

// withholdFlags say what is held back.
func withholdFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "withhold", Usage: "hold back a value, of one item or of every item: `[ITEM:]NAME=REASON`"},
		&cli.StringSliceFlag{Name: "hide", Usage: "hold back a value and its name: `[ITEM:]NAME=REASON`"},
		&cli.StringSliceFlag{Name: "reveal", Usage: "show this `[ITEM:]NAME`, and nothing that is not named so; needs --rest"},
		&cli.StringFlag{Name: "rest", Usage: "the `REASON` for what --reveal does not name"},
		&cli.PathFlag{Name: "withhold-by", Usage: "hold back what the rules in a `FILE` select: by name, by a file's path, or as personal by the standard (spec/package.md)"},
		&cli.StringFlag{Name: "decided-by", Usage: "who decided to withhold, an `AUTHORITY`"},
		&cli.StringFlag{Name: "review", Usage: "the `DAY` on which withholding is looked at again, such as 2027-01-01"},
	}
}

// readWithholding reads what is held back, and refuses what would not stand in a
// register: without reason, authority or review date.
func readWithholding(c *cli.Context) ([]holding, error) {
	var all []holding
	for _, flag := range []string{"withhold", "hide"} {
		for _, text := range c.StringSlice(flag) {
			at := strings.LastIndex(text, "=") // no reason has one; what a desk calls an item may
			if at < 0 || desk.CheckEntryName(text[:at]) != nil {
				return nil, ui.Usage("write it like --"+flag+" file/3=protected-person, or E-0017:file/3=protected-person", "--%s %q is not [ITEM:]NAME=REASON", flag, text)
			}
			name, code := text[:at], text[at+1:]
			if !knownReason(code) {
				return nil, ui.Usage("custody help pack lists the reasons", "%q is not a reason to withhold", code)
			}
			all = append(all, holding{name, desk.Withhold{
				Code: evidence.ReasonCode(code), Authority: c.String("decided-by"), Review: c.String("review"), HideName: flag == "hide",
			}})
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, decided(c)
}

func knownReason(code string) bool {
	for _, c := range evidence.ReasonCodes() {
		if string(c) == code {
			return true
		}
	}
	return false
}

// readRules reads rules for withholding from a file, or from --reveal; nil for none.
func readRules(c *cli.Context) (*desk.Withholding, error) {
	reveal, rest, file := c.StringSlice("reveal"), c.String("rest"), c.Path("withhold-by")
	for _, text := range reveal {
		if desk.CheckEntryName(text) != nil {
			return nil, ui.Usage("write it like --reveal file/3, or --reveal E-0017:file/3", "--reveal %q is neither NAME nor ITEM:NAME", text)
		}
	}
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

// holding is an entry to hold back as a person names it: [ITEM:]NAME.
type holding struct {
	named string
	desk.Withhold
}

// finder finds items of the desk by what a person calls them.
func finder(c *cli.Context, s *desk.Session) desk.FindItem {
	return func(name string) (evidence.ItemID, error) {
		it, err := s.Find(c.Context, name)
		if err != nil {
			return evidence.ItemID{}, err
		}
		return it.ID, nil
	}
}

// withheldOf finds the items of what is held back by name, and adds what the rules hold
// back.
func withheldOf(find desk.FindItem, byName []holding, r *desk.Withholding, items []*desk.Item) (all []desk.Withhold, err error) {
	for _, h := range byName {
		if h.EntryName, err = desk.ParseEntryName(h.named, find); err != nil {
			return nil, err
		}
		all = append(all, h.Withhold)
	}
	slices.SortStableFunc(all, mostHeld)
	if r == nil {
		return all, nil
	}
	more, err := r.Select(items, find)
	return append(all, more...), err
}

// mostHeld orders what is named so that of two reasons for one entry that decides which
// holds more back, and of those the one that names the item.
func mostHeld(a, b desk.Withhold) int {
	rank := func(w desk.Withhold) (n int) {
		if !w.HideName {
			n = 2
		}
		if w.Item == desk.EveryItem {
			n++
		}
		return n
	}
	return cmp.Compare(rank(a), rank(b))
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
