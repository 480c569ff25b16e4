package desk

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/spec/spectest"
	"example.org/custody/verify"
)

const thisCase, thisPurpose = "12 Js 345/26", "prosecution"

// anyReport is the report of a package of which a test looks at other things.
func anyReport(*verify.SenderVerdict) ([]byte, error) { return []byte("<!doctype html>\n"), nil }

// limitOf is a limit as a request's instrument lays it down.
func limitOf(edit func(*mla.Limit)) mla.Limit {
	l := mla.Limit{
		ID: "eio/1 " + thisCase, Giver: "FR", States: []string{"DE"}, Proceedings: []string{thisCase}, Purposes: []string{thisPurpose}, OtherUse: mla.Ask, Onward: mla.Ask,
		Exceptions: []mla.LimitException{}, Handling: []string{}, Never: []string{}, Source: "Directive 2014/41/EU, article 19",
	}
	if edit != nil {
		edit(&l)
	}
	return l
}

// limited seals an item with limits in a case.
func (s *Session) limited(t *testing.T, name string, list ...mla.Limit) *Item {
	t.Helper()
	limits, err := mla.NewLimits(list...)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Seal(t.Context(), Sealing{Object: name, Fields: map[string]any{"case": thisCase, mla.FieldLimits: limits.List()}})
	if err != nil {
		t.Fatal(err)
	}
	return s.mustLoad(t, sealed.Item)
}

// disclosed shows the item for a use to a court of the state that it names, else of DE.
func (s *Session) disclosed(t *testing.T, it *Item, u mla.Use) error {
	t.Helper()
	to := evidence.StateCode("DE")
	if u.State != "" {
		to = evidence.StateCode(u.State)
	}
	_, err := s.Do(t.Context(), Act{Item: s.mustLoad(t, it.ID), Action: evidence.Disclose, Fields: map[string]any{"to": "a court"}, Use: &u,
		Counterparty: &evidence.Counterparty{Kind: evidence.PartyCourt, State: to}})
	return err
}

// lastUse is what the newest event says of a use.
func (s *Session) lastUse(t *testing.T, it *Item) (evidence.Action, *mla.Decided) {
	t.Helper()
	last := s.mustLoad(t, it.ID).Last()
	v, err := last.View()
	if err != nil {
		t.Fatal(err)
	}
	raw, found := v.Lookup(mla.FieldUse)
	if found != evidence.Present {
		return last.Event.Action, nil
	}
	if err := spectest.Check(spectest.Schema(t, "use"), raw); err != nil {
		t.Errorf("%s: %v", raw, err)
	}
	var d mla.Decided
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return last.Event.Action, &d
}

// Whatever is wanted of an item with limits is answered by them, and the answer is
// an event: allowed in the act itself, else a step, and the act is not done.
func TestUseIsDecidedAndRecorded(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	moment := s.Now()
	for name, c := range map[string]struct {
		limit  func(*mla.Limit)
		use    mla.Use
		want   mla.Decision
		action evidence.Action
	}{
		"the use it was given for": {nil, mla.Use{Proceeding: thisCase, Purpose: thisPurpose}, mla.Allow, evidence.Disclose},
		"nothing stated":           {nil, mla.Use{}, mla.Ask, evidence.Step},
		"another case":             {nil, mla.Use{Proceeding: "13 Js 1/27", Purpose: thisPurpose}, mla.Ask, evidence.Step},
		"another state":            {func(l *mla.Limit) { l.Onward = mla.Deny }, mla.Use{State: "AT", Proceeding: thisCase, Purpose: thisPurpose}, mla.Deny, evidence.Step},
		"a state that never gets it": {func(l *mla.Limit) { l.Onward, l.Never = mla.Allow, []string{"SY"} }, mla.Use{State: "SY", Proceeding: thisCase, Purpose: thisPurpose},
			mla.Deny, evidence.Step},
		"expired":     {func(l *mla.Limit) { l.Expires = evidence.Instant(moment) }, mla.Use{Proceeding: thisCase, Purpose: thisPurpose}, mla.Deny, evidence.Step},
		"not expired": {func(l *mla.Limit) { l.Expires = evidence.Instant(moment.Add(time.Hour)) }, mla.Use{Proceeding: thisCase, Purpose: thisPurpose}, mla.Allow, evidence.Disclose},
		"a code taken over": {func(l *mla.Limit) { l.Handling = []string{"H2"} }, mla.Use{Proceeding: thisCase, Purpose: thisPurpose, Handling: []string{"H2"}},
			mla.Allow, evidence.Disclose},
		"a code not taken over": {func(l *mla.Limit) { l.Handling = []string{"H2"} }, mla.Use{Proceeding: thisCase, Purpose: thisPurpose}, mla.Ask, evidence.Step},
		"the request shown":     {func(l *mla.Limit) { l.Confidential = true }, mla.Use{Proceeding: thisCase, Purpose: thisPurpose, ShowsRequest: true}, mla.Ask, evidence.Step},
	} {
		it := s.limited(t, name, limitOf(c.limit))
		err := s.disclosed(t, it, c.use)
		if errors.Is(err, ErrUseAsk) != (c.want == mla.Ask) || errors.Is(err, ErrUseDenied) != (c.want == mla.Deny) || (err == nil) != (c.want == mla.Allow) {
			t.Errorf("%s: %v", name, err)
		}
		action, d := s.lastUse(t, it)
		if action != c.action || d == nil || d.Decision != c.want || d.Act != evidence.Disclose {
			t.Errorf("%s: recorded as %s, %+v", name, action, d)
		}
	}
}

