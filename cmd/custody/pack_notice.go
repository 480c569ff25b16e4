package main

import (
	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

// warnNoticed says what whoever packs should know before the package is given out.
func (t *tool) warnNoticed(n *desk.Noticed) {
	if n.Unsaid > 0 {
		t.term.Warn("%s about use limits held back: that there was a request is confidential. Their names stay, from which a reader may guess as much; --withhold-by with hide-name holds names back, too. Or name the request among the items, or ask for a use that shows it: --use-shows-request", ui.Count(n.Unsaid, "entry", "entries"))
	}
	if n.Apart > 0 {
		t.term.Warn("%s of a request's form held back: a provider must never see them; for an authority that has to have them: --to-authority", ui.Count(n.Apart, "answer", "answers"))
	}
	for _, name := range n.Alike {
		t.term.Warn("%s is held back of more than one item, and in each it is another thing; ITEM:%s holds back that of one item alone", name, name)
	}
	for _, x := range n.Same {
		t.term.Warn("%s of item %s is held back, and %s, which is shown, has the same content; if it must not be seen, hold that back, too", x.File, x.Item.Short(), placeOf(&x))
	}
	for _, x := range n.Names {
		t.term.Warn("%s of item %s is held back, and its name stands in %s, which is shown; if the name must not be seen, hold that back, too", x.File, x.Item.Short(), placeOf(&x))
	}
}

// placeOf names the entry that is shown, and its item where that is another.
func placeOf(x *desk.HeldShown) string {
	if x.InItem == desk.EveryItem {
		return x.In
	}
	return x.In + " of item " + x.InItem.Short()
}
