package desk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/spec/spectest"
)

// noItems is a desk without items.
func noItems(name string) (evidence.ItemID, error) { return EveryItem, ErrNoItem }

// called finds items by what a test calls them.
func called(items map[string]*Item) FindItem {
	return func(name string) (evidence.ItemID, error) {
		if it := items[name]; it != nil {
			return it.ID, nil
		}
		return EveryItem, fmt.Errorf("%q: %w", name, ErrNoItem)
	}
}

// What is held back names its item. A name alone is that of every item, and so holds more
// back than was meant, never less.
func TestWithholdingNamesItem(t *testing.T) {
	s := newPacker(t)
	a := sealFiles(t, s, map[string]any{"description": "an original", "place": "here"}, "a.jpg", "b.txt")
	b := sealFiles(t, s, map[string]any{"description": "a copy", "place": "there"}, "a.jpg", "b.txt")
	const rule = `"code": "method", "authority": "Court AA", "review": "2027-01-01"`
	for name, c := range map[string]struct {
		reveal, rules string
		of, off       []string // what is held back of a, of b
	}{
		"a name":          {"", `{"id": "W", "names": ["file/1"], ` + rule + `}`, []string{"file/1"}, []string{"file/1"}},
		"of one":          {"", `{"id": "W", "items": ["A"], "names": ["file/1"], ` + rule + `}`, []string{"file/1"}, nil},
		"a folder of one": {"", `{"id": "W", "items": ["B"], "names": ["file/"], ` + rule + `}`, nil, []string{"file/1", "file/2"}},
		"both":            {"", `{"id": "W", "items": ["A", "B"], "names": ["place"], ` + rule + `}`, []string{"place"}, []string{"place"}},
		"a path":          {"", `{"id": "W", "paths": ["*.jpg"], ` + rule + `}`, []string{"file/1"}, []string{"file/1"}},
		"a path of one":   {"", `{"id": "W", "items": ["B"], "paths": ["*.jpg"], ` + rule + `}`, nil, []string{"file/1"}},
		"the rest":        {`"reveal": ["description", "B:file/1"], `, `{"id": "W", "rest": true, ` + rule + `}`, []string{"file/1", "file/2", "place"}, []string{"file/2", "place"}},
		"the rest of one": {`"reveal": ["A:file/"], `, `{"id": "W", "items": ["A"], "rest": true, ` + rule + `}`, []string{"description", "place"}, nil},
		"two rules":       {"", `{"id": "W", "items": ["A"], "paths": ["*.jpg"], ` + rule + `}, {"id": "V", "items": ["B"], "paths": ["*.txt"], ` + rule + `}`, []string{"file/1"}, []string{"file/2"}},
	} {
		text := []byte(`{"format": "custody/withholding/v1", ` + c.reveal + `"rules": [` + c.rules + `]}`)
		noError(t, spectest.Check(spectest.Schema(t, "withholding"), text))
		w, err := ParseWithholding("rules.json", text)
		noError(t, err)
		all, err := w.Select([]*Item{a, b}, called(map[string]*Item{"A": a, "B": b}))
		noError(t, err)
		p := &packPlan{names: namesOf(all)}
		for it, want := range map[*Item][]string{a: c.of, b: c.off} {
			var held []string
			for _, n := range []string{"description", "file/1", "file/2", "place"} {
				if p.held(it, n) >= 0 {
					held = append(held, n)
				}
			}
			if !slices.Equal(held, want) {
				t.Errorf("%s: of %v held back: %q, want %q", name, it.ID == a.ID, held, want)
			}
		}
	}
}

