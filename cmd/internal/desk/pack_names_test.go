package desk

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.org/custody/evidence"
)

// The name of a file held back is found in what is shown: as a text of its own, and
// when it is not too short also inside one, with its folder or without.
func TestNamesShown(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	dir := filepath.Join(t.TempDir(), "phone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(filepath.Dir(dir), "ab")
	for _, p := range []string{filepath.Join(dir, "Jo Doe.pdf"), alone} {
		if err := os.WriteFile(p, []byte(p), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names := func(said string, held ...string) (found []string) {
		it := s.mustSeal(t, Sealing{Paths: []string{dir, alone}, Again: "a test", Fields: map[string]any{"description": said}})
		plan := &packPlan{s: s, out: &Packed{}}
		for _, h := range held {
			plan.in.Withhold = append(plan.in.Withhold, Withhold{EntryName: EntryName{Name: h}})
		}
		plan.names = namesOf(plan.in.Withhold)
		if err := plan.namesShown(it); err != nil {
			t.Fatal(err)
		}
		values, err := it.FileValues()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range plan.out.Names {
			for i, v := range values {
				if evidence.FileName(i) == n.File {
					found = append(found, v.Path+" in "+n.In)
				}
			}
		}
		slices.Sort(found)
		return found
	}
	file, short := "phone/Jo Doe.pdf in description", "ab in description"
	for said, want := range map[string][]string{
		"phone/Jo Doe.pdf":                     {file},
		"see phone/Jo Doe.pdf.":                {file},
		"The page Jo Doe.pdf names a witness.": {file},
		"Jo Doe.pdf":                           {file},
		"ab":                                   {short},
		"about a cab":                          nil,
		"Jo Doe is named in a page":            nil,
		"nothing":                              nil,
	} {
		if got := names(said, "file/"); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
		if got := names(said); got != nil {
			t.Errorf("%q, and nothing is held back: %q", said, got)
		}
		if got := names(said, "file/", "description"); got != nil {
			t.Errorf("%q, which is held back: %q", said, got)
		}
	}
}
