package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.org/custody/ledger"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
)

func checkEmpty(ctx context.Context, open Open, dir string) error {
	return with(open, dir, func(l ledger.Log) error {
		if l.Origin() == "" {
			return errors.New("log has no origin")
		}
		if x, err := l.Append(ctx, nil); err != nil || len(x) != 0 {
			return fmt.Errorf("append of nothing: %v, %w", x, err)
		}
		return sameLeaves(ctx, l, nil)
	})
}

// batches cross the width of a tile (256) in every way, and leave the tree at
// sizes with one and with many complete subtrees.
var batches = []uint64{1, 1, 2, 5, 246, 1, 1, 255, 256, 257, 3, 600, 1}

func checkOrder(ctx context.Context, open Open, dir string) error {
	return with(open, dir, func(l ledger.Log) error {
		n := uint64(0)
		for _, b := range batches {
			if err := appendAll(ctx, l, Events(n, n+b)); err != nil {
				return err
			}
			n += b
		}
		return sameLeaves(ctx, l, Events(0, n))
	})
}

func checkReopen(ctx context.Context, open Open, dir string) error {
	n := uint64(0)
	for _, b := range []uint64{0, 1, 300, 0, 211, 1} {
		err := with(open, dir, func(l ledger.Log) error {
			if err := sameLeaves(ctx, l, Events(0, n)); err != nil {
				return err
			}
			return appendAll(ctx, l, Events(n, n+b))
		})
		if err != nil {
			return fmt.Errorf("at size %d: %w", n, err)
		}
		n += b
	}
	return with(open, dir, func(l ledger.Log) error { return sameLeaves(ctx, l, Events(0, n)) })
}

// checkHashes asks a grown log for trees of all the sizes it once had.
func checkHashes(ctx context.Context, open Open, dir string) error {
	return with(open, dir, func(l ledger.Log) error {
		var sizes []uint64
		n := uint64(0)
		for _, b := range batches {
			if err := appendAll(ctx, l, Events(n, n+b)); err != nil {
				return err
			}
			n += b
			sizes = append(sizes, n)
		}
		leaves := Events(0, n)
		for i, size := range append(sizes, 0, 7, 128, 256, 300, 512, 1000) {
			if err := checkTree(ctx, l, leaves[:size]); err != nil {
				return fmt.Errorf("tree of size %d: %w", size, err)
			}
			if i > 0 && i < len(sizes) {
				if err := checkGrowth(ctx, l, leaves[:sizes[i-1]], leaves[:size]); err != nil {
					return fmt.Errorf("from size %d to %d: %w", sizes[i-1], size, err)
				}
			}
		}
		_, err := tlog.TreeHash(int64(n)+1, l.Hashes(ctx, n+1))
		if err == nil {
			return errors.New("hashes for a tree larger than the log")
		}
		return nil
	})
}

// checkTree checks root and inclusion proofs with transparency-dev/merkle.
func checkTree(ctx context.Context, l ledger.Log, leaves []ledger.Leaf) error {
	size, hashes := uint64(len(leaves)), l.Hashes(ctx, uint64(len(leaves)))
	root, err := tlog.TreeHash(int64(size), hashes)
	if err != nil {
		return err
	}
	if root != Root(leaves) {
		return errors.New("wrong root")
	}
	for i := uint64(0); i < size; i += 1 + size/9 {
		p, err := tlog.ProveRecord(int64(size), int64(i), hashes)
		if err != nil {
			return err
		}
		h := leaves[i].Hash()
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, i, size, h[:], raw(p), root[:]); err != nil {
			return fmt.Errorf("inclusion of leaf %d: %w", i, err)
		}
	}
	return nil
}

func checkGrowth(ctx context.Context, l ledger.Log, old, new []ledger.Leaf) error {
	p, err := tlog.ProveTree(int64(len(new)), int64(len(old)), l.Hashes(ctx, uint64(len(new))))
	if err != nil {
		return err
	}
	r1, r2 := Root(old), Root(new)
	return proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(len(old)), uint64(len(new)), raw(p), r1[:], r2[:])
}

func raw(p []tlog.Hash) [][]byte {
	out := make([][]byte, len(p))
	for i := range p {
		out[i] = p[i][:]
	}
	return out
}

