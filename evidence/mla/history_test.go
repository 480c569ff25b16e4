package mla_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence/mla"
)

// begun returns a request of each machine, complete.
func begun(t *testing.T, machine string) *mla.Request {
	t.Helper()
	of := map[string][3]string{
		"request": {"eio", "annex-a", "eio-annex-a"}, "notice": {"eio", "annex-c", "eio-annex-c"},
		"production-order": {"e-evidence", "epoc", "epoc"}, "preservation-order": {"e-evidence", "epoc-pr", "epoc-pr"},
		"disclosure": {"defence", "materials", "defence-materials"},
	}[machine]
	i, err := mla.Builtin().Instrument(of[0])
	if err != nil {
		t.Fatal(err)
	}
	return &mla.Request{
		Instrument: i, Form: i.FormFor(of[1]), From: "DE", To: "FR", Measures: []mla.Measure{"search-seizure"},
		Fields: fixtureOf(t, of[2]).complete,
	}
}

const root = "sha256:" + "00000000000000000000000000000000000000000000000000000000000000aa"

// everything is facts with which each guard is passed.
func everything(r *mla.Request) map[string]any {
	clock := "none"
	if len(r.Instrument.Deadlines) > 0 {
		clock = r.Instrument.Deadlines[0].ID
	}
	return map[string]any{
		"one-sided": "the other side is not on the system", "channel": r.Instrument.Channels[0].Code, "decision": root, "recognition": "full",
		"ground": r.Instrument.Grounds[0].ID, "reason": "a reason", "remedy": "appeal", "review": "2027-01-31", "authority": "another",
		"missing": "a page", "answer": "the page", "inventory-count": 3, "inventory-root": root, "received-count": 3, "received-root": root,
		"added": 1, "removed": 0, "changed": 0, "difference": root, "conditions": "none", "return-by": "2027-06-30", "use": "trial",
		"supplement": "another request", "clock": clock, "period-length": 1, "period-unit": "days",
	}
}

// stepTo makes the step of the side that may take it. What has to be late is.
func stepTo(r *mla.Request, h mla.History, to mla.State) mla.Step {
	at := today
	if len(h) > 0 {
		at = h[len(h)-1].At.Add(time.Hour)
	}
	if to == "overdue" || to == "expired" {
		at = at.AddDate(0, 6, 0)
	}
	s := mla.Step{To: to, By: mla.Issuing, At: at, Facts: everything(r)}
	if a, ok := mla.MachineOf(r.Form.Machine).Arrow(h.State(), to); ok {
		s.By = a.By[0]
	}
	return s
}

// allowed takes a step as the test wants it.
func allowed(r *mla.Request, h mla.History, s mla.Step) error {
	return mla.Builtin().Allowed(r, h, s, nil)
}

// histories finds a shortest history to every state, each step of which is allowed.
func histories(r *mla.Request) map[mla.State]mla.History {
	m := mla.MachineOf(r.Form.Machine)
	found := map[mla.State]mla.History{mla.Draft: nil}
	for todo := []mla.State{mla.Draft}; len(todo) > 0; todo = todo[1:] {
		h := found[todo[0]]
		for _, next := range m.Next(todo[0]) {
			s := stepTo(r, h, next)
			if _, ok := found[next]; !ok && allowed(r, h, s) == nil {
				found[next] = append(slices.Clone(h), s)
				todo = append(todo, next)
			}
		}
	}
	return found
}

// Over all pairs of states, with guards: every state is reached by steps that are
// allowed, every arrow can be taken from there by each side that may and by no
// other, and nothing else can.
func TestEveryPairOfStatesWithGuards(t *testing.T) {
	for _, name := range mla.MachineNames() {
		r, m := begun(t, name), mla.MachineOf(name)
		found := histories(r)
		for _, from := range m.States() {
			h, ok := found[from]
			if !ok {
				t.Errorf("%s: no allowed history reaches %s", name, from)
				continue
			}
			for _, to := range m.States() {
				a, legal := m.Arrow(from, to)
				came := len(h) > 1 && h[len(h)-2].To == to
				for _, side := range mla.Sides() {
					s := stepTo(r, h, to)
					s.By = side
					want := legal && slices.Contains(a.By, side) && (!a.Back || came)
					err := allowed(r, h, s)
					if (err == nil) != want {
						t.Errorf("%s: %s to %s by %s: %v, allowed should be %t", name, from, to, side, err, want)
					}
					if err != nil && !errors.Is(err, mla.ErrStep) {
						t.Errorf("%s: %s to %s: %v", name, from, to, err)
					}
				}
			}
		}
	}
}

