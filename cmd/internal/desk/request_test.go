package desk

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	mlaclock "example.org/custody/evidence/mla/clock" // clock is the home's own
	"example.org/custody/ledger"
	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
)

// completeOrder is the complete form of the vector.
func completeOrder(t *testing.T) (fields map[string]any) {
	t.Helper()
	b, err := spec.Vectors.ReadFile("vectors/form-eio-annex-a.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(txtar.Parse(b).Files[0].Data, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func orderTo(state string) RequestDraft {
	return RequestDraft{Instrument: "eio", Form: "annex-a", To: state, Measures: []mla.Measure{"hearing"}}
}

func (s *Session) mustRequest(t *testing.T, id evidence.ItemID) *Request {
	t.Helper()
	r, err := s.Request(s.mustLoad(t, id))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *Session) mustStep(t *testing.T, id evidence.ItemID, to mla.State, facts map[string]any, other string) {
	t.Helper()
	st := RequestStep{Request: s.mustRequest(t, id), To: to, Facts: facts}
	if other != "" {
		var err error
		if st.Other, err = s.CardOf(other); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.TakeStep(t.Context(), st); err != nil {
		t.Fatal(err)
	}
}

// What a request says of itself is read back from its records, and the form that
// was stated last counts.
func TestRequestIsReadBack(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	d := orderTo("FR")
	d.Draft, d.Part = map[string]any{"a-issuing-state": "DE"}, "67"
	sealed, err := s.NewRequest(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	r := s.mustRequest(t, sealed.Item)
	if r.Law.From != "DE" || r.Law.To != "FR" || len(r.Law.Measures) != 1 || r.Law.Fields["a-issuing-state"] != "DE" || r.Places[mla.Executing].Part != "67" || r.History.State() != mla.Draft {
		t.Errorf("%+v", r.Law)
	}
	if _, err := s.TakeStep(t.Context(), RequestStep{Request: r, To: "ready"}); !errors.Is(err, mla.ErrStep) {
		t.Errorf("an incomplete draft becomes ready: %v", err)
	}
	if _, err := s.TakeStep(t.Context(), RequestStep{Request: r, To: "ready", Form: completeOrder(t)}); err != nil {
		t.Fatal(err)
	}
	r = s.mustRequest(t, sealed.Item)
	if r.History.State() != "ready" || r.Law.Fields["k-type"] != "prosecutor" || mla.Builtin().Complete(r.Law.Form, r.Law.Fields, s.Now()) != nil {
		t.Errorf("%s %v", r.History.State(), r.Law.Fields)
	}
	all, unread, err := s.Requests(t.Context())
	if err != nil || len(all) != 1 || len(unread) != 0 {
		t.Errorf("%d requests, %v: %v", len(all), unread, err)
	}
}

// written adds a step as a program would that asks no guard.
func (s *Session) written(t *testing.T, id evidence.ItemID, fields map[string]any) {
	t.Helper()
	if _, err := s.DoMany(t.Context(), []Act{{Item: s.mustLoad(t, id), Action: evidence.Step, Fields: fields}}); err != nil {
		t.Fatal(err)
	}
}

// Steps that no guard lets pass do not count when another program writes them, nor
// do forms that they state; they are shown, and the request goes on without them.
func TestStepsAreNotBelieved(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	sealed, err := s.NewRequest(t.Context(), orderTo("FR"))
	if err != nil {
		t.Fatal(err)
	}
	id := sealed.Item
	s.written(t, id, map[string]any{"step/to": "closed", "step/by": "issuing"})
	s.written(t, id, map[string]any{"step/to": "acknowledged", "step/by": "executing", "form/x": "y"})
	s.written(t, id, map[string]any{"step/to": "ready", "step/by": "issuing", "form/a-issuing-state": "DE"})
	r := s.mustRequest(t, id)
	if r.History.State() != mla.Draft || len(r.Refused) != 3 || len(r.Law.Fields) != 0 {
		t.Errorf("%s, %d refused, %v", r.History.State(), len(r.Refused), r.Law.Fields)
	}
	if r.Refused[1].Seq != 2 || r.Refused[1].To != "acknowledged" || !errors.Is(r.Refused[1].Err, mla.ErrStep) {
		t.Errorf("%+v", r.Refused[1])
	}
	if _, err := s.TakeStep(t.Context(), RequestStep{Request: r, To: "ready", Form: completeOrder(t)}); err != nil {
		t.Fatal(err)
	}
	s.mustStep(t, id, "signed", nil, "")
	s.written(t, id, map[string]any{"step/to": "sent", "step/by": "issuing", "step/channel": "direct", "form/x": "y"})
	s.written(t, id, map[string]any{"step/to": "delivered", "step/by": "executing", "step/one-sided": "r"}) // signed by an officer of DE
	if r = s.mustRequest(t, id); r.History.State() != "sent" || len(r.Law.Fields) != len(completeOrder(t)) || len(r.Refused) != 4 {
		t.Errorf("%s, %d refused, %d fields", r.History.State(), len(r.Refused), len(r.Law.Fields))
	}
}

// Whoever writes a side's state on a card is told nothing: what the pinned list, or the
// request, says of its key counts. Nor is what another desk would refuse.
func TestTellBelievesNoCard(t *testing.T) {
	s, stranger := deskOf(t, "DE", evidence.RoleCustodian), deskOf(t, "AT", evidence.RoleCustodian)
	sealed, err := s.NewRequest(t.Context(), orderTo("FR"))
	if err != nil {
		t.Fatal(err)
	}
	card, _, err := stranger.ownCard()
	if err != nil {
		t.Fatal(err)
	}
	card.State, card.Authority = "FR", "FR"
	r, dir := s.mustRequest(t, sealed.Item), t.TempDir()
	if _, _, err := s.Tell(t.Context(), r, card, dir, false); !errors.Is(err, ErrNoSide) {
		t.Errorf("told a card that calls itself FR's: %v", err)
	}
	s.mustStep(t, sealed.Item, mla.Withdrawn, map[string]any{"reason": "r"}, "")
	own, _, err := s.ownCard()
	if err != nil {
		t.Fatal(err)
	}
	own.Vault = card.Vault // an officer of DE at another desk
	r = s.mustRequest(t, sealed.Item)
	r.Item.Erased = map[int64]Erased{0: {}}
	if _, _, err := s.Tell(t.Context(), r, own, dir, false); !errors.Is(err, ErrErasedEvents) {
		t.Errorf("told with an event erased: %v", err)
	}
	if it := s.mustLoad(t, sealed.Item); len(it.Entries) != 2 {
		t.Errorf("%d events: something was logged of it", len(it.Entries))
	}
}

// A request that this program cannot read hides no other.
func TestOneRequestHidesNoOther(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	if _, err := s.NewRequest(t.Context(), orderTo("FR")); err != nil {
		t.Fatal(err)
	}
	abroad := map[string]any{"request/instrument": "eio/9", "request/form": "annex-a", "request/from": "FR", "request/to": "DE"}
	for digest, want := range map[string]error{"sha256:00": ErrRequestRecord, strings.Repeat("0", 64): mla.ErrUnknown} {
		abroad["request/sha256"] = digest
		id := s.mustSeal(t, Sealing{Object: digest, Fields: maps.Clone(abroad)}).ID
		_, unread, err := s.Requests(t.Context())
		at := slices.IndexFunc(unread, func(e *ItemError) bool { return e.Item == id })
		if err != nil || at < 0 || !errors.Is(unread[at].Err, want) {
			t.Errorf("%s: %v %v", digest, unread, err)
		}
	}
	if all, unread, err := s.Requests(t.Context()); err != nil || len(all) != 1 || len(unread) != 2 {
		t.Errorf("%d read, %d not: %v", len(all), len(unread), err)
	}
}

// What cannot be drafted is refused before anything is sealed.
func TestRefusedRequests(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	for name, c := range map[string]struct {
		change func(*RequestDraft)
		want   error
	}{
		"another instrument":         {func(d *RequestDraft) { d.Instrument = "eyo" }, mla.ErrUnknown},
		"a form that begins nothing": {func(d *RequestDraft) { d.Form = "annex-b" }, mla.ErrUnknown},
		"no form of several":         {func(d *RequestDraft) { d.Form = "" }, mla.ErrUnknown},
		"another measure":            {func(d *RequestDraft) { d.Measures = []mla.Measure{"listening"} }, mla.ErrUnknown},
		"a state without zone":       {func(d *RequestDraft) { d.To = "ZZ" }, mlaclock.ErrZone},
		"another state's zone":       {func(d *RequestDraft) { d.Zone = "Europe/Rome" }, mlaclock.ErrZone},
	} {
		d := orderTo("FR")
		c.change(&d)
		if _, err := s.NewRequest(t.Context(), d); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all, err := s.All(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%d items: %v", len(all), err)
	}
	phone := s.mustSeal(t, Sealing{Object: "phone"})
	if _, err := s.Request(phone); !errors.Is(err, ErrNoRequest) {
		t.Errorf("a phone is read as a request: %v", err)
	}
}

// Both sides act while the same seal is open: one step is logged, whichever came
// first, and the other is refused by the ledger.
func TestTwoSidesAtOnce(t *testing.T) {
	for _, first := range []mla.State{mla.Withdrawn, "delivered"} {
		s := deskOf(t, "DE", evidence.RoleCustodian, evidence.RoleExaminer)
		sealed, err := s.NewRequest(t.Context(), orderTo("FR"))
		if err != nil {
			t.Fatal(err)
		}
		id := sealed.Item
		if _, err := s.TakeStep(t.Context(), RequestStep{Request: s.mustRequest(t, id), To: "ready", Form: completeOrder(t)}); err != nil {
			t.Fatal(err)
		}
		s.mustStep(t, id, "signed", nil, "")
		s.mustStep(t, id, "sent", map[string]any{"channel": "direct"}, string(evidence.RoleExaminer))
		it := s.mustLoad(t, id)
		steps := []Act{ // the second as a desk of the other state would make it
			{Item: it, Action: evidence.Step, Fields: map[string]any{"step/to": "withdrawn", "step/by": "issuing", "step/reason": "r"}},
			{Item: it, Action: evidence.Step, Fields: map[string]any{"step/to": "delivered", "step/by": "executing", "step/one-sided": "r"}},
		}
		signers := []evidence.Role{evidence.RoleCustodian, evidence.RoleExaminer}
		if first == "delivered" {
			steps[0], steps[1], signers[0], signers[1] = steps[1], steps[0], signers[1], signers[0]
		}
		var entries []*Entry
		for i, st := range steps {
			entries = append(entries, s.as(t, signers[i]).mustSign(t, st))
		}
		if done, err := s.log(t.Context(), entries[:1]); err != nil || len(done) != 1 {
			t.Fatalf("the first: %v, %v", done, err)
		}
		done, err := s.log(t.Context(), entries[1:])
		var closed *ledger.ClosedError
		if len(done) != 0 || !errors.As(err, &closed) {
			t.Fatalf("the second: %v, %v", done, err)
		}
		if got, _ := s.mustLoad(t, id).Text("step/to"); got != string(first) {
			t.Errorf("the last step leads to %s, the first that came to %s", got, first)
		}
	}
}

func (s *Session) mustSign(t *testing.T, a Act) *Entry {
	t.Helper()
	d, err := s.plain(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.sign(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// An officer who is neither custodian nor named takes no step.
func TestStrangerTakesNoStep(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian, evidence.RoleExaminer)
	sealed, err := s.NewRequest(t.Context(), orderTo("FR"))
	if err != nil {
		t.Fatal(err)
	}
	st := RequestStep{Request: s.mustRequest(t, sealed.Item), To: mla.Withdrawn, Facts: map[string]any{"reason": "r"}}
	if _, err := s.as(t, evidence.RoleExaminer).TakeStep(t.Context(), st); err == nil {
		t.Error("taken")
	}
	if got := s.mustRequest(t, sealed.Item).History.State(); got != mla.Draft {
		t.Errorf("the request is %s", got)
	}
}

// Only officers of both states are both sides.
func TestBothSidesAreTwoStates(t *testing.T) {
	for _, c := range []struct {
		to     string
		states []string
		want   bool
	}{{"FR", []string{"DE"}, false}, {"FR", []string{"DE", "DE"}, false}, {"FR", []string{"FR", "DE"}, true}, {"FR", []string{"DE", "IT"}, false},
		{"DE", []string{"DE"}, false}, {"DE", []string{"DE", "DE"}, true}} {
		if got := (&mla.Request{From: "DE", To: c.to}).BothSides(c.states); got != c.want {
			t.Errorf("%v: %t", c.states, got)
		}
	}
}