func checkRanges(ctx context.Context, open Open, dir string) error {
	const n = 700
	return with(open, dir, func(l ledger.Log) error {
		all := Events(0, n)
		if err := appendAll(ctx, l, all); err != nil {
			return err
		}
		for _, r := range [][2]uint64{{0, 0}, {0, 1}, {0, n}, {255, 257}, {256, 512}, {300, 301}, {511, n}, {n - 1, n}, {n, n}} {
			got, err := collect(ctx, l, r[0], r[1])
			if err != nil || !slices.Equal(got, all[r[0]:r[1]]) {
				return fmt.Errorf("leaves %v: %d leaves, %v", r, len(got), err)
			}
		}
		for _, r := range [][2]uint64{{0, n + 1}, {n, n + 1}, {n + 1, n + 1}, {2, 1}} {
			if _, err := collect(ctx, l, r[0], r[1]); err == nil {
				return fmt.Errorf("leaves %v of a log of size %d: no error", r, n)
			}
		}
		for range l.Leaves(ctx, 0, n) {
			break // the iterator must bear it
		}
		return nil
	})
}

// collect also checks that nothing follows an error.
func collect(ctx context.Context, r ledger.Reader, from, to uint64) (leaves []ledger.Leaf, err error) {
	for l, e := range r.Leaves(ctx, from, to) {
		if err != nil {
			return nil, errors.New("leaves go on after an error")
		}
		if err = e; err == nil {
			leaves = append(leaves, l)
		}
	}
	return leaves, err
}

func checkInUse(ctx context.Context, open Open, dir string) error {
	err := with(open, dir, func(l ledger.Log) error {
		if l2, err := open(dir); !errors.Is(err, ledger.ErrInUse) {
			if err == nil {
				l2.Close()
			}
			return fmt.Errorf("second open: %v, want ErrInUse", err)
		}
		return appendAll(ctx, l, Events(0, 3)) // the first must not have suffered
	})
	if err != nil {
		return err
	}
	return with(open, dir, func(l ledger.Log) error { return sameLeaves(ctx, l, Events(0, 3)) })
}

// checkSecondClose lets an engine choose: it takes whatever leaf it is given, or
// it refuses the second close of a seal and says which leaf was first.
func checkSecondClose(ctx context.Context, open Open, dir string) error {
	return with(open, dir, func(l ledger.Log) error {
		if err := appendAll(ctx, l, Events(0, 5)); err != nil {
			return err
		}
		_, err := l.Append(ctx, []ledger.Leaf{Rival(3, 1)})
		if err == nil {
			return nil
		}
		var refused *ledger.ClosedError
		if !errors.As(err, &refused) {
			return fmt.Errorf("second close of a seal: %w, want a ClosedError or none", err)
		}
		if want := (ledger.ClosedError{Seal: Key(3).Seal(), Index: 3, Leaf: Event(3).Hash()}); *refused != want {
			return fmt.Errorf("second close of a seal: %+v, want %+v", *refused, want)
		}
		return sameLeaves(ctx, l, Events(0, 5))
	})
}

// checkCancelled appends with a context that has ended: whatever is reported, the
// log holds what it says it holds and goes on.
func checkCancelled(ctx context.Context, open Open, dir string) error {
	return with(open, dir, func(l ledger.Log) error {
		if err := appendAll(ctx, l, Events(0, 5)); err != nil {
			return err
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		_, errAppend := l.Append(ended, Events(5, 8))
		want := Events(0, 5)
		if errAppend == nil {
			want = Events(0, 8)
		}
		// Leaves of an append that gave up may land late, but never behind this one.
		indexes, err := l.Append(ctx, Events(8, 9))
		if err != nil {
			return fmt.Errorf("after a cancelled append: %w", err)
		}
		if errAppend != nil && indexes[0] > 5 {
			want = Events(0, indexes[0])
		}
		return sameLeaves(ctx, l, append(want, Event(8)))
	})
}

func checkClosed(ctx context.Context, open Open, dir string) error {
	l, err := open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(appendAll(ctx, l, Events(0, 1)), l.Close()); err != nil {
		return err
	}
	if _, err := l.Append(ctx, Events(1, 2)); err == nil {
		return errors.New("append to a closed log: no error")
	}
	if err := l.Close(); err != nil {
		return fmt.Errorf("second Close: %w", err)
	}
	return with(open, dir, func(l ledger.Log) error { return sameLeaves(ctx, l, Events(0, 1)) })
}