// A consultation that began after the request was passed on leads back there.
func TestBackLeadsToWhereItCameFrom(t *testing.T) {
	r := begun(t, "request")
	h := histories(r)["forwarded"]
	h = append(h, stepTo(r, h, "consultation"))
	if err := allowed(r, h, stepTo(r, h, "acknowledged")); !errors.Is(err, mla.ErrStep) {
		t.Errorf("back past the authority that has it: %v", err)
	}
	if err := allowed(r, h, stepTo(r, h, "forwarded")); err != nil {
		t.Error(err)
	}
}

// Each guard has a step that does not pass it alone.
func TestEachGuardRefuses(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range guardCases() {
		r := begun(t, c.machine)
		h := histories(r)[c.from]
		if h == nil && c.from != mla.Draft {
			t.Fatalf("%s: nothing reaches %s", c.rule, c.from)
		}
		for _, one := range c.after {
			h = append(h, stepTo(r, h, one))
		}
		if c.request != nil {
			c.request(r)
		}
		s := stepTo(r, h, c.to)
		maps.Copy(s.Facts, c.set)
		for _, name := range c.without {
			delete(s.Facts, name)
		}
		if c.step != nil {
			c.step(&s)
		}
		var refused *mla.StepRefused
		if err := allowed(r, h, s); !errors.As(err, &refused) || refused.Rule != c.rule || !strings.Contains(err.Error(), c.rule) {
			t.Errorf("%s: %s to %s: %v", c.rule, c.from, c.to, err)
		}
		seen[c.rule] = true
	}
	pack, err := mla.Builtin().Guards()
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range pack.AllRules() {
		if !seen[rule.ID] {
			t.Errorf("no step is refused by %s", rule.ID)
		}
	}
}

// guardCase is a step that one guard refuses.
type guardCase struct {
	rule, machine string
	from          mla.State
	after         []mla.State // further steps
	to            mla.State
	set           map[string]any
	without       []string
	request       func(*mla.Request)
	step          func(*mla.Step)
}