// What was allowed yesterday is denied once it has expired: the clock is the desk's.
func TestUseExpires(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	it := s.limited(t, "phone", limitOf(func(l *mla.Limit) { l.Expires = evidence.Instant(s.Now().Add(time.Hour)) }))
	u := mla.Use{Proceeding: thisCase, Purpose: thisPurpose}
	if err := s.disclosed(t, it, u); err != nil {
		t.Fatal(err)
	}
	now := s.Home.Now
	s.Home.Now = func() time.Time { return now().Add(time.Hour) }
	if err := s.disclosed(t, it, u); !errors.Is(err, ErrUseDenied) {
		t.Errorf("after it expired: %v", err)
	}
}

// The giver's answer is a signed step; from then on that use is allowed, and no other.
func TestConsentAllowsThatUse(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	it := s.limited(t, "phone", limitOf(nil))
	u := mla.Use{Proceeding: "13 Js 1/27", Purpose: thisPurpose}
	if err := s.disclosed(t, it, u); !errors.Is(err, ErrUseAsk) {
		t.Fatalf("without consent: %v", err)
	}
	a := mla.Agreed{Document: evidence.Hash{1}, Giver: "TN", Proceeding: u.Proceeding, Purpose: u.Purpose, Reference: "letter", State: "DE"}
	if _, err := s.Consent(t.Context(), s.mustLoad(t, it.ID), a, "", nil); !errors.Is(err, ErrNoGiver) {
		t.Errorf("of a state that gave nothing: %v", err)
	}
	a.Giver = "FR"
	if done, err := s.Consent(t.Context(), s.mustLoad(t, it.ID), a, "", nil); err != nil || done.Entry.Event.Action != evidence.Step || done.Entry.Event.Counterparty.State != "FR" {
		t.Fatalf("%+v, %v", done, err)
	}
	if err := s.disclosed(t, it, u); err != nil {
		t.Errorf("with consent: %v", err)
	}
	u.Proceeding = "14 Js 1/27"
	if err := s.disclosed(t, it, u); !errors.Is(err, ErrUseAsk) {
		t.Errorf("another case: %v", err)
	}
}

