package inspect_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/inspect"
	"example.org/custody/evidence"
	"example.org/custody/verify/verifytest"
)

// FuzzInspect: whatever a file holds, it is described, called unknown, or its
// mistake is named; and no secret in it is shown.
func FuzzInspect(f *testing.F) {
	w := verifytest.New(verifytest.Config{})
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	item := ann.Collect(verifytest.Record{Files: []verifytest.File{{Path: "a", Content: []byte("a")}}})
	var archive bytes.Buffer
	t := tar.NewWriter(&archive)
	if err := errors.Join(t.WriteHeader(&tar.Header{Name: "keys/a", Mode: 0o600, Size: 1}), t.Flush()); err == nil {
		f.Add(archive.Bytes())
	}
	for _, seed := range [][]byte{
		w.Package(verifytest.Packing{By: ann, Items: []*verifytest.Item{item}}), w.List.Note(), w.Policies[0], w.Certs[0], w.State("AA").Log.Latest(),
		item.Events[0].Envelope, item.Events[0].Receipt.Marshal(),
		[]byte(`{"format":"custody/receipts/v1","receipts":[{"action":"offer","leaf":"x#1"}]}`), []byte(`{"format":"custody/card/v1"}`),
		[]byte("age-encryption.org/v1\n-> X25519 abc\nbody\n--- mac\n"), []byte("age-encryption.org/v1\n-> "),
		[]byte("AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"), {}, []byte("PK\x03\x04"), []byte("log "),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		i, err := inspect.Look(path)
		switch {
		case err != nil && i != nil, err == nil && (i.Kind == "" || i.Title == ""):
			t.Fatalf("%+v, %v", i, err)
		case err != nil:
			if strings.Contains(err.Error(), "AGE-SECRET-KEY") {
				t.Fatalf("a secret is shown: %v", err)
			}
			return
		}
		for _, fact := range i.Facts {
			if strings.Contains(fact.Value, "AGE-SECRET-KEY") {
				t.Fatalf("a secret is shown: %q", fact.Value)
			}
		}
	})
}
