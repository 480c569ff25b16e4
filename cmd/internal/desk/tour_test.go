package desk_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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

// What came under the order verifies with what it came under: whose order it was, that it
// was acknowledged, and that what was received is what was delivered. What one side alone
// has signed is on its word.
func TestTourRequest(t *testing.T) {
	out := toured(t)
	v, err := out.CheckRequest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v.Exit != verify.ExitHolds || len(v.Items) != 2 || v.Items[0].Item != out.Answer || v.Items[1].Item != out.Request {
		t.Fatalf("exit %d, %d items: %s", v.Exit, len(v.Items), v.Sentence)
	}
	q := v.Items[0].Questions[7]
	said := map[string]bool{}
	for _, f := range q.Findings {
		if f.Status == verify.Fails {
			t.Errorf("%s %s: %s", f.Check, f.Status, f.Detail)
		}
		said[string(f.Status)+" "+f.Check] = true
	}
	for _, want := range []string{"holds limits.kept", "holds request.steps", "holds request.inventory"} {
		if !said[want] {
			t.Errorf("question 8 does not say: %s\n%+v", want, q.Findings)
		}
	}
	facts := map[string]string{}
	for _, f := range q.Facts {
		facts[f.Name] = f.Value
	}
	if facts["request"] != out.Request.String() || facts["request stands at"] != "received-verified" || !strings.Contains(facts["request signed by"], "of DE") {
		t.Errorf("facts: %v", facts)
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
