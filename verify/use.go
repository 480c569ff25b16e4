package verify

import (
	"fmt"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// soon is how far apart a use may have been decided and recorded (spec/event.md,
// "Times").
const soon = 10 * time.Second

// useCase follows one item's use limits through its history.
type useCase struct {
	*session
	told   mla.Told
	hidden bool       // an event before may have limits that are not known
	offer  *eventCase // the last, when limits were known before it
	packed *eventCase // decides that a copy goes into a package; nil once anything follows it
	rests  []*Finding // the records read so far
	agreed []string   // each consent, and on whose word
	cases  []string   // the proceedings that the records named so far
	masked bool       // a record may name one that is held back
}

// add reads what one more event says.
func (u *useCase) add(e *eventCase) {
	u.rests = append(u.rests, e.record)
	if e.event != nil && e.event.Action == evidence.Offer {
		u.offer = e
	}
	u.decides(e)
	u.proceeding(e)
	before := len(u.told.Agreed)
	if e.event == nil || u.told.Add(e.view()) != nil {
		u.hidden = true
	}
	for _, x := range u.told.Agreed[before:] {
		u.agreed = append(u.agreed, fmt.Sprintf("%s ✓ %s; %s; %s; %s; sha256:%s (%s)", x.Giver, x.State, x.Proceeding, x.Purpose, x.Reference, x.Document, signer(e.event.Signer())))
	}
}

// use adds to question 8 whether the item was used as its limits say (spec/request.md,
// "Use limits"). Of an item without limits, and that nothing with limits was shown to
// have become, it says nothing.
func (c *itemCase) use(a *answer) {
	u := useCase{session: c.session}
	a.add(c.inherited())
	for _, e := range c.history {
		if e.event != nil {
			a.add(u.judge(e))
			a.add(u.made(e)...)
		}
		u.add(e)
	}
	a.add(c.inFile(&u))
	for _, x := range u.agreed {
		a.fact("use limits", x)
	}
	for _, l := range u.told.Limits.List() {
		a.fact("use limits", fmt.Sprintf("%s: %s → %s; %s; %s; other-use %s; onward %s", l.ID, l.Giver, strings.Join(l.States, " "),
			strings.Join(l.Proceedings, ", "), strings.Join(l.Purposes, ", "), l.OtherUse, l.Onward))
	}
}

// judge holds what an event says of a use against the limits before it; nil when
// there is nothing to say.
func (u *useCase) judge(e *eventCase) *Finding {
	d, found, err := evidence.Value[mla.Decided](e.view(), mla.FieldUse)
	conclude := func(r result) *Finding { return conclude(checkLimits, e.subject, r, append(u.rests, e.record)...) }
	switch {
	case u.elsewhere(e):
		return u.accepted(e)
	case err != nil:
		return conclude(undecided("the use recorded here cannot be read"))
	case found == evidence.Present && d.Decision != mla.Allow && e.event.Action == evidence.Step:
		return conclude(notApplicable("a use for %s was asked for and refused: %s", d.State, d.Decision))
	case found == evidence.Absent && (u.told.None() || !exports(e.event)):
		return nil
	case found == evidence.Unknown && u.told.None():
		return nil
	case found == evidence.Unknown || u.hidden:
		return conclude(undecided("use limits of an event before it are held back, or cannot be read"))
	}
	return conclude(u.allowed(e, d, ""))
}

// elsewhere reports whether an offer was accepted by an officer of another state than
// its use was decided for: what the offer said of the receiver is nobody's proof.
func (u *useCase) elsewhere(e *eventCase) bool {
	if e.event.Action != evidence.Accept || u.offer == nil || u.told.None() {
		return false
	}
	offer, is := u.offer.event, e.event.Signer().Authority
	return is != offer.Signer().Authority && (offer.Counterparty == nil || is != offer.Counterparty.State)
}

// accepted decides the use of the offer again, for the state that took the item over.
func (u *useCase) accepted(e *eventCase) *Finding {
	d, _, err := evidence.Value[mla.Decided](u.offer.view(), mla.FieldUse)
	r := undecided("use limits of an event before it are held back, or cannot be read")
	if err == nil && !u.hidden {
		r = u.allowed(u.offer, d, string(e.event.Signer().Authority))
	}
	return conclude(checkLimits, e.subject, r, append(u.rests, e.record)...)
}

// allowed decides the use again, for the state that has it where that is known, "" else.
func (u *useCase) allowed(e *eventCase, d mla.Decided, has string) result {
	use, x := d.Use(), e.event
	at, latest := u.when(e)
	if use.At.Before(at.Add(-soon)) || use.At.After(at.Add(soon)) {
		use.At = at
	}
	if to := x.Counterparty; to != nil && to.State != "" {
		use.State = string(to.State)
	}
	if has != "" {
		use.State = has
	}
	if use.State == "" {
		use.State = string(x.Signer().Authority)
	}
	again := u.told.Decide(d.Act, use)
	if again.Decision != mla.Allow {
		return fails(u.refusal(&use), "a use for %s was allowed, and the use limits before it say %s", use.State, again.Decision)
	}
	if use.At = later(use.At, latest); u.told.Decide(d.Act, use).Decision != mla.Allow {
		return undecided("a use for %s was allowed, and nothing proves that it was before its use limits, or a consent, ended", use.State)
	}
	if u.hidden {
		return undecided("use limits of an event before it are held back, or cannot be read")
	}
	return holds("what was allowed here is what its use limits, and the consents before it, allow")
}

// refusal is what shows that a use was not allowed.
func (u *useCase) refusal(use *mla.Use) Proof {
	proof := Proof{"state": use.State, "proceeding": use.Proceeding, "purpose": use.Purpose}
	if list, err := u.told.Limits.Marshal(); err == nil {
		proof["limits"] = string(list)
	}
	return proof
}

// exports reports whether an act gives the item, or knowledge of it, to another
// state or to somebody outside custody: its use has to be decided. An owner of the
// same state gets back what is theirs.
func exports(e *evidence.Event) bool {
	to := e.Counterparty
	switch e.Action {
	case evidence.Disclose:
		return true
	case evidence.Offer:
		return to != nil && to.State != e.Signer().Authority
	case evidence.Return:
		return to != nil && (to.Kind != evidence.PartyOwner || to.State != "" && to.State != e.Signer().Authority)
	}
	return false
}

// inherited holds the limits of a derived item against its parent's, nil where
// neither is known to have any.
func (c *itemCase) inherited() *Finding {
	first := c.first()
	if first == nil || first.event == nil || first.event.Parent == nil {
		return nil
	}
	own, parent := useCase{session: c.session}, useCase{session: c.session}
	own.add(first)
	derive := c.byLeaf[first.event.Parent.Leaf]
	if derive == nil || derive.item != first.event.Parent.Item || derive.event == nil {
		if own.told.None() {
			return nil
		}
		return conclude(checkLimits, first.subject, undecided("what it was made from is not shown, so its use limits are not known"), first.record)
	}
	for _, e := range c.items[derive.item] {
		if e.seq < derive.seq {
			parent.add(e)
		}
	}
	return conclude(checkLimits, first.subject, inheritance(&own, &parent), append(parent.rests, first.record)...).unlessNone(&own, &parent)
}

func inheritance(own, parent *useCase) result {
	if own.hidden || parent.hidden {
		return undecided("use limits of an event before it are held back, or cannot be read")
	}
	for _, l := range parent.told.Limits.List() {
		one, err := mla.NewLimits(l)
		if err != nil || !own.told.Limits.Contain(one) {
			return fails(Proof{"limit": l.ID, "giver": l.Giver}, "a use limit of what it was made from is missing: %s", l.ID)
		}
	}
	return holds("it has every use limit of what it was made from")
}

// unlessNone drops a finding about limits that neither item is known to have.
func (f *Finding) unlessNone(own, parent *useCase) *Finding {
	if own.told.None() && parent.told.None() {
		return nil
	}
	return f
}
