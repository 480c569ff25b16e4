package pack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/custody/evidence"
)

// BagMember returns the name of the copy of file n in the bag of item i, both from 1
// (spec/package.md, "Bag").
func BagMember(i, n int) string { return fmt.Sprintf("%d/data/%d", i, n) }

// InBagIt reports whether a copy says that it is in a BagIt bag, as opposed to a bag of
// the earlier form, which has copies and nothing else, or to an entry of its own.
func (p Enclosed) InBagIt() bool { return strings.Contains(p.Member, "/") }

// placing is how an entry holds copies.
type placing int

const (
	asWhole  placing = iota // it is one
	inPlain                 // as members of a bag of the earlier form
	inFolder                // as members of a BagIt bag
)

func (p Enclosed) placing() placing {
	switch {
	case p.Member == "":
		return asWhole
	case p.InBagIt():
		return inFolder
	}
	return inPlain
}

// checkBagged refuses a copy in a BagIt bag whose entry or member is not the one of
// its file and its item, number i (from 1).
func (p Enclosed) checkBagged(i int) error {
	n, numbered := strings.CutPrefix(p.File, "file/")
	bag := BagName(i)
	if numbered && (p.Entry == bag || p.Entry == Encrypted(bag)) && p.Member == fmt.Sprintf("%d/data/%s", i, n) {
		return nil
	}
	return fmt.Errorf("member %.200q of entry %.200q is not where the copy of %.200q belongs", p.Member, p.Entry, p.File)
}

// itemOf returns the item whose bag a copy is in.
func (d *Dossier) itemOf(p Enclosed) (evidence.ItemID, error) {
	folder, _, _ := strings.Cut(p.Member, "/")
	i, err := strconv.Atoi(folder)
	if err != nil || i < 1 || i > len(d.Items) {
		return evidence.ItemID{}, fmt.Errorf("member %.200q is in the folder of no item", p.Member)
	}
	return d.Items[i-1].Item, nil
}

// Bags tells what the BagIt bags of a dossier have to be. It looks at the events once,
// however many bags are asked about.
type Bags struct {
	items map[string]ItemLine                // whose copies may be in a bag, by its name
	first map[evidence.ItemID]*evidence.View // the record of an item's first event
}

// Bags looks up what the bags of a dossier follow from.
func (d *Dossier) Bags() *Bags {
	b := &Bags{make(map[string]ItemLine, len(d.Items)), make(map[evidence.ItemID]*evidence.View, len(d.Items))}
	for i, l := range d.Items {
		b.items[BagName(i+1)] = l
	}
	d.eachRecord(func(item evidence.ItemID, seq uint64, v *evidence.View) {
		if seq == 0 {
			b.first[item] = v
		}
	})
	return b
}

// Of returns what a bag has to be by the items and their records, or nil when entry
// is no BagIt bag. Of copies whose SHA-256 the record does not show or state, found
// gives digests; a zero SHA-256 stands for one that is not known.
func (b *Bags) Of(entry string, found func(Enclosed) evidence.Digests) *BagIt {
	l, ok := b.items[strings.TrimSuffix(entry, encryptedSuffix)]
	if !ok {
		return nil
	}
	bag, at := &BagIt{Item: l.Item}, map[string]int{} // where in the bag the copy of a file is
	var copies []Enclosed                             // in the order of the bag's, until that is sorted
	for _, p := range l.Payload {
		if p.Entry == entry && p.InBagIt() { // the file may have a copy in another entry too
			at[p.File] = len(copies)
			copies = append(copies, p)
			bag.add(p.Member, BagCopy{})
		}
	}
	if len(copies) == 0 {
		return nil
	}
	stated(b.first[l.Item], func(file string, x *evidence.Digests) {
		if i, ok := at[file]; ok {
			bag.Copies[i].Size, bag.Copies[i].SHA256 = x.Size, x.SHA256
		}
	})
	for i, p := range copies {
		if c := &bag.Copies[i]; c.SHA256 == (evidence.Hash{}) {
			x := found(p)
			c.Size, c.SHA256 = x.Size, x.SHA256
		}
	}
	slices.SortFunc(bag.Copies, func(x, y BagCopy) int { return strings.Compare(x.Name, y.Name) })
	return bag
}

// add appends a copy, which takes its name from the member it is.
func (b *BagIt) add(member string, c BagCopy) {
	b.Folder, c.Name, _ = strings.Cut(member, "/")
	b.Copies = append(b.Copies, c)
}

// stated calls f for each file of a record that is shown with a SHA-256. The record may
// be nil.
func stated(v *evidence.View, f func(file string, x *evidence.Digests)) {
	if v == nil {
		return
	}
	for _, e := range v.Files() {
		if e.Form != evidence.Shown {
			continue
		}
		if x, err := evidence.ParseFileValue(e.Value); err == nil && x.Digests != nil && x.Digests.SHA256 != (evidence.Hash{}) {
			f(e.Name, x.Digests)
		}
	}
}
