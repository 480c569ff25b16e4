package desk_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/signing/keyfile/keyfiletest"
	"example.org/custody/verify"
)

func TestMain(m *testing.M) {
	keyfiletest.Cheap()
	code := m.Run()
	if err := desk.RemoveDaemon(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// The tour's package holds by the list that it leaves, and is about both items.
func TestTour(t *testing.T) {
	out := toured(t)
	v, err := out.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v.Exit != verify.ExitHolds || len(v.Items) != 2 {
		t.Errorf("exit %d, %d items: %s", v.Exit, len(v.Items), v.Sentence)
	}
	if v.Items[0].Item != out.Item || v.Items[1].Item != out.Copy {
		t.Errorf("it is about %s and %s", v.Items[0].Item.Short(), v.Items[1].Item.Short())
	}
}

// A state packs an item that another holds, by reading the ledger where it goes on; a
// third verifies it, knowing nothing but the list.
func TestTourGiver(t *testing.T) {
	v, err := toured(t).CheckGiver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v.Exit != verify.ExitHolds || len(v.Items) != 1 {
		t.Errorf("exit %d, %d items: %s", v.Exit, len(v.Items), v.Sentence)
	}
	for _, q := range v.Items[0].Questions {
		if q.N == 4 && q.Status != verify.Holds || q.N == 6 && q.Status != verify.Holds {
			t.Errorf("question %d: %s, %s", q.N, q.Status, q.Sentence)
		}
	}
}

// A tour that fails leaves nothing, and one that finds a folder leaves it alone.
func TestTourFails(t *testing.T) {
	above := ledgertest.Folder(t)
	in := desk.Touring{Dir: filepath.Join(above, "d"), Daemon: desk.Daemon(t), Paths: []string{filepath.Join(above, "absent")}, Progress: progress.None{}, Say: func(string, string) {}}
	if _, err := desk.Tour(t.Context(), in); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing to seal: %v", err)
	}
	if entries, err := os.ReadDir(above); err != nil || len(entries) != 0 {
		t.Errorf("left over: %v, %v", entries, err)
	}
	if err := os.WriteFile(filepath.Join(above, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	in.Daemon, in.Dir = filepath.Join(above, "absent"), filepath.Join(above, "e")
	if _, err := desk.Tour(t.Context(), in); !errors.Is(err, desk.ErrNoDaemon) {
		t.Errorf("no node: %v", err)
	}
	in.Daemon, in.Dir = desk.Daemon(t), above
	if _, err := desk.Tour(t.Context(), in); !errors.Is(err, copies.ErrNotEmpty) {
		t.Errorf("a folder in use: %v", err)
	}
}
