package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// Verify reads the whole log and reports the first thing in it that an auditor
// would refuse (rules P1, P11, P22): a leaf not in canonical form, a seal closed
// twice, an epoch whose covered size falls, whose link to the one before is
// wrong or whose root is not that of the map it covers; and stored hashes that do
// not give the tree's root. It returns every leaf.
//
// It recomputes each epoch's map from nothing: for logs of a few thousand leaves.
func Verify(ctx context.Context, r ledger.Reader) ([]ledger.Leaf, error) {
	size, err := r.Size(ctx)
	if err != nil {
		return nil, err
	}
	var (
		leaves []ledger.Leaf
		tree   []tlog.Hash
		v      = replay{previous: ledger.NoEpoch, closed: map[evidence.Seal]uint64{}}
	)
	for l, err := range r.Leaves(ctx, 0, size) {
		if err != nil {
			return nil, fmt.Errorf("leaf %d: %w", len(leaves), err)
		}
		if err := v.add(l); err != nil {
			return nil, fmt.Errorf("leaf %d: %w", len(leaves), err)
		}
		leaves = append(leaves, l)
		tree = append(tree, tlog.Hash(l.Hash()))
	}
	if uint64(len(leaves)) != size {
		return nil, fmt.Errorf("%d leaves in a log of size %d", len(leaves), size)
	}
	root, err := tlog.TreeHash(int64(size), r.Hashes(ctx, size))
	if err != nil {
		return nil, err
	}
	if root != treeHash(tree) {
		return nil, errors.New("the stored hashes give another root than the leaves")
	}
	return leaves, nil
}

// Root returns the root of a tree of leaves, by definition.
func Root(leaves []ledger.Leaf) tlog.Hash {
	tree := make([]tlog.Hash, len(leaves))
	for i, l := range leaves {
		tree[i] = tlog.Hash(l.Hash())
	}
	return treeHash(tree)
}

// replay is what an auditor knows after reading the leaves so far.
type replay struct {
	n, covered, previous uint64
	closed               map[evidence.Seal]uint64
	entries              []closing // in log order
	at                   []uint64  // index of each entry's leaf
}

func (v *replay) add(l ledger.Leaf) error {
	if _, err := ledger.ParseLeaf(l[:]); err != nil {
		return err
	}
	if seal, ok := l.Seal(); ok {
		if first, ok := v.closed[seal]; ok {
			return fmt.Errorf("seal %s is closed a second time, first by leaf %d", seal, first)
		}
		v.closed[seal] = v.n
		v.entries, v.at = append(v.entries, closing{seal, l.Hash()}), append(v.at, v.n)
	}
	if e, ok := l.Epoch(); ok {
		if err := v.epoch(e); err != nil {
			return err
		}
		v.covered, v.previous = e.Covered, v.n
	}
	v.n++
	return nil
}

func (v *replay) epoch(e ledger.Epoch) error {
	below, _ := slices.BinarySearch(v.at, e.Covered)
	switch {
	case e.Covered > v.n || e.Covered < v.covered:
		return fmt.Errorf("epoch covers %d leaves; the one before covers %d", e.Covered, v.covered)
	case e.Previous != v.previous:
		return fmt.Errorf("epoch names %d as the one before; it is %d", e.Previous, v.previous)
	case e.Root != mapRoot(slices.Clone(v.entries[:below])):
		return fmt.Errorf("epoch at %d has another root than the map of the seals closed below %d", v.n, e.Covered)
	}
	return nil
}
