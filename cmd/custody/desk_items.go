package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

// chooseItems returns the items named by args, and those of the proceeding that
// --case names, each once. Items of a case that have ended are left out: nothing
// more can be done with them.
func (t *tool) chooseItems(c *cli.Context, s *desk.Session, args []string) ([]*desk.Item, error) {
	return t.chooseThose(c, s, args, "ended", func(it *desk.Item) bool { return !it.Last().Event.Ends() })
}

// chooseOffered is chooseItems for verbs that answer or withdraw: of a case it
// takes what is offered.
func (t *tool) chooseOffered(c *cli.Context, s *desk.Session, args []string) ([]*desk.Item, error) {
	return t.chooseThose(c, s, args, "not offered", func(it *desk.Item) bool { return it.Last().Event.Action == evidence.Offer })
}

// chooseThose chooses items; of a case those that fit, and others says what the
// rest is. An item that is named is decided when it is acted on.
func (t *tool) chooseThose(c *cli.Context, s *desk.Session, args []string, others string, fits func(*desk.Item) bool) ([]*desk.Item, error) {
	ref := c.String("case")
	if len(args) == 0 && ref == "" {
		return nil, ui.Usage("name items, or --case REFERENCE", "no item was named")
	}
	var items []*desk.Item
	for _, name := range args {
		it, err := s.Find(c.Context, name)
		if err != nil {
			return nil, err
		}
		items = addItem(items, it)
	}
	if ref == "" {
		return items, nil
	}
	all, err := s.InCase(c.Context, ref)
	if err != nil {
		return nil, err
	}
	left := 0
	for _, it := range all {
		if !fits(it) {
			left++
			continue
		}
		items = addItem(items, it)
	}
	if left > 0 {
		t.term.Say("%s of case %q: %s, left out", ui.Count(left, "item", "items"), ref, others)
	}
	if len(items) == 0 {
		return nil, ui.NewProblem(codeNoneLeft, nil, "of case %q every item is %s", ref, others)
	}
	return items, nil
}

func addItem(items []*desk.Item, it *desk.Item) []*desk.Item {
	for _, have := range items {
		if have.ID == it.ID {
			return items
		}
	}
	return append(items, it)
}
