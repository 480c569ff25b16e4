package desk

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
)

// A file that is shown and has the content of one held back is told of, in the same item
// and in another; an empty one has the content of every empty one.
func TestSameContentShown(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	seal := func(contents ...string) *Item {
		dir := t.TempDir()
		for i, c := range contents {
			noError(t, os.WriteFile(filepath.Join(dir, string(rune('a'+i))), []byte(c), 0o600))
		}
		return s.mustSeal(t, Sealing{Paths: []string{dir}, Again: "a test"})
	}
	a, b := seal("secret", "plain", "secret", ""), seal("", "secret", "other")
	for name, c := range map[string]struct {
		held []EntryName
		want []HeldShown
	}{
		"nothing":     {nil, nil},
		"no other":    {[]EntryName{{a.ID, "file/2"}}, nil},
		"empty":       {[]EntryName{{a.ID, "file/4"}}, nil},
		"one":         {[]EntryName{{a.ID, "file/1"}}, []HeldShown{{a.ID, "file/1", "file/3", EveryItem}, {a.ID, "file/1", "file/2", b.ID}}},
		"of one item": {[]EntryName{{a.ID, "file/"}}, []HeldShown{{a.ID, "file/1", "file/2", b.ID}}},
		"all":         {[]EntryName{{a.ID, "file/"}, {b.ID, "file/2"}}, nil},
	} {
		plan := &packPlan{s: s, out: &Packed{}, in: Packing{Items: []*Item{a, b}}}
		for _, h := range c.held {
			plan.in.Withhold = append(plan.in.Withhold, Withhold{EntryName: h})
		}
		plan.names = namesOf(plan.in.Withhold)
		noError(t, plan.sameShown())
		if !slices.Equal(plan.out.Same, c.want) {
			t.Errorf("%s: %+v, want %+v", name, plan.out.Same, c.want)
		}
	}
}

// Paths are searched piece by piece, and each name is found once, wherever it stands.
func TestNamesInManyPaths(t *testing.T) {
	var found []string
	p := &shownPaths{tell: func(n heldName, in string) { found = append(found, n.entry+" in "+in) }}
	for i := range 3 {
		p.names = append(p.names, heldName{fmt.Sprintf("file/%d", i), fmt.Sprintf("x/name-%d.txt", i)})
	}
	long := strings.Repeat("long", pathsAtOnce/40)
	for i := range 30 {
		p.add(fmt.Sprintf("at/%d", i), long, "")
	}
	p.add("at/link", "y", "to/name-1.txt")
	p.add("at/first", "first/name-0.txt")
	for i := range 30 {
		p.add(fmt.Sprintf("at/%d", i), long, "")
	}
	p.add("at/last", "name-0.txt", "")
	p.search()
	if want := []string{"file/0 in at/first", "file/1 in at/link"}; !slices.Equal(found, want) || len(p.names) != 1 {
		t.Errorf("%q, want %q; %v", found, want, p.names)
	}
}
