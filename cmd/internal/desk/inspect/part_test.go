package inspect_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/inspect"
	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/verifytest"
)

// packageFile writes a package with one file and its copy.
func packageFile(t *testing.T) (path string, content []byte) {
	t.Helper()
	w := verifytest.New(verifytest.Config{})
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	files := []verifytest.File{{Path: "a.txt", Content: []byte("what was found")}}
	item := ann.Collect(verifytest.Record{Fields: map[string]any{"exhibit": "AB/3"}, Files: files})
	content = w.Package(verifytest.Packing{By: ann, Items: []*verifytest.Item{item}, Files: [][]verifytest.File{files}, Registers: true})
	path = filepath.Join(t.TempDir(), "package.asice")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, content
}

// Every part that is listed is shown, readable and as it is; each says what that proves.
func TestParts(t *testing.T) {
	path, _ := packageFile(t)
	i, err := inspect.Look(path)
	if err != nil || len(i.Parts) < 12 {
		t.Fatalf("%v: %v", err, i)
	}
	for _, p := range i.Parts {
		var readable, raw bytes.Buffer
		if note, err := inspect.Show(&readable, path, p.Name, false); err != nil || note == "" || readable.Len() == 0 && p.Size > 0 {
			t.Errorf("%s: %d bytes, %q, %v", p.Name, readable.Len(), note, err)
		}
		if _, err := inspect.Show(&raw, path, p.Name, true); err != nil || int64(raw.Len()) != p.Size {
			t.Errorf("%s: %d bytes of %d, %v", p.Name, raw.Len(), p.Size, err)
		}
	}
	for name, says := range map[string]string{
		"payload/1/1.txt":              "what was found",
		"record/inventory.json":        `"format": "custody/inventory/v1"`,
		"META-INF/package.dsse":        `"format": "custody/package/v1"`,
		"META-INF/ASiCManifest001.xml": "record/events.jsonl",
		"event/1":                      "which the proof leads to",
		"event/2":                      "leaf hash",
		"receipt/1":                    "c2sp.org/tlog-proof@v1",
	} {
		var out bytes.Buffer
		if _, err := inspect.Show(&out, path, name, false); err != nil || !strings.Contains(out.String(), says) {
			t.Errorf("%s: %v: %s", name, err, out.String())
		}
	}
}

// What is not there, and what was changed, is refused, and nothing of it is written.
func TestPartsRefused(t *testing.T) {
	path, content := packageFile(t)
	for _, name := range []string{"", "payload/1/2.txt", "event/0", "event/99", "event/x", "receipt/0", "receipt/99", "payload/1.zip/1", "mimetype", "../x"} {
		var out bytes.Buffer
		if _, err := inspect.Show(&out, path, name, false); !errors.Is(err, inspect.ErrNoPart) || out.Len() > 0 {
			t.Errorf("%q: %v: %s", name, err, out.String())
		}
	}
	changed := bytes.Replace(content, []byte("what was found"), []byte("what was FOUND"), 1)
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	var refused *asic.Error
	if _, err := inspect.Show(&out, path, "payload/1/1.txt", false); !errors.As(err, &refused) || out.Len() > 0 {
		t.Errorf("a changed copy: %v: %s", err, out.String())
	}
	if _, err := inspect.Show(&out, filepath.Join(filepath.Dir(path), "none"), "x", false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("PK\x03\x04"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := inspect.Show(&out, path, "x", false); !errors.Is(err, inspect.ErrNotPackage) {
		t.Errorf("no package: %v", err)
	}
}
