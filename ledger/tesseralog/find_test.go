//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/ledger/ledgertest"
)

// A ledger is found where it lies, in a home, and as bare tiles; its leaves are the same.
func TestFind(t *testing.T) {
	dir := made(t, 300)
	for given, at := range map[string]string{dir: dir, filepath.Dir(dir): dir, TilesDir(dir): TilesDir(dir)} {
		r, found, err := Find(given)
		if err != nil || found != at {
			t.Fatalf("%s: found at %q, %v", given, found, err)
		}
		n := uint64(0)
		for leaf, err := range r.Leaves(t.Context(), 0, 300) {
			if err != nil || leaf != ledgertest.Event(n) {
				t.Fatalf("%s: leaf %d: %v", given, n, err)
			}
			n++
		}
		if size, err := r.Size(t.Context()); n != 300 || size != 300 || err != nil || string(r.Origin()) == "" {
			t.Errorf("%s: %d leaves of %d of %q, %v", given, n, size, r.Origin(), err)
		}
	}
}

func TestFindNone(t *testing.T) {
	if _, _, err := Find(t.TempDir()); !errors.Is(err, ErrNone) {
		t.Errorf("an empty folder: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "checkpoint"), []byte("none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Find(dir); !errors.Is(err, ErrDamaged) {
		t.Errorf("no checkpoint: %v", err)
	}
	if _, err := OpenTiles(filepath.Join(dir, "absent")); !errors.Is(err, ErrNone) {
		t.Errorf("no folder: %v", err)
	}
	half := made(t, 1)
	remove(t, half, "format")
	if _, _, err := Find(half); !errors.Is(err, ErrHalf) {
		t.Errorf("half a ledger: %v", err)
	}
}
