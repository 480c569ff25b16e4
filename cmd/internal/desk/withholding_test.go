package desk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/spec/spectest"
)

const withholdingRules = `{
  "format": "custody/withholding/v1",
  "reveal": ["description", "file/"],
  "rules": [
    {"id": "W-1", "names": ["place"], "code": "method", "authority": "Court AA", "review": "2027-01-01"},
    {"id": "W-2", "paths": ["private/", "*.jpg"], "code": "protected-person", "authority": "Court AA", "review": "2027-06-01", "hide-name": true},
    {"id": "W-4", "rest": true, "code": "out-of-scope", "authority": "Prosecutor AA", "review": "2028-01-01"}
  ]
}`

// sealFiles seals files with these paths.
func sealFiles(t *testing.T, s *Session, fields map[string]any, paths ...string) *Item {
	t.Helper()
	return s.mustSeal(t, Sealing{Paths: []string{folderOf(t, paths)}, Fields: fields})
}

// madeFrom derives an item of such files.
func madeFrom(t *testing.T, s *Session, it *Item, fields map[string]any, paths ...string) *Item {
	t.Helper()
	_, made, err := s.Derive(t.Context(), Derivation{Item: it, Kind: evidence.Redacted}, Sealing{Paths: []string{folderOf(t, paths)}, Fields: fields})
	noError(t, err)
	return s.mustLoad(t, made.Item)
}

// folderOf is a folder with files at these paths, each with its path in it.
func folderOf(t *testing.T, paths []string) string {
	t.Helper()
	dir := t.TempDir()
	for _, p := range paths {
		file := filepath.Join(dir, filepath.FromSlash(p))
		noError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		noError(t, os.WriteFile(file, []byte(p+dir), 0o600))
	}
	return dir
}

// The first rule that selects an entry decides about it: by name, by path, by what is
// to be revealed alone.
func TestWithholdingByRule(t *testing.T) {
	s := newPacker(t)
	it := sealFiles(t, s, map[string]any{"description": "a folder", "place": "here", "exhibit": "E-1"}, "a.txt", "b.jpg", "private/c.txt")
	noError(t, spectest.Check(spectest.Schema(t, "withholding"), []byte(withholdingRules)))
	w, err := ParseWithholding("rules.json", []byte(withholdingRules))
	noError(t, err)
	all, err := w.Select([]*Item{it}, noItems)
	noError(t, err)
	p := &packPlan{names: namesOf(all)}
	got := func(name string) Withhold {
		if i := p.held(it, name); i >= 0 {
			return all[i]
		}
		return Withhold{}
	}
	paths := map[string]string{}
	view, err := it.First().View()
	noError(t, err)
	for _, e := range view.Files() {
		v, err := evidence.ParseFileValue(e.Value)
		noError(t, err)
		paths[v.Path] = e.Name
	}
	for name, code := range map[string]evidence.ReasonCode{
		"place": "method", "exhibit": "out-of-scope", "description": "", "step/remark": "out-of-scope", "use": "out-of-scope", "to": "out-of-scope", paths["a.txt"]: "", paths["b.jpg"]: "protected-person", paths["private/c.txt"]: "protected-person",
	} {
		if got(name).Code != code || got(name).HideName != (strings.HasPrefix(name, "file/") && code != "") {
			t.Errorf("%s: %+v, not for %q", name, got(name), code)
		}
	}
	if got("exhibit").Authority != "Prosecutor AA" || got("exhibit").Review != "2028-01-01" {
		t.Errorf("%+v", got("exhibit"))
	}
}

// A rule that selects nothing, and a name to reveal that there is not, are slips.
func TestWithholdingSlips(t *testing.T) {
	s := newPacker(t)
	it := sealFiles(t, s, map[string]any{"description": "a folder"}, "a.txt")
	rule := func(r WithholdingRule) *Withholding {
		r.ID, r.Code, r.Authority, r.Review = "W", evidence.ReasonMethod, "Court AA", "2027-01-01"
		return &Withholding{Rules: []WithholdingRule{r}, Reveal: []string{"description"}}
	}
	for what, c := range map[string]struct {
		w    *Withholding
		want error
	}{
		"no words":  {rule(WithholdingRule{Personal: true}), ErrNotSaid},
		"a path":    {rule(WithholdingRule{Paths: []string{"*.png"}}), ErrNothingHeld},
		"to reveal": {&Withholding{Rules: rule(WithholdingRule{Rest: true}).Rules, Reveal: []string{"describtion"}}, ErrNotThere},
	} {
		if _, err := c.w.Select([]*Item{it}, noItems); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, change := range [][2]string{
		{`"custody/withholding/v1"`, `"custody/withholding/v2"`}, {`"method"`, `"because"`}, {`"names": ["place"]`, `"names": []`},
		{`"2027-06-01"`, `"soon"`}, {`"*.jpg"`, `"[.jpg"`}, {`"hide-name": true`, `"hide-nam": true`}, {`"authority": "Prosecutor AA"`, `"authority": ""`},
		{`"id": "W-1", "names": ["place"]`, `"id": "W-1", "rest": true`},
		{`"names": ["place"]`, `"names": ["L-1:place"]`}, {`"names": ["place"]`, `"names": ["place"], "items": [""]`}, {`"file/"]`, `"L-1:"]`}, {`"file/"]`, `":file/"]`},
	} {
		if _, err := ParseWithholding("rules.json", []byte(strings.Replace(withholdingRules, change[0], change[1], 1))); err == nil {
			t.Errorf("%s is taken", change[1])
		}
	}
}

func FuzzParseWithholding(f *testing.F) {
	f.Add([]byte(withholdingRules))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := ParseWithholding("rules.json", b)
		if (err == nil) != (w != nil) || err == nil && len(w.Rules) == 0 {
			t.Errorf("%+v, %v", w, err)
		}
	})
}
