package verify_test

import (
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/standard"
	"example.org/custody/verify/verifytest"
)

// An item is judged by the pack of its day: the one that it names, if the reader's
// list names it and it was in force when the item was gathered. A later version
// that asks for more changes nothing for it.
func TestPackOfItsDay(t *testing.T) {
	s := newStage(verifytest.Config{})
	on := func(days int) string { return s.w.Now.AddDate(0, 0, days).UTC().Format(time.DateOnly) }
	first, second := on(0), on(3)
	lib := rules.NewLibrary()
	add := func(file, version, inForce string, old ...string) trust.Pin {
		text := strings.NewReplacer(append([]string{`"version": 1`, `"version": ` + version, `{"from": "2026-01-01"}`, inForce}, old...)...).Replace(testPack)
		p, err := lib.Add(file, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return trust.Pin{Name: string(p.Name()), Digest: trust.Digest(p.Digest())}
	}
	v1 := add("test-1.json", "1", `{"from": "2026-01-01", "to": "`+first+`"}`)
	v2 := add("test-2.json", "2", `{"from": "`+second+`"}`, `has(f.make) && f.make != 'none'`, `has(f.model)`)
	sealed := func(pin trust.Pin) *verifytest.Item {
		return s.ann.Collect(verifytest.Record{Fields: map[string]any{
			standard.Field: standard.Stated{SHA256: evidence.Hash(pin.Digest), Standard: rules.Name(pin.Name)}, "make": "Acme",
		}}, func(e *evidence.Event) { e.Standard = pin.Name })
	}
	early1, early2 := sealed(v1), sealed(v2)
	s.w.Tick(3 * 24 * time.Hour)
	late1, late2 := sealed(v1), sealed(v2)
	one, both, two := []trust.Pin{v1}, []trust.Pin{v1, v2}, []trust.Pin{v2}
	for _, c := range []struct {
		name             string
		item             *verifytest.Item
		list             []trust.Pin
		want, force, t1  verify.Status
		standard, reason string // the pack that it is judged by, and what the finding says
	}{
		{"old, by the list of its day", early1, one, verify.Holds, verify.Holds, verify.Holds, "test/1 T-1", ""},
		{"old, by a later list that names both", early1, both, verify.Holds, verify.Holds, verify.Holds, "test/1 T-1", ""},
		{"old, by a list that names only the new", early1, two, verify.Undecided, "not there", "not there", "", "names no standard test/1"},
		{"new, judged by the new one", late2, both, verify.Fails, verify.Holds, verify.Fails, "test/2 T-1", "not so"},
		{"new, by a list from before", late2, one, verify.Undecided, "not there", "not there", "", "names no standard test/2"},
		{"new, under the old one, which is over", late1, both, verify.Fails, verify.Fails, verify.Holds, "test/1 T-1", "in force from"},
		{"under one that is not in force yet", early2, both, verify.Fails, verify.Fails, verify.Fails, "test/2 T-1", "in force from " + second},
	} {
		s.item = c.item
		q := question7(t, s, adopting(s.w, c.list...), verify.Options{Standards: lib})
		force := statusOf(q, "standard.inforce", "")
		if q.Status != c.want || force != c.force || statusOf(q, "standard.rule", " T-1") != c.t1 {
			t.Errorf("%s: %s, in force %s, rule %s: %+v", c.name, q.Status, force, statusOf(q, "standard.rule", " T-1"), q.Findings)
		}
		if c.standard != "" && statusOf(q, "standard.rule", c.standard) == "not there" {
			t.Errorf("%s: nothing is judged by %s", c.name, c.standard)
		}
		if !says(q, c.reason) {
			t.Errorf("%s: nothing says %q: %+v", c.name, c.reason, q.Findings)
		}
	}
}

// says reports whether a finding of the question has a text in its detail.
func says(q verify.Question, text string) bool {
	for _, f := range q.Findings {
		if strings.Contains(f.Detail, text) {
			return true
		}
	}
	return text == ""
}

// Question 7 shows whether anybody has reviewed the pack, and who.
func TestReviewIsShown(t *testing.T) {
	for text, want := range map[string]string{
		``: "by nobody yet",
		`"reviewed": {"by": "Court AA", "date": "2026-11-01"}, `: "Court AA, 2026-11-01",
	} {
		lib := rules.NewLibrary()
		p, err := lib.Add("test-1.json", []byte(strings.Replace(testPack, `"includes"`, text+`"includes"`, 1)))
		if err != nil {
			t.Fatal(err)
		}
		s := newStage(verifytest.Config{})
		s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{
			standard.Field: standard.Stated{SHA256: p.Digest(), Standard: p.Name()}, "make": "Acme",
		}}, func(e *evidence.Event) { e.Standard = "test/1" })
		q := question7(t, s, adopting(s.w, trust.Pin{Name: "test/1", Digest: trust.Digest(p.Digest())}), verify.Options{Standards: lib})
		found := ""
		for _, f := range q.Facts {
			if f.Name == "standard, reviewed" {
				found = f.Value
			}
		}
		if found != want {
			t.Errorf("%q: reviewed %q, want %q", text, found, want)
		}
	}
}
