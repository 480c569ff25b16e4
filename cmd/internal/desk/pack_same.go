package desk

import (
	"fmt"

	"example.org/custody/evidence"
)

// sameShown looks for files that are shown and have the content of one that is held back,
// in whichever item: a reader would have it all the same, or at least its digests.
func (p *packPlan) sameShown() error {
	if len(p.in.Withhold) == 0 {
		return nil
	}
	held := map[evidence.Hash]HeldShown{}
	err := p.eachContent(func(it *Item, file string, tree evidence.Hash, isHeld bool) {
		if _, known := held[tree]; isHeld && !known {
			held[tree] = HeldShown{Item: it.ID, File: file}
		}
	})
	if err != nil || len(held) == 0 {
		return err
	}
	return p.eachContent(func(it *Item, file string, tree evidence.Hash, isHeld bool) {
		found, same := held[tree]
		if isHeld || !same {
			return
		}
		found.In = file
		if it.ID != found.Item {
			found.InItem = it.ID
		}
		p.out.Same = append(p.out.Same, found)
	})
}

// eachContent visits the files of all items that have content, by their content tree.
func (p *packPlan) eachContent(visit func(it *Item, file string, tree evidence.Hash, isHeld bool)) error {
	for _, it := range p.in.Items {
		view, err := it.First().View()
		if err != nil {
			return err
		}
		for _, e := range view.Files() {
			if e.Form != evidence.Shown {
				continue
			}
			v, err := evidence.ParseFileValue(e.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", e.Name, err)
			}
			if v.Digests != nil && v.Digests.Size > 0 {
				visit(it, e.Name, v.Digests.Tree, p.held(it, e.Name) >= 0)
			}
		}
	}
	return nil
}
