package ledger_test

import (
	"errors"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// tree is a log of events in memory with checkpoints of every size.
type tree struct {
	log    *ledgertest.MemLog
	leaves []ledger.Leaf
	hashes []evidence.Hash
}

func newTree(t *testing.T, n uint64) tree {
	t.Helper()
	disk := ledgertest.NewDisk(vectorOrigin)
	tr := tree{leaves: ledgertest.Events(0, n)}
	disk.Force(tr.leaves...)
	for _, l := range tr.leaves {
		tr.hashes = append(tr.hashes, l.Hash())
	}
	var err error
	if tr.log, err = disk.Open(); err != nil {
		t.Fatal(err)
	}
	return tr
}

// at returns the checkpoint of a size, its root computed from the leaves.
func (tr tree) at(size uint64) ledger.Checkpoint {
	return ledger.Checkpoint{Origin: vectorOrigin, Size: size, Root: evidence.Hash(ledgertest.Root(tr.leaves[:size]))}
}

func (tr tree) reader(t *testing.T, size uint64) tlog.HashReader {
	return tr.log.Hashes(t.Context(), size)
}

// Every leaf of every small tree is proven, and no other leaf, index or size by the
// same proof.
func TestInclusion(t *testing.T) {
	const n = 18
	tr := newTree(t, n)
	for size := uint64(1); size <= n; size++ {
		c := tr.at(size)
		for i := range size {
			p, err := c.ProveInclusion(tr.reader(t, size), i, tr.hashes[i])
			if err != nil {
				t.Fatal(err)
			}
			for j := range size {
				for k := range size {
					if err := c.VerifyInclusion(p, j, tr.hashes[k]); (err == nil) != (i == j && j == k) || err != nil && !errors.Is(err, ledger.ErrProof) {
						t.Fatalf("size %d: proof of %d for leaf %d at %d: %v", size, i, k, j, err)
					}
				}
			}
		}
		if _, err := c.ProveInclusion(tr.reader(t, size), size, tr.hashes[0]); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("size %d: leaf beyond the tree: %v", size, err)
		}
		if _, err := c.ProveInclusion(tr.reader(t, size), 0, evidence.Hash{}); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("size %d: leaf that is not there: %v", size, err)
		}
	}
}

func TestConsistency(t *testing.T) {
	const n = 18
	tr := newTree(t, n)
	for size := range uint64(n + 1) {
		c := tr.at(size)
		for from := range uint64(n + 1) {
			old := tr.at(from)
			p, err := c.ProveConsistency(tr.reader(t, size), old)
			if from > size {
				if !errors.Is(err, ledger.ErrProof) {
					t.Fatalf("from %d to %d: %v", from, size, err)
				}
				continue
			}
			if err != nil || c.VerifyConsistency(p, old) != nil {
				t.Fatalf("from %d to %d: %v", from, size, err)
			}
			other := old
			other.Root[0] ^= 1
			for name, bad := range map[string]error{
				"another old root": c.VerifyConsistency(p, other),
				"a hash more":      c.VerifyConsistency(append(p[:len(p):len(p)], evidence.Hash{}), old),
				"another log":      c.VerifyConsistency(p, ledger.Checkpoint{Origin: "bb.example/ledger", Size: old.Size, Root: old.Root}),
			} {
				if !errors.Is(bad, ledger.ErrProof) {
					t.Errorf("from %d to %d, %s: %v", from, size, name, bad)
				}
			}
			for i := range p {
				q := append([]evidence.Hash{}, p...)
				q[i][0] ^= 1
				if err := c.VerifyConsistency(q, old); !errors.Is(err, ledger.ErrProof) {
					t.Errorf("from %d to %d, hash %d changed: %v", from, size, i, err)
				}
			}
		}
	}
}

