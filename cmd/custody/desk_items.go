package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

// chooseItems returns the items named by args, and those of the proceeding that
// --case names, each once. Items of a case that have ended are left out: nothing
// more can be done with them.
func (t *tool) chooseItems(c *cli.Context, s *desk.Session, args []string) ([]*desk.Item, error) {
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
	ended := 0
	for _, it := range all {
		if it.Last().Event.Ends() {
			ended++
			continue
		}
		items = addItem(items, it)
	}
	if ended > 0 {
		t.term.Say("%s of case %q ended before and left out", ui.Count(ended, "item", "items"), ref)
	}
	if len(items) == 0 {
		return nil, &ui.Problem{Code: codeEnded, What: "every item of case " + ref + " has ended", Err: errors.Join(desk.ErrEnded)}
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