func guardCases() []guardCase {
	validated := func(r *mla.Request) {
		r.Fields = maps.Clone(r.Fields)
		maps.Copy(r.Fields, map[string]any{"k-type": "other", "l-type": "judge", "l-name": "Court", "l-signatory": "B", "l-date": "2026-11-27", "l-main-contact": "issuing"})
	}
	incomplete := func(r *mla.Request) { r.Fields = map[string]any{"a-issuing-state": "DE"} }
	barred := func(r *mla.Request) { r.Measures = []mla.Measure{"hearing", "evidence-held"} }
	without := func(names ...string) []string { return names }
	set := func(name string, v any) map[string]any { return map[string]any{name: v} }
	early := func(s *mla.Step) { s.At = s.At.AddDate(0, -6, 1) }
	owing := func(s *mla.Step) { s.By = mla.Executing }
	q, p := "request", "production-order"
	return []guardCase{
		{rule: "S-01", machine: q, to: "ready", from: mla.Draft, request: incomplete},
		{rule: "S-01", machine: q, to: "sent", from: "signed", request: incomplete},
		{rule: "S-02", machine: q, to: "signed", from: "ready", request: validated},
		{rule: "S-03", machine: q, to: "delivered", from: "sent", without: without("one-sided")},
		{rule: "S-04", machine: q, to: "sent", from: "signed", without: without("channel")},
		{rule: "S-04", machine: q, to: "sent", from: "signed", set: set("channel", "pigeon")},
		{rule: "S-05", machine: q, to: "recognised", from: "acknowledged", without: without("decision")},
		{rule: "S-06", machine: q, to: "recognised", from: "acknowledged", without: without("recognition")},
		{rule: "S-07", machine: q, to: "recognised", from: "forwarded", set: set("recognition", "partial"), without: without("reason")},
		{rule: "S-08", machine: q, to: "refused", from: "acknowledged", set: set("ground", "because")},
		{rule: "S-08", machine: "notice", to: "objected", from: "delivered", without: without("ground")},
		{rule: "S-09", machine: q, to: "refused", from: "acknowledged", set: set("ground", "11-1-g"), request: barred},
		{rule: "S-10", machine: p, to: "ground-raised", from: "notified", without: without("reason")},
		{rule: "S-11", machine: q, to: "refused", from: "acknowledged", without: without("remedy")},
		{rule: "S-12", machine: q, to: "postponed", from: "acknowledged", without: without("reason")},
		{rule: "S-13", machine: q, to: "postponed", from: "acknowledged", without: without("review")},
		{rule: "S-14", machine: q, to: "forwarded", from: "acknowledged", without: without("authority")},
		{rule: "S-15", machine: q, to: "incomplete", from: "acknowledged", without: without("missing")},
		{rule: "S-15", machine: p, to: "form-3", from: "preserved", without: without("missing")},
		{rule: "S-16", machine: p, to: "clarified", from: "form-3", without: without("answer")},
		{rule: "S-17", machine: q, to: "sealed-abroad", from: "executing", without: without("inventory-root")},
		{rule: "S-17", machine: p, to: "produced", from: "preserved", without: without("inventory-count")},
		{rule: "S-18", machine: q, to: "received-verified", from: "transferred", set: set("received-count", 2)},
		{rule: "S-18", machine: q, to: "received-verified", from: "transferred", set: set("received-root", root[:len(root)-2]+"bb")},
		{rule: "S-18", machine: p, to: "received-verified", from: "produced", without: without("received-root")},
		{rule: "S-19", machine: q, to: "received-mismatch", from: "transferred", set: set("added", 0)},
		{rule: "S-20", machine: q, to: "received-mismatch", from: "transferred", without: without("difference")},
		{rule: "S-21", machine: q, to: "in-use", from: "received-mismatch", without: without("reason")},
		{rule: "S-22", machine: q, to: "transferred", from: "sealed-abroad", without: without("conditions")},
		{rule: "S-23", machine: q, to: mla.Withdrawn, from: "executing", without: without("reason")},
		{rule: "S-24", machine: q, to: "consultation", from: "acknowledged", without: without("reason")},
		{rule: "S-25", machine: q, to: "use-reported", from: "in-use", without: without("use")},
		{rule: "S-26", machine: q, to: "return-due", from: "use-reported", without: without("return-by")},
		{rule: "S-27", machine: q, to: mla.State(mla.NoteSupplement), from: "executing", without: without("supplement")},
		{rule: "S-28", machine: q, to: mla.State(mla.NotePaused), from: "delivered", set: set("clock", "produce")},
		{rule: "S-29", machine: q, to: mla.State(mla.NotePaused), from: "delivered", without: without("reason")},
		{rule: "S-30", machine: q, to: mla.State(mla.NoteExtended), from: "delivered", set: set("clock", "execute"), without: without("period-unit")},
		{rule: "S-31", machine: q, to: mla.State(mla.NoteExtended), from: "delivered", set: map[string]any{"clock": "decide", "period-length": 31}},
		{rule: "S-31", machine: q, to: mla.State(mla.NoteExtended), from: "delivered", set: set("clock", "acknowledge")},
		{rule: "S-03", machine: q, to: mla.State(mla.NoteExtended), from: "delivered", set: set("clock", "decide"), without: without("one-sided")},
		{rule: "S-35", machine: q, to: mla.State(mla.NotePaused), from: "delivered", set: set("clock", "decide"), step: owing},
		{rule: "S-35", machine: q, to: mla.State(mla.NoteRestarted), from: "delivered", set: set("clock", "decide"), step: owing},
		{rule: "S-32", machine: p, to: "overdue", from: "preserved", step: early},
		{rule: "S-32", machine: "preservation-order", to: "expired", from: "preserved", step: early},
		{rule: "S-33", machine: q, to: mla.State(mla.NoteConfidentiality), from: "executing", without: without("reason")},
		{rule: "S-34", machine: p, to: "deleted", from: "late-objection", without: without("reason")},
	}
}

