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

// NameShown is a file that is held back and whose name stands all the same in an
// entry that is shown: a name may be what is to be held back.
type NameShown struct {
	Item evidence.ItemID `json:"item"`
	File string          `json:"file"` // the entry held back, such as file/2
	In   string          `json:"in"`   // the entry shown, such as imported
}

// leastName is how many bytes a name has that is looked for inside other texts.
const leastName = 4

// heldName is a file that is held back.
type heldName struct{ entry, path string }

// namesShown looks in the record of the collection for names of files held back.
func (p *packPlan) namesShown(it *Item) error {
	view, err := it.First().View()
	if err != nil {
		return err
	}
	var names []heldName
	for _, e := range view.Files() {
		if e.Form != evidence.Shown || p.held(it, e.Name) < 0 {
			continue
		}
		v, err := evidence.ParseFileValue(e.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		names = append(names, heldName{e.Name, v.Path})
	}
	for _, e := range view.Entries {
		if len(names) == 0 {
			return nil
		}
		if e.Form != evidence.Shown || p.held(it, e.Name) >= 0 || strings.HasPrefix(e.Name, "file/") {
			continue
		}
		texts, err := textsOf(e.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		names = slices.DeleteFunc(names, func(n heldName) bool {
			shown := n.standsIn(texts)
			if shown {
				p.out.Names = append(p.out.Names, NameShown{it.ID, n.entry, e.Name})
			}
			return shown
		})
	}
	return nil
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
