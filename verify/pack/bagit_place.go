package pack

import (
	"fmt"
	"slices"
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

// BagIt returns what a bag has to be by the items and their records, or nil when entry
// is no BagIt bag. Of copies whose SHA-256 the record does not show or state, found
// gives digests; a zero SHA-256 stands for one that is not known.
func (d *Dossier) BagIt(entry string, found func(Enclosed) evidence.Digests) *BagIt {
	for i, l := range d.Items {
		if bag := BagName(i + 1); entry == bag || entry == Encrypted(bag) {
			return d.bagIt(l, entry, found)
		}
	}
	return nil
}

func (d *Dossier) bagIt(l ItemLine, entry string, found func(Enclosed) evidence.Digests) *BagIt {
	b, at := &BagIt{}, map[string]int{} // where in the bag the copy of a file is
	for _, p := range l.Payload {
		if p.Entry == entry && p.InBagIt() {
			at[p.File] = len(b.Copies)
			b.add(p.Member, BagCopy{})
		}
	}
	if len(b.Copies) == 0 {
		return nil
	}
	d.stated(l.Item, func(file string, x *evidence.Digests) {
		if i, ok := at[file]; ok {
			b.Copies[i].Size, b.Copies[i].SHA256 = x.Size, x.SHA256
		}
	})
	for _, p := range l.Payload {
		if i, ok := at[p.File]; ok && b.Copies[i].SHA256 == (evidence.Hash{}) {
			x := found(p)
			b.Copies[i].Size, b.Copies[i].SHA256 = x.Size, x.SHA256
		}
	}
	slices.SortFunc(b.Copies, func(x, y BagCopy) int { return strings.Compare(x.Name, y.Name) })
	return b
}

// add appends a copy, which takes its name from the member it is.
func (b *BagIt) add(member string, c BagCopy) {
	b.Folder, c.Name, _ = strings.Cut(member, "/")
	b.Copies = append(b.Copies, c)
}

// stated calls f for each file of an item's first record that is shown with a SHA-256.
func (d *Dossier) stated(item evidence.ItemID, f func(file string, x *evidence.Digests)) {
	d.eachRecord(func(of evidence.ItemID, seq uint64, v *evidence.View) {
		if of != item || seq != 0 {
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
	})
}
