package verify_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/standard"
	"example.org/custody/verify/verifytest"
)

// testPack is a pack with one rule of each severity.
const testPack = `{
 "format": "custody/standard/v1", "id": "test", "version": 1, "language": "en", "title": "A test", "about": "Nothing but a test.",
 "in-force": {"from": "2026-01-01"}, "includes": [], "translations": [],
 "fields": [
  {"name": "make", "type": "text", "required": true, "label": "Make", "help": "Maker."},
  {"name": "model", "type": "text", "label": "Model", "help": "Model."}
 ],
 "rules": [
  {"id": "T-1", "severity": "error", "holds": "has(f.make) && f.make != 'none'", "text": "The make is recorded.", "source": [{"standard": "Guide A", "section": "7"}]},
  {"id": "T-2", "severity": "warning", "holds": "has(f.model)", "text": "The model is recorded.", "source": [{"standard": "Guide B"}]},
  {"id": "T-3", "severity": "error", "when": "events.exists(e, e.action == 'offer')", "holds": "handoffs.all(h, h.answer == 'accept' && h.distinct)", "text": "Every handoff was answered.", "source": [{"standard": "Guide A"}]}
 ]
}`

// sealedUnder is an item sealed under the pack, and the reader's choices.
func sealedUnder(t *testing.T, fields map[string]any) (*stage, *rules.Library, *rules.Standard) {
	t.Helper()
	lib := rules.NewLibrary()
	p, err := lib.Add("test-1.json", []byte(testPack))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{standard.Field: standard.Stated{SHA256: p.Digest(), Standard: p.Name()}}
	for k, v := range fields {
		all[k] = v
	}
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{Fields: all}, func(e *evidence.Event) { e.Standard = "test/1" })
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	return s, lib, p
}

func adopting(w *verifytest.World, pins ...trust.Pin) verify.Trust {
	return w.EditList(func(l *trust.List) { l.Standards = pins })
}

func question7(t *testing.T, s *stage, tr verify.Trust, o verify.Options) verify.Question {
	t.Helper()
	o.AsOf = s.w.Now
	return verify.Dossier(s.w.Dossier(s.item), tr, o).Items[0].Questions[6]
}

func statusOf(q verify.Question, check, subject string) verify.Status {
	for _, f := range q.Findings {
		if f.Check == check && strings.HasSuffix(f.Subject, subject) {
			return f.Status
		}
	}
	return "not there"
}

