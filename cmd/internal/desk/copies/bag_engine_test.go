//go:build engines

package copies_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// The Library of Congress's program takes a bag for valid, and finds a changed copy, a
// missing one and one more.
func TestEngineBagIt(t *testing.T) {
	files := []verifytest.File{{Path: "photos/a b.txt", Content: []byte("first")}, {Path: "b.txt", Content: []byte("second")}, {Path: "empty"}}
	for name, change := range map[string]func(dir string) error{
		"valid":   func(string) error { return nil },
		"changed": func(dir string) error { return os.WriteFile(filepath.Join(dir, "data/b.txt"), []byte("Second"), 0o600) },
		"missing": func(dir string) error { return os.Remove(filepath.Join(dir, "data/b.txt")) },
		"more":    func(dir string) error { return os.WriteFile(filepath.Join(dir, "data/more"), nil, 0o600) },
		"tag": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "custody/record/inventory.csv"), nil, 0o600)
		},
	} {
		dir := filepath.Join(t.TempDir(), "bag")
		p := packed(t, false, files)
		if _, err := copies.Bag(t.Context(), copies.Extraction{Package: p, Verdict: verdict(p, verify.Holds), Dir: dir, Progress: progress.None{}}); err != nil {
			t.Fatal(err)
		}
		if err := change(dir); err != nil {
			t.Fatal(err)
		}
		said, err := exec.CommandContext(t.Context(), "../../../../tmp/servers/bagit/bin/bagit.py", "--validate", dir).CombinedOutput()
		if (err == nil) != (name == "valid") {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}
