package inventory

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"example.org/custody/evidence"
)

// ErrProof reports a proof that does not show what it is said to.
var ErrProof = errors.New("the proof does not hold")

// Place is one entry, where it stands, and its audit path (RFC 6962 §2.1.1).
type Place struct {
	Entry Entry
	Index int
	Path  []evidence.Hash
}

// Prover makes proofs over one inventory; it holds the hashes of its tree.
type Prover struct {
	inv    *Inventory
	stored []tlog.Hash
}

// NewProver computes the tree of an inventory.
func NewProver(inv *Inventory) (*Prover, error) {
	p := &Prover{inv: inv, stored: make([]tlog.Hash, 0, tlog.StoredHashCount(int64(len(inv.entries))))}
	for i := range inv.entries {
		more, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(inv.entries[i].leaf()), p)
		if err != nil {
			return nil, err
		}
		p.stored = append(p.stored, more...)
	}
	return p, nil
}

// ReadHashes implements [tlog.HashReader].
func (p *Prover) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = p.stored[x]
	}
	return out, nil
}

// Prove returns the entry of a name, or those between which it would stand: two,
// one at the edge, none when the set is empty.
func (p *Prover) Prove(name string) ([]Place, error) {
	at, there := p.inv.find(name)
	indexes := []int{at - 1, at}
	if there {
		indexes = []int{at}
	}
	var out []Place
	for _, i := range indexes {
		if i < 0 || i >= len(p.inv.entries) {
			continue
		}
		proof, err := tlog.ProveRecord(int64(len(p.inv.entries)), int64(i), p)
		if err != nil {
			return nil, err
		}
		place := Place{Entry: p.inv.entries[i], Index: i}
		for _, h := range proof {
			place.Path = append(place.Path, evidence.Hash(h))
		}
		out = append(out, place)
	}
	return out, nil
}

// Check reports whether the places prove, for a root whose tree is in order of the
// names, what the set has under a name. Presence is proven by root and count
// alone. Absence is not: whoever commits to a set out of order can place two
// neighbours around a name that is there. It counts only for a root that somebody
// who is trusted recomputed from the whole inventory ([Read] refuses one that is
// out of order).
//
// The places prove what the set that was committed to has
// under a name: its digest, or nothing. Otherwise it returns [ErrProof].
func Check(count int, root evidence.Hash, name string, places []Place) (digest evidence.Hash, there bool, err error) {
	for i := range places {
		if err := places[i].check(count, root); err != nil {
			return evidence.Hash{}, false, err
		}
	}
	switch {
	case len(places) == 1 && places[0].Entry.Name == name:
		return places[0].Entry.SHA256, true, nil
	case len(places) == 0 && count == 0 && root == new(evidence.ContentTree).Root():
		return evidence.Hash{}, false, nil
	case len(places) == 1 && (places[0].Index == 0 && name < places[0].Entry.Name || places[0].Index == count-1 && name > places[0].Entry.Name):
		return evidence.Hash{}, false, nil
	case len(places) == 2 && places[0].Index+1 == places[1].Index && places[0].Entry.Name < name && name < places[1].Entry.Name:
		return evidence.Hash{}, false, nil
	}
	return evidence.Hash{}, false, fmt.Errorf("%w: the entries do not stand around the name", ErrProof)
}

func (p *Place) check(count int, root evidence.Hash) error {
	path := make(tlog.RecordProof, len(p.Path))
	for i, h := range p.Path {
		path[i] = tlog.Hash(h)
	}
	if p.Index < 0 || p.Index >= count || checkName(p.Entry.Name) != nil ||
		tlog.CheckRecord(path, int64(count), tlog.Hash(root), int64(p.Index), tlog.Hash(p.Entry.leaf())) != nil {
		return fmt.Errorf("%w: entry %d is not in the set", ErrProof, p.Index)
	}
	return nil
}
