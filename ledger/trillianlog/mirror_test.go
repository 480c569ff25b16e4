package trillianlog

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
)

// The tiles of every size give the root of the leaves, and the leaves; and those that are
// opened again go on.
func TestMirror(t *testing.T) {
	const o = evidence.Origin("log.example/test")
	signer := testSigner(t, string(o))
	root := t.TempDir()
	m := newMirror(root, durable.Files{})
	n := uint64(0)
	for _, more := range []uint64{1, 1, 2, 251, 1, 1, 255, 256, 257, 600, 1} {
		if err := m.grow(ledgertest.Events(n, n+more)); err != nil {
			t.Fatal(err)
		}
		n += more
		c, err := m.checkpoint(t.Context(), o, n)
		if err != nil || c.Root != evidence.Hash(ledgertest.Root(ledgertest.Events(0, n))) {
			t.Fatalf("%d leaves: %+v, %v", n, c, err)
		}
		if got, err := all(t.Context(), m, n); err != nil || !slices.Equal(got, ledgertest.Events(0, n)) {
			t.Fatalf("%d leaves: read %d, %v", n, len(got), err)
		}
		again := publishedMirror(t, root, o, signer, c)
		if again.size.Load() != n {
			t.Fatalf("opened again it has %d leaves, not %d", again.size.Load(), n)
		}
		m = again
	}
}

func all(ctx context.Context, m *mirror, n uint64) (leaves []ledger.Leaf, err error) {
	for l, err := range m.leaves(ctx, 0, n) {
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, l)
	}
	return leaves, nil
}

// publishedMirror opens the mirror in root under a published checkpoint.
func publishedMirror(t *testing.T, root string, o evidence.Origin, signer note.Signer, c ledger.Checkpoint) *mirror {
	t.Helper()
	signed, err := c.Sign(signer)
	if err == nil {
		err = os.WriteFile(filepath.Join(root, "checkpoint"), signed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	m, got, err := openMirror(t.Context(), root, o, durable.Files{})
	if err != nil || got != c {
		t.Fatalf("%+v, %v", got, err)
	}
	return m
}

// What is damaged where the log grows begins anew, and what was published is not forgotten.
func TestMirrorDamaged(t *testing.T) {
	const o = evidence.Origin("log.example/test")
	root := t.TempDir()
	m := newMirror(root, durable.Files{})
	if err := m.grow(ledgertest.Events(0, 300)); err != nil {
		t.Fatal(err)
	}
	c, err := m.checkpoint(t.Context(), o, 300)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "tile", "0", "001.p", "44"), make([]byte, 44*32), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := publishedMirror(t, root, o, testSigner(t, string(o)), c); got.size.Load() != 0 {
		t.Errorf("%d leaves of a damaged tile", got.size.Load())
	}
}

// testSigner returns the signer of a test ledger, the same in every process.
func testSigner(t testing.TB, origin string) note.Signer {
	t.Helper()
	skey, _, err := note.GenerateKey(zeros{}, origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// zeros makes the same key in every process.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
