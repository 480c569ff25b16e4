//go:build engines

package trillianlog

import (
	"errors"
	"path/filepath"
	"testing"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

// embedded makes a ledger of the embedded engine with n leaves, and a receipt of one.
func embedded(t *testing.T, n uint64) (dir string, receipt ledger.Receipt) {
	t.Helper()
	dir, signer := filepath.Join(ledgertest.Folder(t), "ledger"), testSigner(t, testOrigin)
	if err := tesseralog.Create(t.Context(), dir, signer); err != nil {
		t.Fatal(err)
	}
	l, err := tesseralog.Open(t.Context(), dir, signer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Append(t.Context(), ledgertest.Events(0, n))
	if err == nil {
		var c ledger.Checkpoint
		if c, err = ledger.CheckpointOf(testOrigin, n, l.Hashes(t.Context(), n)); err == nil {
			var signed []byte
			if signed, err = c.Sign(signer); err == nil {
				receipt, err = ledger.NewReceipt(signed, l.Hashes(t.Context(), n), 7, ledgertest.Event(7))
			}
		}
	}
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	return dir, receipt
}

// A ledger that was moved has the same leaves under the same root, goes on where it was,
// and the embedded engine refuses it.
func TestEngineMigrate(t *testing.T) {
	s := trilliantest.Start(t)
	const leaves = 2300
	dir, receipt := embedded(t, leaves)
	// One that was interrupted has left some of the leaves, and they are the same.
	r, err := tesseralog.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	signer := testSigner(t, testOrigin)
	m, err := newMigration(t.Context(), testOrigin, signer, config(s))
	if err == nil {
		err = errors.Join(m.copy(t.Context(), r, 1500), m.close())
	}
	if err != nil {
		t.Fatal(err)
	}
	n, err := Migrate(t.Context(), dir, signer, config(s), r)
	if n != leaves || err != nil {
		t.Fatalf("%d leaves, %v", n, err)
	}
	if _, err := tesseralog.Open(t.Context(), dir, signer); !errors.Is(err, tesseralog.ErrHalf) {
		t.Errorf("the embedded engine opens it: %v", err)
	}
	l, err := Open(t.Context(), dir, signer, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	x, err := l.Append(t.Context(), ledgertest.Events(leaves, leaves+1))
	if err != nil || x[0] != leaves {
		t.Fatalf("the next leaf is at %v, %v", x, err)
	}
	got, err := ledgertest.Verify(t.Context(), l)
	if err != nil || ledgertest.Root(got) != ledgertest.Root(ledgertest.Events(0, leaves+1)) {
		t.Errorf("another tree: %d leaves, %v", len(got), err)
	}
	if _, err := receipt.Verify(ledgertest.Event(7), verifierOf(t, testOrigin)); err != nil {
		t.Errorf("a receipt from before: %v", err)
	}
	var twice *ledger.ClosedError
	if _, err := l.Append(t.Context(), []ledger.Leaf{ledgertest.Rival(7, 1)}); !errors.As(err, &twice) || twice.Index != 7 {
		t.Errorf("a seal that was closed before: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	checkTiles(t, &node{dir: filepath.Dir(dir)})
}

// Another ledger of the same name and key is in the database: nothing is mixed.
func TestEngineMigrateIntoAnother(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	if _, err := n.w.Submit(t.Context(), ledgertest.Event(99)); err != nil {
		t.Fatal(err)
	}
	dir, _ := embedded(t, 10)
	r, err := tesseralog.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	signer := testSigner(t, testOrigin)
	if _, err := Migrate(t.Context(), dir, signer, config(s), r); !errors.Is(err, ledger.ErrFatal) {
		t.Errorf("%v", err)
	}
	l, err := tesseralog.Open(t.Context(), dir, signer)
	if err != nil {
		t.Fatalf("the embedded engine does not go on: %v", err)
	}
	l.Close()
}
