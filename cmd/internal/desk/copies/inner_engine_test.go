//go:build engines

package copies_test

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// The bag in a package is valid to the Library of Congress's program as it is, unzipped
// and nothing else; and that program finds what was changed in it.
func TestEngineBagItInside(t *testing.T) {
	files := []verifytest.File{{Path: "photos/a b.txt", Content: []byte("first")}, {Path: "100%\r\n.txt", Content: []byte("second")}, {Path: "B.TXT"}, {Path: "b.txt"}}
	p := packed(t, true, files)
	for name, change := range map[string]func(dir string) error{
		"valid":   func(string) error { return nil },
		"changed": func(dir string) error { return os.WriteFile(filepath.Join(dir, "data/2"), []byte("Second"), 0o600) },
		"missing": func(dir string) error { return os.Remove(filepath.Join(dir, "data/3")) },
		"more":    func(dir string) error { return os.WriteFile(filepath.Join(dir, "data/5"), nil, 0o600) },
		"manifest": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, pack.ManifestTag), nil, 0o600)
		},
		"info": func(dir string) error { return os.WriteFile(filepath.Join(dir, "bag-info.txt"), nil, 0o600) },
	} {
		dir := t.TempDir()
		unzip(t, p, pack.BagName(1), dir)
		if err := change(filepath.Join(dir, "1")); err != nil {
			t.Fatal(err)
		}
		said, err := exec.CommandContext(t.Context(), "../../../../tmp/servers/bagit/bin/bagit.py", "--validate", filepath.Join(dir, "1")).CombinedOutput()
		if (err == nil) != (name == "valid") || name == "valid" && !strings.Contains(string(said), "is valid") {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}

// unzip takes the bag in an entry apart with a program that is not ours.
func unzip(t *testing.T, p *pack.Package, entry, dir string) {
	t.Helper()
	s, err := p.Section(entry)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(s, s.Size())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
}
