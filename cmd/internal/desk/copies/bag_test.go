package copies_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// A bag has every copy under its recorded path, with digests that sha256sum and
// sha512sum compute, too, and nothing that its manifests do not list.
func TestBag(t *testing.T) {
	files := []verifytest.File{
		{Path: "photos/a b.txt", Content: []byte("first")}, {Path: "100%.txt", Content: []byte("second")}, {Path: "../out", Content: []byte("third")}, {Path: "empty"},
	}
	for _, bags := range []bool{false, true} {
		above := t.TempDir()
		dir := filepath.Join(above, "bag")
		p := packed(t, bags, files)
		out, err := copies.Bag(t.Context(), copies.Extraction{Package: p, Verdict: verdict(p, verify.Holds), Dir: dir, Progress: progress.None{}})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Files) != 4 || out.TagFiles < 5 || out.Renamed != 1 {
			t.Errorf("%+v", out)
		}
		listed := map[string]bool{"tagmanifest-sha256.txt": true, "tagmanifest-sha512.txt": true}
		for _, name := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha512.txt"} {
			text := read(t, filepath.Join(dir, name))
			for line := range strings.Lines(text) {
				_, path, _ := strings.Cut(strings.TrimSpace(line), "  ")
				listed[strings.ReplaceAll(path, "%25", "%")] = true
			}
			program := "sha" + strings.TrimSuffix(name[strings.LastIndex(name, "sha")+3:], ".txt") + "sum"
			cmd := exec.CommandContext(t.Context(), program, "--check", "--strict", "--quiet")
			cmd.Dir, cmd.Stdin = dir, strings.NewReader(strings.ReplaceAll(text, "%25", "%"))
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", name, err, said)
			}
		}
		for _, path := range tree(t, dir) {
			rel, err := filepath.Rel(dir, path)
			if err != nil || !listed[filepath.ToSlash(rel)] {
				t.Errorf("%s is in no manifest", rel)
			}
		}
		if info := read(t, filepath.Join(dir, "bag-info.txt")); !strings.Contains(info, "Payload-Oxum: 16.4\n") {
			t.Errorf("%s", info)
		}
		if entries, err := os.ReadDir(above); err != nil || len(entries) != 1 {
			t.Errorf("left over: %v, %v", entries, err)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Nothing is left of a bag that failed, and nothing is overwritten.
func TestBagLeavesNothing(t *testing.T) {
	above := t.TempDir()
	bad := packed(t, false, []verifytest.File{{Path: "a", Content: []byte("a")}, {Path: "b", Content: []byte("b")}})
	spoil(t, bad)
	x := copies.Extraction{Package: bad, Verdict: verdict(bad, verify.Holds), Dir: filepath.Join(above, "bag"), Progress: progress.None{}}
	if _, err := copies.Bag(t.Context(), x); !errors.Is(err, copies.ErrChangedCopy) {
		t.Error(err)
	}
	if left := tree(t, above); len(left) != 0 {
		t.Errorf("left over: %q", left)
	}
	x.Dir = above
	if err := os.WriteFile(filepath.Join(above, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := copies.Bag(t.Context(), x); !errors.Is(err, copies.ErrNotEmpty) {
		t.Error(err)
	}
}
