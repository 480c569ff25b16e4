package desk

import (
	"errors"
	"fmt"
	"slices"

	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/readers"
)

// ReaderOf names somebody whom copies are encrypted to: those of the files that it names.
type ReaderOf struct {
	EntryName
	Recipient string // age1… or age1pq1…
}

// Errors of encrypting copies to readers.
var (
	// ErrNothingRead reports a name that no copy has that is to be enclosed.
	ErrNothingRead = errors.New("no copy of that name is to be enclosed")
	// ErrBagReaders reports files of one bag that different people may read.
	ErrBagReaders = errors.New("files of an item that are gathered in a bag must all have the same readers")
)

// readersOf returns the recipients of the copy of an item's file, ascending, and remembers
// what was used; none for a copy that everybody may read.
func (p *packPlan) readersOf(it *Item, file string) (to []string) {
	for i, r := range p.in.Readers {
		if r.means(EntryName{it.ID, file}) {
			to = append(to, r.Recipient)
			p.read[i] = true
		}
	}
	slices.Sort(to)
	return slices.Compact(to)
}

// encryptTo gives a copy its name as an encrypted one, when it has readers.
func (p *packPlan) encryptTo(it *Item, at pack.Enclosed) (pack.Enclosed, error) {
	to := p.readersOf(it, at.File)
	if to == nil {
		return at, nil
	}
	if err := readers.Check(to); err != nil {
		return at, fmt.Errorf("%s: %w", at.File, err)
	}
	at.Entry = pack.Encrypted(at.Entry)
	if had, there := p.recipients[at.Entry]; there && !slices.Equal(had, to) {
		return at, fmt.Errorf("%s: %w", at.File, ErrBagReaders)
	}
	p.recipients[at.Entry] = to
	p.out.Encrypted++
	return at, nil
}

// checkRead refuses a reader of a copy that is not to be enclosed, and one of a number
// alone when there are several items: the reader of one could open another's.
func (p *packPlan) checkRead() error {
	for i, r := range p.in.Readers {
		if !p.read[i] {
			return r.fault(ErrNothingRead)
		}
		if err := p.saysItem(r.EntryName); err != nil {
			return err
		}
	}
	return nil
}

// addReaders says in the dossier who can read what.
func (p *packPlan) addReaders(d *pack.Dossier) error {
	if err := p.checkRead(); err != nil {
		return err
	}
	for entry, to := range p.recipients {
		d.AddReaders(entry, to)
	}
	return nil
}