// A range proof proves its run of leaves and the tree before it, and nothing else.
func TestRange(t *testing.T) {
	const n = 40
	tr := newTree(t, n)
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Uint64Range(0, n).Draw(rt, "size")
		from := rapid.Uint64Range(0, size).Draw(rt, "from")
		to := rapid.Uint64Range(from, size).Draw(rt, "to")
		c := tr.at(size)
		p, err := ledger.ProveRange(tr.reader(t, size), from, to, size)
		if err != nil {
			rt.Fatal(err)
		}
		run := tr.hashes[from:to]
		before, err := c.OpenRange(p, from, run)
		if err != nil || before != tr.at(from).Root || c.VerifyRange(p, from, run) != nil {
			rt.Fatalf("leaves %d to %d of %d: before %s, %v", from, to, size, before, err)
		}
		refuse := func(what string, c ledger.Checkpoint, p []evidence.Hash, from uint64, run []evidence.Hash) {
			if err := c.VerifyRange(p, from, run); !errors.Is(err, ledger.ErrProof) {
				rt.Fatalf("leaves %d to %d of %d, %s: %v", from, to, size, what, err)
			}
		}
		changed := func(h []evidence.Hash, i int) []evidence.Hash {
			h = append([]evidence.Hash{}, h...)
			h[i][31] ^= 1
			return h
		}
		for i := range run {
			refuse("a leaf changed", c, p, from, changed(run, i))
		}
		for i := range p {
			refuse("a hash changed", c, changed(p, i), from, run)
		}
		refuse("a hash more", c, append(p[:len(p):len(p)], evidence.Hash{}), from, run)
		if len(p) > 0 {
			refuse("a hash less", c, p[:len(p)-1], from, run)
		}
		if len(run) > 0 {
			refuse("a leaf less", c, p, from, run[:len(run)-1])
			refuse("moved", c, p, from+1, run)
		}
		other := c
		other.Root[0] ^= 1
		refuse("another root", other, p, from, run)
	})
	for _, r := range [][3]uint64{{2, 1, 4}, {0, 5, 4}, {0, 1, ledger.MaxSize + 1}} {
		if _, err := ledger.ProveRange(tr.reader(t, 4), r[0], r[1], r[2]); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("leaves %v: %v", r, err)
		}
	}
}

// Hashes that a log does not have, or has otherwise, end where the proof is made.
func TestProofsFromBadHashes(t *testing.T) {
	tr := newTree(t, 9)
	lie := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return make([]tlog.Hash, len(indexes)), nil })
	few := tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, nil })
	fail := tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, ledgertest.ErrFault })
	c := tr.at(9)
	if _, err := c.ProveInclusion(lie, 3, tr.hashes[3]); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("inclusion: %v", err)
	}
	if _, err := c.ProveConsistency(lie, tr.at(4)); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("consistency: %v", err)
	}
	if _, err := ledger.ProveRange(few, 3, 4, 9); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("range: %v", err)
	}
	for name, err := range map[string]error{
		"inclusion": second(c.ProveInclusion(fail, 3, tr.hashes[3])), "consistency": second(c.ProveConsistency(fail, tr.at(4))),
		"range": second(ledger.ProveRange(fail, 3, 4, 9)), "root": second(ledger.CheckpointOf(vectorOrigin, 9, fail)),
	} {
		if !errors.Is(err, ledgertest.ErrFault) {
			t.Errorf("%s: %v, want the fault", name, err)
		}
	}
	if _, err := ledger.CheckpointOf(vectorOrigin, ledger.MaxSize+1, fail); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("root of too large a tree: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// A receipt is verified before it is handed out.
func TestNewReceipt(t *testing.T) {
	log, signed := vectorTree(t, 7)
	hashes := log.Hashes(t.Context(), 7)
	if _, err := ledger.NewReceipt(signed, hashes, 5, ledgertest.Event(4)); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("another leaf: %v", err)
	}
	if _, err := ledger.NewReceipt([]byte("x"), hashes, 5, ledgertest.Event(5)); !errors.Is(err, ledger.ErrNote) {
		t.Errorf("no checkpoint: %v", err)
	}
	r, err := ledger.NewReceipt(signed, hashes, 5, ledgertest.Event(5))
	if err != nil {
		t.Fatal(err)
	}
	signed[0] ^= 1 // the receipt's note is its own
	if c, err := r.Verify(ledgertest.Event(5), verifierOf(vectorLog)); err != nil || c.Size != 7 {
		t.Errorf("%+v, %v", c, err)
	}
}
