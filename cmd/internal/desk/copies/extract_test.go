package copies_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// packed makes a package of one item for each list of files, and opens it.
func packed(t *testing.T, bags bool, items ...[]verifytest.File) *pack.Package {
	t.Helper()
	w := verifytest.New(verifytest.Config{})
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	p := verifytest.Packing{By: ann, Bags: bags, Files: items}
	for _, files := range items {
		p.Items = append(p.Items, ann.Collect(verifytest.Record{Files: files}))
	}
	b := w.Package(p)
	opened, err := pack.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func extract(t *testing.T, p *pack.Package, dir, item string) (*copies.Extracted, error) {
	t.Helper()
	return copies.Extract(t.Context(), copies.Extraction{Package: p, Verdict: verdict(p, verify.Holds), Dir: dir, Item: item, Progress: progress.None{}})
}

// verdict is one that answers question 1 about every item of a package, and no other.
func verdict(p *pack.Package, same verify.Status) *verify.Verdict {
	v := &verify.Verdict{Exit: verify.ExitHolds, Status: verify.Holds}
	for _, i := range p.Dossier.Items {
		v.Items = append(v.Items, verify.ItemVerdict{Item: i.Item, Questions: []verify.Question{{N: 1, Status: same}, {N: 3, Status: verify.Holds}}})
	}
	return v
}

// Nothing is taken out that the verdict does not call the same evidence, and of several
// items only those count that are taken out.
func TestExtractNotSame(t *testing.T) {
	p := packed(t, false, []verifytest.File{{Path: "a", Content: []byte("first")}}, []verifytest.File{{Path: "b", Content: []byte("second")}})
	half := verdict(p, verify.Holds)
	half.Items[1].Questions[0].Status = verify.Undecided
	for name, v := range map[string]*verify.Verdict{"none": nil, "undecided": verdict(p, verify.Undecided), "not applicable": verdict(p, verify.NotApplicable), "one of two": half} {
		x := copies.Extraction{Package: p, Verdict: v, Dir: filepath.Join(t.TempDir(), "out"), Progress: progress.None{}}
		for form, take := range map[string]func() error{
			"folder": func() error { _, err := copies.Extract(t.Context(), x); return err },
			"bag":    func() error { _, err := copies.Bag(t.Context(), x); return err },
		} {
			if err := take(); !errors.Is(err, copies.ErrNotSame) {
				t.Errorf("%s, %s: %v", name, form, err)
			}
			if left := tree(t, filepath.Dir(x.Dir)); len(left) > 0 {
				t.Errorf("%s, %s: left over: %q", name, form, left)
			}
		}
	}
	x := copies.Extraction{Package: p, Verdict: half, Dir: filepath.Join(t.TempDir(), "one"), Item: p.Dossier.Items[0].Item.String(), Progress: progress.None{}}
	if out, err := copies.Extract(t.Context(), x); err != nil || len(out.Files) != 1 {
		t.Errorf("the item of which it holds: %+v, %v", out, err)
	}
}

// Whatever a record calls its files, they are written below the folder, under
// names that every system has, and each change of a name is told.
func TestExtractHostileNames(t *testing.T) {
	var files []verifytest.File
	for _, name := range []string{
		"../../escaped", "/absolute", "a/../../b", `c:\windows\x`, "con", "same", "SAME", "dot.", " lead", "tab\there", "e\u0301", "\u202egnp.exe", "plain/ok.txt",
	} {
		files = append(files, verifytest.File{Path: name, Content: []byte(name)})
	}
	for _, bags := range []bool{false, true} {
		above := t.TempDir()
		dir := filepath.Join(above, "out")
		out, err := extract(t, packed(t, bags, files), dir, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Files) != len(files) || out.Renamed < 8 || out.Renamed == len(files) {
			t.Errorf("%d files, %d renamed", len(out.Files), out.Renamed)
		}
		for i, f := range out.Files {
			got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
			if err != nil || string(got) != files[i].Path {
				t.Errorf("%q at %q: %q, %v", files[i].Path, f.Path, got, err)
			}
			if !filepath.IsLocal(f.Path) || strings.ContainsAny(f.Path, "\\:\t\u202e") || (f.Path != files[i].Path) != (f.Recorded != "") {
				t.Errorf("%q is written to %q, recorded %q", files[i].Path, f.Path, f.Recorded)
			}
		}
		if names := tree(t, above); len(names) != len(files) {
			t.Errorf("%d files below the parent: %q", len(names), names)
		}
	}
}

// tree lists the files below dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Nothing is overwritten, and what fails leaves nothing.
func TestExtractLeavesNothing(t *testing.T) {
	p := packed(t, false, []verifytest.File{{Path: "a", Content: []byte("a")}})
	above := t.TempDir()
	full := filepath.Join(above, "full")
	if err := os.MkdirAll(full, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := extract(t, p, full, ""); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := extract(t, p, full, ""); !errors.Is(err, copies.ErrNotEmpty) {
		t.Errorf("a folder with a file in it: %v", err)
	}
	for _, item := range []string{"ffffffff", ""} {
		bad := packed(t, false, []verifytest.File{{Path: "a", Content: []byte("a")}, {Path: "b", Content: []byte("b")}})
		want := copies.ErrNoItem
		if item == "" { // the record says other bytes than the copies have
			spoil(t, bad)
			want = copies.ErrChangedCopy
		}
		if _, err := extract(t, bad, filepath.Join(above, "none"), item); !errors.Is(err, want) {
			t.Errorf("item %q: %v", item, err)
		}
	}
	if left := tree(t, above); !slices.Equal(left, []string{filepath.Join(full, "a")}) {
		t.Errorf("left over: %q", left)
	}
	entries, err := os.ReadDir(above)
	if err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

// spoil exchanges two copies, as whoever writes to the file after it was verified
// could.
func spoil(t *testing.T, p *pack.Package) {
	t.Helper()
	copies := p.Dossier.Items[0].Payload
	if len(copies) != 2 {
		t.Fatalf("%d copies", len(copies))
	}
	copies[0].File, copies[1].File = copies[1].File, copies[0].File
}

// One item of several is found by the beginning of its id, and has a folder of
// its own otherwise.
func TestExtractOneItem(t *testing.T) {
	p := packed(t, false, []verifytest.File{{Path: "a", Content: []byte("first")}}, []verifytest.File{{Path: "a", Content: []byte("second")}})
	dir := t.TempDir()
	all, err := extract(t, p, filepath.Join(dir, "all"), "")
	if err != nil || len(all.Files) != 2 || all.Files[0].Path == all.Files[1].Path {
		t.Fatalf("%+v, %v", all, err)
	}
	second := p.Dossier.Items[1].Item
	one, err := extract(t, p, filepath.Join(dir, "one"), strings.ToUpper(second.String()[:10]))
	if err != nil || len(one.Files) != 1 || one.Files[0].Item != second {
		t.Fatalf("%+v, %v", one, err)
	}
	if _, err := extract(t, p, filepath.Join(dir, "none"), "zz"); !errors.Is(err, copies.ErrNoItem) {
		t.Errorf("no such item: %v", err)
	}
}