// An extension is granted as often as the instrument says, and after the end of a
// request nothing is noted any more.
func TestNotes(t *testing.T) {
	r := begun(t, "request")
	h := histories(r)["acknowledged"]
	extend := stepTo(r, h, mla.State(mla.NoteExtended))
	maps.Copy(extend.Facts, map[string]any{"clock": "decide", "period-length": 30})
	if err := allowed(r, h, extend); err != nil {
		t.Fatal(err)
	}
	again := append(slices.Clone(h), extend)
	extend.At = extend.At.Add(time.Hour)
	var refused *mla.StepRefused
	if err := allowed(r, again, extend); !errors.As(err, &refused) || refused.Rule != "S-31" {
		t.Errorf("extended a second time: %v", err)
	}
	if again.State() != "acknowledged" {
		t.Errorf("a note leads to %s", again.State())
	}
	ended := append(slices.Clone(again), stepTo(r, again, mla.Withdrawn))
	if err := allowed(r, ended, stepTo(r, ended, mla.State(mla.NoteSupplement))); !errors.Is(err, mla.ErrStep) {
		t.Errorf("a note after the end: %v", err)
	}
	before := stepTo(r, h, "incomplete")
	before.At = h[0].At.Add(-time.Hour)
	if err := allowed(r, h, before); !errors.Is(err, mla.ErrStep) {
		t.Errorf("a step before the one before it: %v", err)
	}
	stated := stepTo(r, h, "incomplete")
	stated.Facts["both-of-us"] = true
	if err := allowed(r, h, stated); !errors.As(err, &refused) || refused.Field != "both-of-us" {
		t.Errorf("a fact that steps do not have: %v", err)
	}
}

// Only a delivery commits to an inventory: what any other step says of one, a note
// of the receiving side above all, changes nothing.
func TestOnlyADeliveryCommits(t *testing.T) {
	r := begun(t, "request")
	h := histories(r)["transferred"]
	other := root[:len(root)-2] + "bb"
	note := mla.Step{To: mla.State(mla.NoteSupplement), By: mla.Issuing, At: h[len(h)-1].At, Facts: map[string]any{"supplement": "R-2", "inventory-count": 1, "inventory-root": other}}
	if err := allowed(r, h, note); err != nil {
		t.Fatal(err)
	}
	h = append(slices.Clone(h), note)
	s := stepTo(r, h, "received-verified")
	s.Facts["received-count"], s.Facts["received-root"] = 1, other
	var refused *mla.StepRefused
	if err := allowed(r, h, s); !errors.As(err, &refused) || refused.Rule != "S-18" {
		t.Errorf("received as a note has it: %v", err)
	}
	if count, sent, ok := h.Sent(); !ok || count != 3 || sent != root {
		t.Errorf("sent: %d %s %t", count, sent, ok)
	}
}

// An extension that nobody could compute with is refused.
func TestNoEndlessExtension(t *testing.T) {
	r := begun(t, "request")
	h := histories(r)["executing"]
	s := stepTo(r, h, mla.State(mla.NoteExtended))
	maps.Copy(s.Facts, map[string]any{"clock": "execute", "period-length": 3660})
	if err := allowed(r, h, s); !errors.Is(err, mla.ErrStep) {
		t.Errorf("3,660 days more: %v", err)
	}
	s.Facts["period-length"] = 100
	if err := allowed(r, h, s); err != nil {
		t.Error(err)
	}
}

// What is computed cannot be stated.
func TestComputedFactsAreNotStated(t *testing.T) {
	r := begun(t, "request")
	h := histories(r)["transferred"]
	s := stepTo(r, h, "received-verified")
	maps.Copy(s.Facts, map[string]any{"received-count": 7, "sent-count": 7})
	var refused *mla.StepRefused
	if err := allowed(r, h, s); !errors.As(err, &refused) || refused.Rule != "S-18" {
		t.Errorf("a receiver that says what was sent: %v", err)
	}
}
