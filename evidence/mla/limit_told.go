package mla

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/custody/evidence"
)

// Entries of an item's records that tell of its use (spec/request.md, "Use limits").
const (
	FieldLimits  = "limits"
	FieldUse     = "use"
	FieldConsent = "use-consent"
	FieldRequest = "request" // id of the request's item
)

// ErrLimitsHidden reports a record that holds back whether it has use limits.
var ErrLimitsHidden = errors.New("whether there are use limits is held back")

// Agreed is what the state that gave evidence has agreed to, the entry
// [FieldConsent]. It counts for this one use.
type Agreed struct {
	Document     evidence.Hash `json:"document"` // SHA-256 of the giver's answer
	Giver        string        `json:"giver"`    // alpha-2
	Proceeding   string        `json:"proceeding"`
	Purpose      string        `json:"purpose"`
	Reference    string        `json:"reference"`
	ShowsRequest bool          `json:"shows-request,omitempty"` // the fact of the request may be shown
	State        string        `json:"state"`                   // of the recipient, alpha-2
	Until        time.Time     `json:"until,omitzero"`          // from then on it counts no more; zero: it stays
}

// Validate returns [ErrLimits] unless the consent names giver, recipient and where
// it stands.
func (a *Agreed) Validate() error {
	switch {
	case !stateForm.MatchString(a.Giver) || !stateForm.MatchString(a.State):
		return fmt.Errorf("%w: a consent names giver and recipient by codes of two letters", ErrLimits)
	case a.Reference == "" || a.Document == evidence.Hash{}:
		return fmt.Errorf("%w: a consent says where it stands, and has the digest of that document", ErrLimits)
	}
	return nil
}

// covers reports whether the consent is for a use.
func (a *Agreed) covers(u *Use) bool {
	return a.State == u.State && a.Proceeding == u.Proceeding && a.Purpose == u.Purpose &&
		(a.ShowsRequest || !u.ShowsRequest) && (a.Until.IsZero() || u.At.Before(a.Until))
}

// Decided is a use and what the limits said of it, the entry [FieldUse].
type Decided struct {
	Act          evidence.Action `json:"act"` // disclose, offer or derive, or [ActPack]
	Ask          []string        `json:"ask"`
	At           time.Time       `json:"at"`
	Decision     Decision        `json:"decision"`
	Exception    ExceptionKind   `json:"exception,omitempty"`
	Handling     []string        `json:"handling"`
	Noticed      bool            `json:"noticed"`
	Proceeding   string          `json:"proceeding"`
	Purpose      string          `json:"purpose"`
	Reasons      []Reason        `json:"reasons"`
	ShowsRequest bool            `json:"shows-request"`
	State        string          `json:"state"`
}

// ActPack is what a package is called in [Decided]; it is no act of an item.
const ActPack evidence.Action = "pack"

// Use returns the use that was decided.
func (d *Decided) Use() Use {
	return Use{State: d.State, Proceeding: d.Proceeding, Purpose: d.Purpose, Exception: d.Exception, Noticed: d.Noticed,
		Handling: d.Handling, ShowsRequest: d.ShowsRequest, At: d.At}
}

// Told is what the records of an item say of its use, up to one of them. The zero
// value is what is known before the first.
type Told struct {
	Limits Limits
	Agreed []Agreed
}

// Add reads the next record of the item. Its errors are [ErrLimits] and
// [ErrLimitsHidden]; nothing was then taken from it. A consent that is held back,
// or cannot be read, is none.
func (t *Told) Add(v *evidence.View) error {
	raw, found := v.Lookup(FieldLimits)
	switch found {
	case evidence.Unknown:
		return ErrLimitsHidden
	case evidence.Present:
		more, err := ParseLimits(raw)
		if err != nil {
			return err
		}
		if t.Limits, err = Derived(t.Limits, more); err != nil {
			return err
		}
	}
	if a, p, err := evidence.Value[Agreed](v, FieldConsent); err == nil && p == evidence.Present && a.Validate() == nil {
		t.Agreed = append(t.Agreed, a)
	}
	return nil
}

// None reports whether there are no limits.
func (t *Told) None() bool { return len(t.Limits.list) == 0 }

// Decide answers a use by the limits and the consents that cover it; the consents
// of u count for nothing.
func (t *Told) Decide(act evidence.Action, u Use) Decided {
	u.Consents = nil
	for i := range t.Agreed {
		if a := &t.Agreed[i]; a.covers(&u) {
			u.Consents = append(u.Consents, Consent{Giver: a.Giver, Reference: a.Reference})
		}
	}
	out := t.Limits.Evaluate(&u)
	return Decided{
		Act: act, Ask: append([]string{}, out.Ask...), At: u.At, Decision: out.Decision, Exception: u.Exception,
		Handling: append([]string{}, u.Handling...), Noticed: u.Noticed, Proceeding: u.Proceeding, Purpose: u.Purpose,
		Reasons: append([]Reason{}, out.Reasons...), ShowsRequest: u.ShowsRequest, State: u.State,
	}
}

// Gives reports whether a state gave something that is limited here.
func (l Limits) Gives(state string) bool {
	return slices.ContainsFunc(l.list, func(one Limit) bool { return one.Giver == state })
}

// Confidential reports whether the fact of a request is not to be shown unasked.
func (l Limits) Confidential() bool {
	return slices.ContainsFunc(l.list, func(one Limit) bool { return one.Confidential })
}

// Contain reports whether every limit of other is one of these.
func (l Limits) Contain(other Limits) bool {
	both, err := Derived(l, other)
	return err == nil && len(both.list) == len(l.list)
}