// Question 7 lists every rule with its result, its words and its source.
func TestQuestion7(t *testing.T) {
	s, lib, p := sealedUnder(t, map[string]any{"make": "Acme"})
	pin := trust.Pin{Name: "test/1", Digest: trust.Digest(p.Digest())}
	hold := func(names ...string) func(evidence.ViewEntry) *evidence.Withholding {
		return func(e evidence.ViewEntry) *evidence.Withholding {
			if !slices.Contains(names, e.Name) {
				return nil
			}
			return &evidence.Withholding{Name: e.Name == "model", Withheld: evidence.Withheld{Authority: "AA", Code: evidence.ReasonMethod, Review: "2027-01-01"}}
		}
	}
	all := func(status verify.Status) map[string]verify.Status {
		return map[string]verify.Status{"T-1": status, "T-2": status, "T-3": status}
	}
	lenient, err := lib.Add("test-1.json", []byte(strings.Replace(testPack, `f.make != 'none'`, `true`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	other := trust.Pin{Name: "test/1", Digest: trust.Digest(lenient.Digest())}
	for _, c := range []struct {
		name  string
		trust verify.Trust
		opts  verify.Options
		hide  []string
		want  verify.Status
		rules map[string]verify.Status
	}{
		{"adopted", adopting(s.w, pin), verify.Options{Standards: lib}, nil, verify.Holds,
			map[string]verify.Status{"T-1": verify.Holds, "T-2": verify.Fails, "T-3": verify.Holds}},
		{"held back", adopting(s.w, pin), verify.Options{Standards: lib}, []string{"make"}, verify.Undecided,
			map[string]verify.Status{"T-1": verify.Undecided, "T-2": verify.Fails, "T-3": verify.Holds}},
		{"digest held back", adopting(s.w, pin), verify.Options{Standards: lib}, []string{"standard"}, verify.Holds,
			map[string]verify.Status{"T-1": verify.Holds, "T-2": verify.Fails, "T-3": verify.Holds}},
		{"not adopted", s.w.Trust(), verify.Options{Standards: lib}, nil, verify.Undecided, all("not there")},
		{"no list", verify.Trust{}, verify.Options{Standards: lib}, nil, verify.Undecided, all("not there")},
		{"another digest", adopting(s.w, other), verify.Options{Standards: lib}, nil, verify.Undecided, all("not there")},
		{"not known here", adopting(s.w, pin), verify.Options{}, nil, verify.Undecided, all("not there")},
	} {
		s.item.Events[0].Hide(hold(c.hide...))
		q := question7(t, s, c.trust, c.opts)
		if q.Status != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.name, q.Status, c.want, q.Findings)
		}
		for rule, want := range c.rules {
			check := "standard.rule"
			if rule == "T-2" {
				check = "standard.advice"
			}
			if got := statusOf(q, check, " "+rule); got != want {
				t.Errorf("%s: rule %s %s, want %s", c.name, rule, got, want)
			}
		}
	}
	s.item.Events[0].Hide(nil)
	q := question7(t, s, adopting(s.w, pin), verify.Options{Standards: lib})
	if words := q.Findings[3].Detail; words != "The make is recorded. (error; source: Guide A, 7)" {
		t.Error(words)
	}
}

// A rule that fails makes the question fail and no other, and what is not proven
// counts for nothing.
func TestQuestion7Fails(t *testing.T) {
	s, lib, p := sealedUnder(t, map[string]any{"make": "none"})
	tr := adopting(s.w, trust.Pin{Name: "test/1", Digest: trust.Digest(p.Digest())})
	q := question7(t, s, tr, verify.Options{Standards: lib})
	if q.Status != verify.Fails || statusOf(q, "standard.rule", " T-1") != verify.Fails || statusOf(q, "standard.rule", " T-3") != verify.Holds {
		t.Errorf("%s %+v", q.Status, q.Findings)
	}
	d := s.w.Dossier(s.item)
	line := event(d, s.item, 0)
	line.Record.Entries[0].Value = []byte(`"Acme"`)
	q = verify.Dossier(d, tr, verify.Options{Standards: lib, AsOf: s.w.Now}).Items[0].Questions[6]
	if q.Status == verify.Holds || statusOf(q, "standard.rule", " T-1") == verify.Holds {
		t.Errorf("a changed record: %s %+v", q.Status, q.Findings)
	}
	d = s.w.Dossier(s.item)
	drop(d, s.ann.Enrolment, 0) // the record is as sealed; who sealed it cannot be told
	q = verify.Dossier(d, tr, verify.Options{Standards: lib, AsOf: s.w.Now}).Items[0].Questions[6]
	if q.Status != verify.Undecided || statusOf(q, "standard.rule", " T-3") != verify.Undecided {
		t.Errorf("signed by nobody known: %s %+v", q.Status, q.Findings)
	}
}

// A court's own pack stands beside the one that the item names, and changes no answer.
func TestCourtsOwnPack(t *testing.T) {
	s, lib, p := sealedUnder(t, map[string]any{"make": "Acme"})
	tr := adopting(s.w, trust.Pin{Name: "test/1", Digest: trust.Digest(p.Digest())})
	text := strings.NewReplacer(`"test", "version": 1`, `"court", "version": 3`, `has(f.model)`, `has(f.make)`, `"T-3"`, `"C-9"`).Replace(testPack)
	own, err := lib.Add("court-3.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	pack, err := lib.Pack(own.Digest())
	if err != nil {
		t.Fatal(err)
	}
	d := s.w.Dossier(s.item)
	plain := verify.Dossier(d, tr, verify.Options{Standards: lib, AsOf: s.w.Now})
	with := verify.Dossier(d, tr, verify.Options{Standards: lib, AsOf: s.w.Now, Court: pack})
	var got []string
	for _, r := range with.Items[0].Court.Rows {
		got = append(got, r.Rule+" "+string(r.First)+"|"+string(r.Second))
	}
	want := []string{"T-1 holds|holds", "T-2 fails|holds", "C-9 |holds", "T-3 holds|"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	validVerdict(t, with)
	with.Items[0].Court = nil
	if string(encoded(t, plain)) != string(encoded(t, with)) {
		t.Error("a court's own pack changes the verdict")
	}
}

// A reviewer who saw what is held back stands in for a rule, and the verdict says
// so; nobody's word counts about another record, by the collector alone, or
// against what can be decided.
func TestReviewersWord(t *testing.T) {
	for _, c := range []struct {
		name       string
		role       evidence.Role
		edit       func(*standard.Attestation)
		held       bool
		rule, word verify.Status // of T-1, as decided and as attested
	}{
		{"stands in", evidence.RoleApprover, nil, true, "not there", verify.Holds},
		{"says that it fails", evidence.RoleApprover, func(a *standard.Attestation) { a.Rules["T-1"] = rules.Fails }, true, "not there", verify.Fails},
		{"nothing is held back", evidence.RoleApprover, func(a *standard.Attestation) { a.Rules["T-1"] = rules.Fails }, false, verify.Holds, "not there"},
		{"another record", evidence.RoleApprover, func(a *standard.Attestation) { a.Record[0] ^= 1 }, true, verify.Undecided, "not there"},
		{"another pack", evidence.RoleApprover, func(a *standard.Attestation) { a.SHA256[0] ^= 1 }, true, verify.Undecided, "not there"},
		{"no such status", evidence.RoleApprover, func(a *standard.Attestation) { a.Rules["T-1"] = rules.Undecided }, true, verify.Undecided, "not there"},
		{"in no reviewer's role", evidence.RoleExaminer, nil, true, verify.Undecided, "not there"},
	} {
		s, lib, p := sealedUnder(t, map[string]any{"make": "Acme"})
		word := standard.Attestation{
			Record: s.item.Events[0].Event.Record.Root, SHA256: p.Digest(), Standard: p.Name(), Rules: map[string]rules.Status{"T-1": rules.Holds},
		}
		if c.edit != nil {
			c.edit(&word)
		}
		reviewer := s.w.State("BB").Enrol(c.role)
		s.item.Act(evidence.Examine, []*verifytest.Officer{s.bob, reviewer}, verifytest.Record{Fields: map[string]any{standard.FieldAttestation: word}})
		if c.held {
			s.item.Events[0].Hide(func(e evidence.ViewEntry) *evidence.Withholding {
				if e.Name != "make" {
					return nil
				}
				return &evidence.Withholding{Withheld: evidence.Withheld{Authority: "AA", Code: evidence.ReasonMethod, Review: "2027-01-01"}}
			})
		}
		q := question7(t, s, adopting(s.w, trust.Pin{Name: "test/1", Digest: trust.Digest(p.Digest())}), verify.Options{Standards: lib})
		if rule, word := statusOf(q, "standard.rule", " T-1"), statusOf(q, "standard.attested", " T-1"); rule != c.rule || word != c.word {
			t.Errorf("%s: decided %s, attested %s; want %s, %s", c.name, rule, word, c.rule, c.word)
		}
	}
}
