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

// The name of a file held back is found in the paths of the item's other files, where a
// part of one begins like it, and in the records of later acts.
func TestNamesShownInItem(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	paths := []string{"Jo Doe.pdf", "a/Jo Doe.pdf", "b/Jo Doe.pdf.png", "c/thumb_Jo Doe.pdf", "d/notJo Doe.pdf", "e.pdf", "n"}
	it := sealFiles(t, s, nil, paths...)
	_, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine, Fields: map[string]any{"note": "looked at e.pdf"}})
	noError(t, err)
	it = s.mustLoad(t, it.ID)
	for want, held := range map[string][]string{
		"file/2": {"file/1"}, "file/1": {"file/2"}, "file/3": {"file/2", "file/1"}, "file/4": {"file/2", "file/1", "file/3"},
		"": {"file/2", "file/1", "file/3", "file/4"}, "note": {"file/6"},
	} {
		plan := &packPlan{s: s, out: &Packed{}, in: Packing{Items: []*Item{it}}}
		for _, n := range held {
			plan.in.Withhold = append(plan.in.Withhold, Withhold{EntryName: EntryName{Name: n}})
		}
		plan.names = namesOf(plan.in.Withhold)
		noError(t, plan.namesShown(it))
		got := ""
		for _, n := range plan.out.Names {
			if n.File == held[0] {
				got = n.In
			}
		}
		if got != want {
			t.Errorf("%q held back: %s stands in %q, want %q", held, held[0], got, want)
		}
	}
}

// Of an original that is held back the name stands in what was made from it, as a file of
// that name, in whatever folder, or in what is said; what has nothing to do with it is
// not looked at.
func TestNamesShownBesideOriginal(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	original := sealFiles(t, s, nil, "Jo Doe.pdf", "b.pdf", "c.pdf")
	other := sealFiles(t, s, map[string]any{"description": "see Jo Doe.pdf"}, "Jo Doe.pdf")
	redacted := madeFrom(t, s, original, map[string]any{"description": "b.pdf without names"}, "text/Jo Doe.pdf", "d.pdf")
	for name, c := range map[string]struct {
		held []EntryName
		want []string
	}{
		"the original":      {[]EntryName{{original.ID, "file/"}}, []string{"file/1 in file/2", "file/2 in description"}},
		"what was made too": {[]EntryName{{original.ID, "file/"}, {redacted.ID, "file/"}}, []string{"file/2 in description"}},
		"what was said too": {[]EntryName{{original.ID, "file/"}, {redacted.ID, "description"}}, []string{"file/1 in file/2"}},
		"what was made":     {[]EntryName{{redacted.ID, "file/"}}, nil},
	} {
		plan := &packPlan{s: s, out: &Packed{}, in: Packing{Items: []*Item{original, other, redacted}}}
		for _, h := range c.held {
			plan.in.Withhold = append(plan.in.Withhold, Withhold{EntryName: h})
		}
		plan.names = namesOf(plan.in.Withhold)
		var got []string
		for _, it := range plan.in.Items {
			noError(t, plan.namesShown(it))
		}
		for _, n := range plan.out.Names {
			if n.Item != original.ID || n.InItem != redacted.ID {
				t.Errorf("%s: %+v", name, n)
			}
			got = append(got, n.File+" in "+n.In)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