// A rule selects something in each item that it names, by each of its paths, or it is
// refused; and what is revealed is of an item of which the rest is held back.
func TestWithholdingSlipsOfItems(t *testing.T) {
	s := newPacker(t)
	a, b := sealFiles(t, s, map[string]any{"place": "here"}, "a.jpg", "private/b.txt"), sealFiles(t, s, map[string]any{"place": "there"}, "a.jpg")
	out := sealFiles(t, s, nil, "a.jpg", "private/b.txt")
	find := called(map[string]*Item{"A": a, "B": b, "out": out})
	const why = `"id": "W", "code": "method", "authority": "Court AA", "review": "2027-01-01"`
	for text, want := range map[string]error{
		`"rules": [{"items": ["out"], "personal": true, ` + why + `}]`:                        ErrNotPacked,
		`"rules": [{"items": ["A", "out"], "paths": ["*.jpg"], ` + why + `}]`:                 ErrNotPacked,
		`"rules": [{"items": ["out"], "names": ["place"], ` + why + `}]`:                      ErrNotPacked,
		`"rules": [{"items": ["out"], "rest": true, ` + why + `}]`:                            ErrNotPacked,
		`"rules": [{"items": ["none"], "names": ["place"], ` + why + `}]`:                     ErrNoItem,
		`"rules": [{"items": ["A", "B"], "paths": ["private/"], ` + why + `}]`:                ErrNothingHeld,
		`"rules": [{"paths": ["private/", "typo/"], ` + why + `}]`:                            ErrNothingHeld,
		`"rules": [{"paths": ["private/", "*.jpg"], ` + why + `}]`:                            nil,
		`"rules": [{"items": ["A", "B"], "paths": ["*.jpg"], ` + why + `}]`:                   nil,
		`"rules": [{"names": ["file/"], ` + why + `}, {"paths": ["private/"], ` + why + `}]`:  nil,
		`"rules": [{"paths": ["*.jpg"], ` + why + `}, {"paths": ["a.*"], ` + why + `}]`:       nil,
		`"reveal": ["file/1"], "rules": [{"items": ["A"], "names": ["file/2"], ` + why + `}]`: ErrWithholding,
		`"reveal": ["A:file/1"], "rules": [{"items": ["B"], "rest": true, ` + why + `}]`:      ErrWithholding,
		`"reveal": ["file/"], "rules": [{"items": ["B"], "rest": true, ` + why + `}]`:         nil,
		`"reveal": ["B:file/1"], "rules": [{"items": ["B"], "rest": true, ` + why + `}]`:      nil,
		`"reveal": ["B:file/2"], "rules": [{"items": ["B"], "rest": true, ` + why + `}]`:      ErrNotThere,
	} {
		w, err := ParseWithholding("rules.json", []byte(`{"format": "custody/withholding/v1", `+text+`}`))
		if err == nil {
			_, err = w.Select([]*Item{a, b}, find)
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

// Of two reasons for one entry the first decides, whether it names the item or not; a name
// said twice, or within what another stands for, is no slip, and one that is nowhere is.
func TestWithholdingFirstDecides(t *testing.T) {
	a, b := evidence.ItemID{1}, evidence.ItemID{2}
	hold := func(item evidence.ItemID, name string) Withhold { return Withhold{EntryName: EntryName{item, name}} }
	for name, c := range map[string]struct {
		list []Withhold
		of   [4]int // a file/1, a place, b file/1, b place
		slip bool
	}{
		"all, then one": {[]Withhold{hold(EveryItem, "file/1"), hold(a, "file/1")}, [4]int{0, -1, 0, -1}, false},
		"one, then all": {[]Withhold{hold(a, "file/1"), hold(EveryItem, "file/1")}, [4]int{0, -1, 1, -1}, false},
		"a folder":      {[]Withhold{hold(b, "file/"), hold(b, "file/1"), hold(a, "place")}, [4]int{-1, 2, 0, -1}, false},
		"twice":         {[]Withhold{hold(a, "place"), hold(a, "place")}, [4]int{-1, 0, -1, -1}, false},
		"no such item":  {[]Withhold{hold(evidence.ItemID{3}, "file/1")}, [4]int{-1, -1, -1, -1}, true},
		"no such name":  {[]Withhold{hold(a, "file/2")}, [4]int{-1, -1, -1, -1}, true},
		"no such rest":  {[]Withhold{hold(evidence.ItemID{3}, "")}, [4]int{-1, -1, -1, -1}, true},
		"no folder":     {[]Withhold{hold(EveryItem, "fiel/")}, [4]int{-1, -1, -1, -1}, true},
		"the rest of a": {[]Withhold{hold(a, ""), hold(EveryItem, "place")}, [4]int{0, 1, -1, 1}, false},
	} {
		h := namesOf(c.list)
		var got [4]int
		for i, e := range []EntryName{{a, "file/1"}, {a, "place"}, {b, "file/1"}, {b, "place"}} {
			got[i] = h.meet(e.Item, e.Name)
		}
		if err := h.checkUsed(); got != c.of || errors.Is(err, ErrNothingHeld) != c.slip {
			t.Errorf("%s: %v, want %v; %v", name, got, c.of, err)
		}
	}
}

// Of two entries of one name, in records of two events of an item, what one is held back
// for the other is, too, by whichever rule comes first.
func TestWithholdingOfTwoEvents(t *testing.T) {
	file := func(path string) *evidence.ViewEntry {
		v := evidence.FileValue{Path: path, Kind: evidence.KindDir}
		b, err := evidence.Canonical(v)
		noError(t, err)
		_, err = evidence.ParseFileValue(b)
		noError(t, err)
		return &evidence.ViewEntry{Name: "file/1", Value: b}
	}
	w := &Withholding{Rules: []WithholdingRule{{Paths: []string{"*.jpg"}}, {Paths: []string{"*.txt"}}}}
	for _, c := range []struct {
		paths []string
		want  int
	}{
		{[]string{"a.jpg", "b.png"}, 0}, {[]string{"b.png", "a.txt"}, 1}, {[]string{"a.txt", "a.jpg"}, 0}, {[]string{"a.jpg", "a.txt"}, 0},
	} {
		r, err := w.choosing(noItems)
		noError(t, err)
		r.item = evidence.ItemID{1}
		for _, p := range c.paths {
			r.entry(file(p))
		}
		if got, ok := r.chosen[EntryName{r.item, "file/1"}]; !ok || got != c.want {
			t.Errorf("%q: rule %d, %v; want %d", c.paths, got, ok, c.want)
		}
	}
}

// What is revealed by a number alone is refused when there are several items, whichever
// of them was meant.
func TestRevealedNumberIsOfOneItem(t *testing.T) {
	s := newPacker(t)
	a := sealFiles(t, s, map[string]any{"description": "an original", "page/1": "a", "page/2": "b"}, "a.jpg")
	b := sealFiles(t, s, map[string]any{"description": "a copy", "page/1": "c"}, "a.jpg", "b.txt")
	for name, c := range map[string]struct {
		reveal EntryName
		want   error
	}{
		"a file of both":      {EntryName{Name: "file/1"}, ErrWhichEntry},
		"a page of both":      {EntryName{Name: "page/1"}, ErrWhichEntry},
		"a file of one":       {EntryName{Name: "file/2"}, ErrWhichEntry},
		"a page of one":       {EntryName{Name: "page/2"}, ErrWhichEntry},
		"the item named":      {EntryName{b.ID, "file/1"}, nil},
		"every file":          {EntryName{Name: "file/"}, nil},
		"a field":             {EntryName{Name: "description"}, nil},
		"a field and an item": {EntryName{a.ID, "description"}, nil},
	} {
		for of, rest := range map[string]evidence.ItemID{"of all": EveryItem, "of a": a.ID} {
			in := Packing{Items: []*Item{a, b}, Withhold: []Withhold{{EntryName: EntryName{Item: rest}, Except: []EntryName{c.reveal}}}}
			if _, err := s.planOf(t.Context(), in); !errors.Is(err, c.want) {
				t.Errorf("%s, the rest %s: %v, want %v", name, of, err, c.want)
			}
			in.Items = in.Items[:1]
			if _, err := s.planOf(t.Context(), in); err != nil {
				t.Errorf("%s, the rest %s, and one item: %v", name, of, err)
			}
		}
	}
}

// A text names an entry of every item, or of one that the desk knows.
func TestParseEntryName(t *testing.T) {
	it := &Item{ID: evidence.ItemID{7}}
	find := called(map[string]*Item{"L-1": it, "a:b": it, "CUSTODY1:AAAA": it})
	for text, want := range map[string]EntryName{
		"file/1": {EveryItem, "file/1"}, "L-1:file/1": {it.ID, "file/1"}, "L-1:file/": {it.ID, "file/"}, "a:b:place": {it.ID, "place"}, "CUSTODY1:AAAA:place": {it.ID, "place"},
	} {
		if got, err := ParseEntryName(text, find); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]error{"": ErrEntryName, ":": ErrEntryName, ":file/1": ErrEntryName, "L-1:": ErrEntryName, "L-2:file/1": ErrNoItem, "file:1": ErrNoItem} {
		if got, err := ParseEntryName(text, find); !errors.Is(err, want) || got.Item != EveryItem {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func FuzzParseEntryName(f *testing.F) {
	f.Add("L-1:file/1")
	f.Fuzz(func(t *testing.T, text string) {
		var asked string
		e, err := ParseEntryName(text, func(name string) (evidence.ItemID, error) { asked = name; return evidence.ItemID{1}, nil })
		if err != nil {
			return
		}
		if e.Name == "" || strings.Contains(e.Name, ":") || asked == "" && e.Item != EveryItem || asked != "" && asked+":"+e.Name != text {
			t.Errorf("%q: %v of %q", text, e, asked)
		}
	})
}
