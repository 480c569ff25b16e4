package copies_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// own writes the reader's files and returns their folder.
func own(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func compare(t *testing.T, d *pack.Dossier, path string) map[string]copies.Match {
	t.Helper()
	c, err := copies.Compare(t.Context(), d, path, progress.None{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]copies.Match{}
	for _, f := range c.Files {
		got[f.Path] = f.Result
	}
	if len(got) != len(c.Files) {
		t.Errorf("%d files, %d paths", len(c.Files), len(got))
	}
	return got
}

func TestAgainst(t *testing.T) {
	sealed := []verifytest.File{
		{Path: "a", Content: []byte("a")}, {Path: "sub/b", Content: []byte("b")}, {Path: "twin", Content: []byte("t")},
		{Path: "twin2", Content: []byte("t")}, {Path: "c:d", Content: []byte("colon")},
	}
	d := packed(t, false, sealed).Dossier
	same := map[string]string{"a": "a", "sub/b": "b", "twin": "t", "twin2": "t", "c:d": "colon"}
	for _, tt := range []struct {
		name   string
		change func(map[string]string)
		want   map[string]copies.Match // those that do not match
	}{
		{"the same", func(map[string]string) {}, nil},
		{"one byte", func(m map[string]string) { m["a"] = "A" }, map[string]copies.Match{"a": copies.Differs}},
		{"renamed", func(m map[string]string) { delete(m, "a"); m["z"] = "a" }, nil},
		{"as open writes it", func(m map[string]string) { delete(m, "c:d"); m["c_d"] = "colon" }, nil},
		{"one too few", func(m map[string]string) { delete(m, "sub/b") }, map[string]copies.Match{"sub/b": copies.Missing}},
		{"one too many", func(m map[string]string) { m["x"] = "x" }, map[string]copies.Match{"x": copies.Extra}},
		{"a copy of one", func(m map[string]string) { m["x"] = "a" }, map[string]copies.Match{"x": copies.Extra}},
		{"two exchanged", func(m map[string]string) { m["a"], m["sub/b"] = "b", "a" }, map[string]copies.Match{"a": copies.Differs, "sub/b": copies.Differs}},
		{"a twin lost", func(m map[string]string) { delete(m, "twin2") }, map[string]copies.Match{"twin2": copies.Missing}},
	} {
		files := map[string]string{}
		for k, v := range same {
			files[k] = v
		}
		tt.change(files)
		for path, got := range compare(t, d, own(t, files)) {
			want, ok := tt.want[path]
			if !ok {
				want = copies.Matches
			}
			if got != want {
				t.Errorf("%s: %s is %s, want %s", tt.name, path, got, want)
			}
		}
	}
}

// A single file is compared by content first, whatever it is called.
func TestAgainstOneFile(t *testing.T) {
	d := packed(t, false, []verifytest.File{{Path: "a", Content: []byte("a")}, {Path: "sub/b", Content: []byte("b")}}).Dossier
	dir := own(t, map[string]string{"b": "b", "renamed": "a", "a": "other", "none": "none"})
	for name, want := range map[string]copies.Match{"b": copies.Matches, "renamed": copies.Matches, "a": copies.Differs, "none": copies.Differs} {
		if got := compare(t, d, filepath.Join(dir, name)); len(got) != 1 || got[name] != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
}

// A file whose digests are held back may be any: nothing unknown is called false.
func TestAgainstWithheld(t *testing.T) {
	d := packed(t, false, []verifytest.File{{Path: "a", Content: []byte("a")}, {Path: "b", Content: []byte("b")}}).Dossier
	for _, hideName := range []bool{false, true} {
		c := verifytest.Clone(d)
		for i := range c.Events {
			if id, _, err := c.Events[i].Place(); err != nil || id != c.Items[0].Item {
				continue
			}
			c.Events[i].Record = c.Events[i].Record.Withhold(func(e evidence.ViewEntry) *evidence.Withholding {
				if e.Name != evidence.FileName(2) {
					return nil
				}
				return &evidence.Withholding{Name: hideName, Withheld: evidence.Withheld{Authority: "AA", Code: evidence.ReasonScope, Review: "2030-01-01"}}
			})
		}
		dir := own(t, map[string]string{"a": "a", "b": "b"})
		if got := compare(t, c, filepath.Join(dir, "b")); got["b"] != copies.Extra {
			t.Errorf("name hidden %v: b is %s", hideName, got["b"])
		}
		got := compare(t, c, dir)
		if got["a"] != copies.Matches || got["b"] != copies.Extra || !hideName && got["file/2"] != copies.NotShown {
			t.Errorf("name hidden %v: %v", hideName, got)
		}
	}
}
