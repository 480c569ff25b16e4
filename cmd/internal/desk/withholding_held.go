package desk

import (
	"errors"
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// ErrNothingHeld reports a name to withhold that no record has.
var ErrNothingHeld = errors.New("no record to be packed has an entry of that name")

// heldNames finds among many names the first that holds an entry back, and remembers
// which were found.
type heldNames struct {
	list    []Withhold
	exact   map[EntryName]int // the first place in the list
	folders []int             // of those that stand for all that begin with them
	rest    []int             // of what holds for the rest

	used  map[int]bool              // what names an entry that there is, whichever decides about it
	alone map[int][]evidence.ItemID // in which items an entry was held back by its number alone
}

func namesOf(list []Withhold) *heldNames {
	h := &heldNames{list: list, exact: map[EntryName]int{}, used: map[int]bool{}, alone: map[int][]evidence.ItemID{}}
	for i, w := range list {
		_, there := h.exact[w.EntryName]
		switch {
		case w.Name == "":
			h.rest = append(h.rest, i)
		case strings.HasSuffix(w.Name, "/"):
			h.folders = append(h.folders, i)
		case !there:
			h.exact[w.EntryName] = i
		}
	}
	return h
}

// each visits the reasons that hold an entry back: those that name it, or, where none
// does and nothing reveals it, those that hold for the rest.
func (h *heldNames) each(e EntryName, visit func(i int)) {
	named := false
	for _, item := range [...]evidence.ItemID{EveryItem, e.Item} {
		if i, ok := h.exact[EntryName{item, e.Name}]; ok {
			named = true
			visit(i)
		}
	}
	for _, i := range h.folders {
		if h.list[i].means(e) {
			named = true
			visit(i)
		}
	}
	for _, i := range h.rest {
		if !named && h.list[i].isOf(e.Item) && !h.list[i].reveals(e) {
			visit(i)
		}
	}
}

// reveals reports whether what holds for the rest leaves an entry.
func (w *Withhold) reveals(e EntryName) bool {
	return slices.ContainsFunc(w.Except, func(x EntryName) bool { return x.means(e) })
}

// first returns which of the reasons decides about an entry, the first of those that hold
// it back, or -1.
func (h *heldNames) first(e EntryName) int {
	first := -1
	h.each(e, func(i int) {
		if first < 0 || i < first {
			first = i
		}
	})
	return first
}

// meet is first for an entry that there is: what names it was no slip.
func (h *heldNames) meet(item evidence.ItemID, name string) int {
	e := EntryName{item, name}
	first := h.first(e)
	h.each(e, func(i int) { h.used[i] = true })
	if first >= 0 && h.list[first].isNumbered() && h.list[first].Item == EveryItem && !slices.Contains(h.alone[first], item) {
		h.alone[first] = append(h.alone[first], item)
	}
	return first
}

// checkUsed refuses a name to withhold that no record has: a slip in it would
// show what was to be held back.
func (h *heldNames) checkUsed() error {
	for i, w := range h.list {
		same, named := h.exact[w.EntryName] // said twice, the first decides
		if !h.used[i] && !(named && h.used[same]) {
			return w.fault(ErrNothingHeld)
		}
	}
	return nil
}

// alike lists what was held back of several items by a number alone, which says nothing
// about it.
func (h *heldNames) alike() (names []string) {
	for i, w := range h.list {
		if len(h.alone[i]) > 1 {
			names = append(names, w.Name)
		}
	}
	return names
}

// held returns which of the reasons holds an entry of an item's records back, or -1.
func (p *packPlan) held(it *Item, name string) int { return p.names.first(EntryName{it.ID, name}) }

// revealsOne refuses with [ErrWhichEntry] an entry to be revealed that is named by its
// number alone, when there are several items: what was meant of one would be shown of
// another.
func (p *packPlan) revealsOne() error {
	for _, w := range p.in.Withhold {
		for _, e := range w.Except {
			if err := p.saysItem(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// saysItem refuses a number alone when there are several items.
func (p *packPlan) saysItem(e EntryName) error {
	if len(p.in.Items) > 1 && e.Item == EveryItem && e.isNumbered() {
		return e.fault(ErrWhichEntry)
	}
	return nil
}
