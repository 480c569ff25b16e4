package mla_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/spec/spectest"
)

// viewOf is the view of a record with these fields.
func viewOf(t *testing.T, fields map[string]any) *evidence.View {
	t.Helper()
	r, err := evidence.NewRecord(evidence.NewRecordKey(), fields)
	if err != nil {
		t.Fatal(err)
	}
	return r.View(nil)
}

func wanted(proceeding string) mla.Use {
	return mla.Use{State: "DE", Proceeding: proceeding, Purpose: "prosecution", At: today}
}

// A consent answers the question of its giver for the use that it names, until it
// ends, and nothing else.
func TestConsentCountsForOneUse(t *testing.T) {
	limit := begun(t, "request").Limit("12 Js 345/26", "prosecution")
	agreed := mla.Agreed{Document: evidence.Hash{1}, Giver: "FR", Proceeding: "13 Js 1/27", Purpose: "prosecution", Reference: "letter 1", State: "DE", Until: today.Add(time.Hour).UTC()}
	var told mla.Told
	for _, fields := range []map[string]any{{mla.FieldLimits: []mla.Limit{limit}}, {"note": "x"}, {mla.FieldConsent: agreed}} {
		if err := told.Add(viewOf(t, fields)); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		change func(*mla.Use)
		want   mla.Decision
	}{
		"the use agreed to":           {func(*mla.Use) {}, mla.Allow},
		"another proceeding":          {func(u *mla.Use) { u.Proceeding = "14 Js 1/27" }, mla.Ask},
		"another purpose":             {func(u *mla.Use) { u.Purpose = "asylum" }, mla.Ask},
		"another state":               {func(u *mla.Use) { u.State = "AT" }, mla.Ask},
		"shown with its request":      {func(u *mla.Use) { u.ShowsRequest = true }, mla.Ask},
		"after the consent has ended": {func(u *mla.Use) { u.At = today.Add(time.Hour) }, mla.Ask},
		"a consent brought along": {func(u *mla.Use) {
			u.Proceeding, u.Consents = "14 Js 1/27", []mla.Consent{{Giver: "FR", Reference: "mine"}}
		}, mla.Ask},
	} {
		u := wanted("13 Js 1/27")
		c.change(&u)
		d := told.Decide(evidence.Disclose, u)
		if d.Decision != c.want || (c.want == mla.Ask) != slices.Contains(d.Ask, "FR") {
			t.Errorf("%s: %+v", name, d)
		}
		again := d.Use()
		if back := told.Decide(d.Act, again); back.Decision != d.Decision {
			t.Errorf("%s: decided again %s, was %s", name, back.Decision, d.Decision)
		}
		for what, doc := range map[string]any{"use": d, "use-consent": agreed} {
			b, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if err := spectest.Check(spectest.Schema(t, what), b); err != nil {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
}

// What holds back whether it has limits says so, and adds nothing.
func TestHiddenLimits(t *testing.T) {
	var told mla.Told
	v := viewOf(t, map[string]any{mla.FieldLimits: []mla.Limit{}, "note": "x"})
	held := v.Withhold(func(e evidence.ViewEntry) *evidence.Withholding {
		if e.Name != mla.FieldLimits {
			return nil
		}
		return &evidence.Withholding{Withheld: evidence.Withheld{Authority: "a", Code: "method", Review: "2027-01-01"}}
	})
	if err := told.Add(held); !errors.Is(err, mla.ErrLimitsHidden) || !told.None() {
		t.Errorf("%v, %+v", err, told)
	}
	if err := told.Add(viewOf(t, map[string]any{mla.FieldLimits: "none"})); !errors.Is(err, mla.ErrLimits) {
		t.Errorf("a text for a list: %v", err)
	}
	if err := told.Add(v); err != nil || !told.None() {
		t.Errorf("%v, %+v", err, told)
	}
}

// One limit more is contained in no list that lacks it.
func TestContain(t *testing.T) {
	r := begun(t, "request")
	one, err := mla.NewLimits(r.Limit("a"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := mla.NewLimits(r.Limit("a"), r.Limit("b"))
	if err != nil {
		t.Fatal(err)
	}
	if !two.Contain(one) || one.Contain(two) || !one.Contain(mla.Limits{}) || !one.Gives("FR") || one.Gives("DE") {
		t.Errorf("%v %v", one, two)
	}
}

// A consent says who gave it, for whom, and where it stands.
func TestConsentIsWhole(t *testing.T) {
	whole := mla.Agreed{Document: evidence.Hash{1}, Giver: "FR", Reference: "letter", State: "DE"}
	if err := whole.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*mla.Agreed){
		"no giver": func(a *mla.Agreed) { a.Giver = "" }, "no state": func(a *mla.Agreed) { a.State = "Germany" },
		"no reference": func(a *mla.Agreed) { a.Reference = "" }, "no document": func(a *mla.Agreed) { a.Document = evidence.Hash{} },
	} {
		a := whole
		change(&a)
		if err := a.Validate(); !errors.Is(err, mla.ErrLimits) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