// Export to another case asks and leaves an event; within the case nobody is asked.
func TestDerivedForAnotherCase(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	it := s.limited(t, "phone", limitOf(nil))
	derive := func(ref string, use *mla.Use) (*Sealed, error) {
		_, child, err := s.Derive(t.Context(), Derivation{Item: s.mustLoad(t, it.ID), Kind: evidence.Extracted, Use: use}, Sealing{Object: "extract", Fields: map[string]any{"case": ref}})
		return child, err
	}
	if _, err := derive("13 Js 1/27", nil); !errors.Is(err, ErrUseAsk) {
		t.Errorf("another case: %v", err)
	}
	if action, d := s.lastUse(t, it); action != evidence.Step || d == nil || d.Act != evidence.Derive || d.Proceeding != "13 Js 1/27" {
		t.Errorf("recorded as %s, %+v", action, d)
	}
	child, err := derive(thisCase, nil)
	if err != nil {
		t.Fatal(err)
	}
	if told, err := s.mustLoad(t, child.Item).Told(); err != nil || len(told.Limits.List()) != 1 {
		t.Errorf("%+v, %v", told, err)
	}
	a := mla.Agreed{Document: evidence.Hash{1}, Giver: "FR", Proceeding: "13 Js 1/27", Purpose: thisPurpose, Reference: "letter", State: "DE"}
	if _, err := s.Consent(t.Context(), s.mustLoad(t, it.ID), a, "", nil); err != nil {
		t.Fatal(err)
	}
	if child, err = derive("13 Js 1/27", &mla.Use{Purpose: thisPurpose}); err != nil {
		t.Fatal(err)
	}
	if action, d := s.lastUse(t, it); action != evidence.Derive || d == nil || d.Decision != mla.Allow {
		t.Errorf("recorded as %s, %+v", action, d)
	}
	if told, err := s.mustLoad(t, child.Item).Told(); err != nil || len(told.Limits.List()) != 1 {
		t.Errorf("the limits of what went to another case: %+v, %v", told, err)
	}
}

// No chain of derivations, whatever limits it states itself, loses a limit.
func TestNoDerivationLosesALimit(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	dice := rand.New(rand.NewPCG(6, 4))
	it := s.limited(t, "phone", limitOf(nil), limitOf(func(l *mla.Limit) { l.Giver, l.ID = "TN", "untoc/1" }))
	for n := range 8 {
		was, err := it.Told()
		if err != nil {
			t.Fatal(err)
		}
		own := []mla.Limit{}
		if dice.IntN(2) == 0 {
			own = append(own, limitOf(func(l *mla.Limit) { l.ID = string(rune('a' + n)) }))
		}
		fields := map[string]any{"case": thisCase}
		if dice.IntN(3) > 0 {
			fields[mla.FieldLimits] = own
		}
		_, child, err := s.Derive(t.Context(), Derivation{Item: it, Kind: evidence.Copied}, Sealing{Object: "copy", Fields: fields})
		if err != nil {
			t.Fatal(err)
		}
		it = s.mustLoad(t, child.Item)
		is, err := it.Told()
		if err != nil || !is.Limits.Contain(was.Limits) {
			t.Fatalf("generation %d has %v, its parent %v (%v)", n, is.Limits.List(), was.Limits.List(), err)
		}
	}
}

// A package asks, too; what may be in it is disclosed before, and the package has it.
func TestPackAsksTheLimits(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	it := s.limited(t, "phone", limitOf(nil))
	out := filepath.Join(t.TempDir(), "p.asice")
	pack := func(u *mla.Use) error {
		_, err := s.Pack(t.Context(), Packing{Items: []*Item{s.mustLoad(t, it.ID)}, Out: out, Use: u, Report: anyReport})
		return err
	}
	if err := pack(nil); !errors.Is(err, ErrUseAsk) {
		t.Errorf("nothing stated: %v", err)
	}
	if action, d := s.lastUse(t, it); action != evidence.Step || d == nil || d.Act != mla.ActPack || !slices.Equal(d.Ask, []string{"FR"}) {
		t.Errorf("recorded as %s, %+v", action, d)
	}
	if err := pack(&mla.Use{Proceeding: thisCase, Purpose: thisPurpose}); err != nil {
		t.Fatal(err)
	}
	if action, d := s.lastUse(t, it); action != evidence.Disclose || d == nil || d.Act != mla.ActPack || d.Decision != mla.Allow {
		t.Errorf("recorded as %s, %+v", action, d)
	}
}

// Limits that no reader could take are not signed: they would forbid every use.
func TestLimitsAreReadBeforeTheyAreSigned(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	if _, err := s.Seal(t.Context(), Sealing{Object: "phone", Fields: map[string]any{mla.FieldLimits: []any{"none"}}}); !errors.Is(err, mla.ErrLimits) {
		t.Errorf("a sealing: %v", err)
	}
	it := s.limited(t, "phone", limitOf(nil))
	if _, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine, Fields: map[string]any{mla.FieldLimits: "none"}}); !errors.Is(err, mla.ErrLimits) {
		t.Errorf("an act: %v", err)
	}
	_, err := s.Dispose(t.Context(), Disposal{Item: it, Order: "o", Erase: Erase{Events: []int64{0}}})
	if !errors.Is(err, ErrKeepsLimits) {
		t.Errorf("erasing the event: %v", err)
	}
}
