package desk

import (
	"encoding/json"
	"fmt"
	"index/suffixarray"
	"maps"
	"path"
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// leastName is how many bytes a name has that is looked for inside other texts.
const leastName = 4

// heldName is a file that is held back.
type heldName struct{ entry, path string }

// namesShown looks for names of files held back in the records of the item, and in those
// of every item made from it: a redacted copy may be called like its original.
func (p *packPlan) namesShown(it *Item) error {
	names, err := p.namesHeld(it)
	if err != nil || len(names) == 0 {
		return err
	}
	if err := p.shownIn(it, HeldShown{Item: it.ID}, slices.Clone(names)); err != nil {
		return err
	}
	for _, made := range p.madeFrom(it) {
		if err := p.shownIn(made, HeldShown{Item: it.ID, InItem: made.ID}, slices.Clone(names)); err != nil {
			return err
		}
	}
	return nil
}

// madeFrom lists the items of the package that were made from one.
func (p *packPlan) madeFrom(it *Item) []*Item {
	if p.made == nil {
		p.made = map[evidence.ItemID][]*Item{}
		for _, x := range p.in.Items {
			if from := x.First().Event.Parent; from != nil {
				p.made[from.Item] = append(p.made[from.Item], x)
			}
		}
	}
	return p.made[it.ID]
}

// namesHeld lists the files of an item that are held back.
func (p *packPlan) namesHeld(it *Item) (names []heldName, err error) {
	view, err := it.First().View()
	if err != nil {
		return nil, err
	}
	for _, e := range view.Files() {
		if e.Form != evidence.Shown || p.held(it, e.Name) < 0 {
			continue
		}
		v, err := evidence.ParseFileValue(e.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		names = append(names, heldName{e.Name, v.Path})
	}
	return names, nil
}

// shownIn looks for names in what is shown of the records of an item, each until it is
// found, and says where as found says.
func (p *packPlan) shownIn(in *Item, found HeldShown, names []heldName) error {
	tell := func(n heldName, in string) {
		found.File, found.In = n.entry, in
		p.out.Names = append(p.out.Names, found)
	}
	names, err := p.inPaths(in, names, tell)
	if err != nil {
		return err
	}
	for _, event := range in.Entries {
		view, err := event.View()
		if err != nil {
			return err
		}
		for _, e := range view.Entries {
			if len(names) == 0 {
				return nil
			}
			if e.Form != evidence.Shown || p.held(in, e.Name) >= 0 || strings.HasPrefix(e.Name, "file/") {
				continue
			}
			texts, err := textsOf(e.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", e.Name, err)
			}
			names = slices.DeleteFunc(names, func(n heldName) bool {
				shown := n.standsIn(texts)
				if shown {
					tell(n, e.Name)
				}
				return shown
			})
		}
	}
	return nil
}

// inPaths looks for names in the paths of files that are shown, and returns those that
// stand in none.
func (p *packPlan) inPaths(in *Item, names []heldName, tell func(n heldName, in string)) ([]heldName, error) {
	view, err := in.First().View()
	if err != nil {
		return nil, err
	}
	paths := &shownPaths{names: names, tell: tell}
	for _, e := range view.Files() {
		if e.Form != evidence.Shown || p.held(in, e.Name) >= 0 {
			continue
		}
		v, err := evidence.ParseFileValue(e.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		paths.add(e.Name, v.Path, v.Target)
	}
	paths.search()
	return paths.names, nil
}

// textsOf makes the texts inside a JSON value ready to be searched for many names, each
// between two zero bytes.
func textsOf(value json.RawMessage) (*suffixarray.Index, error) {
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		return nil, err
	}
	all := []byte{0}
	eachText(v, func(s string) { all = append(append(all, s...), 0) })
	return suffixarray.New(all), nil
}

// standsIn reports whether the path is one of the texts, or it or its last part stands
// inside one.
func (n heldName) standsIn(texts *suffixarray.Index) bool {
	in := func(s string) bool { return len(texts.Lookup([]byte(s), 1)) > 0 }
	base := path.Base(n.path)
	return in("\x00"+n.path+"\x00") || len(n.path) >= leastName && in(n.path) || len(base) >= leastName && in(base)
}

// eachText visits every text inside a JSON value.
func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, one := range v {
			eachText(one, visit)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			eachText(v[name], visit)
		}
	}
}
