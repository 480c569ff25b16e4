package closed

import (
	"errors"
	"fmt"

	"example.org/custody/evidence"
)

// ErrProof reports a proof that proves nothing about the seal under the root.
var ErrProof = errors.New("proof of the map of closed seals does not hold")

// Proof shows what the map with some root says about one seal (spec/leaf.md,
// "Map of closed seals"). The same form proves that a seal is closed and that it
// is unbroken.
type Proof struct {
	// Reached is where a search for the seal ends: the seal itself when it is
	// closed, otherwise the only one that could stand in its place. It is nil when
	// the map is empty.
	Reached *Entry
	// Path has the inner nodes passed, the root first; at most 256, bits rising.
	Path []Step
}

// Entry is one closed seal and the hash of the leaf that closed it.
type Entry struct {
	Seal evidence.Seal
	Leaf evidence.Hash
}

// Step is an inner node passed on the way to an entry.
type Step struct {
	Bit   uint8         // first bit in which the seals below the node differ
	Other evidence.Hash // hash of the child that was not taken
}

// Verify checks the proof against the root of a map. closed says whether the map
// has the seal, and leaf is then the hash of the leaf that closed it. With an
// error, which is [ErrProof], the other results mean nothing. It does no I/O.
//
// That the map itself is right, complete up to an epoch's covered size and without
// a second close, is what auditors sign; a proof cannot show it.
func (p Proof) Verify(root evidence.Hash, seal evidence.Seal) (leaf evidence.Hash, closed bool, err error) {
	if p.Reached == nil {
		if len(p.Path) != 0 || root != emptyRoot {
			return leaf, false, fmt.Errorf("seal %s in an empty map: %w", seal, ErrProof)
		}
		return leaf, false, nil
	}
	for i, s := range p.Path {
		if i > 0 && s.Bit <= p.Path[i-1].Bit {
			return leaf, false, fmt.Errorf("seal %s: bits do not rise: %w", seal, ErrProof)
		}
		if bitOf(p.Reached.Seal, s.Bit) != bitOf(seal, s.Bit) {
			return leaf, false, fmt.Errorf("seal %s: proof is for another place: %w", seal, ErrProof)
		}
	}
	if p.fold(hashLeaf(p.Reached.Seal, p.Reached.Leaf), p.Path) != root {
		return leaf, false, fmt.Errorf("seal %s: root differs: %w", seal, ErrProof)
	}
	if p.Reached.Seal != seal {
		return leaf, false, nil
	}
	return p.Reached.Leaf, true, nil
}

// VerifyClosed checks that the seal is closed by leaf, or returns [ErrProof].
func (p Proof) VerifyClosed(root evidence.Hash, seal evidence.Seal, leaf evidence.Hash) error {
	got, closed, err := p.Verify(root, seal)
	if err != nil {
		return err
	}
	if !closed || got != leaf {
		return fmt.Errorf("seal %s is not closed by leaf %s: %w", seal, leaf, ErrProof)
	}
	return nil
}

// VerifyUnbroken checks that the seal is not closed, or returns [ErrProof].
func (p Proof) VerifyUnbroken(root evidence.Hash, seal evidence.Seal) error {
	_, closed, err := p.Verify(root, seal)
	if err != nil {
		return err
	}
	if closed {
		return fmt.Errorf("seal %s is closed: %w", seal, ErrProof)
	}
	return nil
}

// Insert returns the root that the map gets when the unbroken seal is closed by
// leaf. It needs the proof and no map, so that a third party can follow a log from
// one epoch to the next. A seal that is closed, or a proof that does not hold, is
// [ErrProof].
func (p Proof) Insert(root evidence.Hash, seal evidence.Seal, leaf evidence.Hash) (evidence.Hash, error) {
	if err := p.VerifyUnbroken(root, seal); err != nil {
		return evidence.Hash{}, err
	}
	added := hashLeaf(seal, leaf)
	if p.Reached == nil {
		return added, nil
	}
	bit := firstDifference(seal, p.Reached.Seal)
	above := 0
	for above < len(p.Path) && p.Path[above].Bit < bit {
		above++
	}
	beside := p.fold(hashLeaf(p.Reached.Seal, p.Reached.Leaf), p.Path[above:])
	return p.fold(join(bit, seal, added, beside), p.Path[:above]), nil
}

// fold hashes h upwards through path.
func (p Proof) fold(h evidence.Hash, path []Step) evidence.Hash {
	for i := len(path) - 1; i >= 0; i-- {
		h = join(path[i].Bit, p.Reached.Seal, h, path[i].Other)
	}
	return h
}
