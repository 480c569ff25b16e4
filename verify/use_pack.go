package verify

import (
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// packedWithin is how long before its package a use of it may have been decided.
const packedWithin = 24 * time.Hour

// decides notes whether an event decides that a copy goes into a package: by the limits
// before it, or by laying down the first ones with it. A package holds its own decision
// last: of any other the item was elsewhere since.
func (u *useCase) decides(e *eventCase) {
	_, limits := e.view().Lookup(mla.FieldLimits)
	d, found, err := evidence.Value[mla.Decided](e.view(), mla.FieldUse)
	u.packed = nil
	switch {
	case e.event == nil || e.event.Action != evidence.Disclose:
	case err == nil && found == evidence.Present && d.Act == mla.ActPack && d.Decision == mla.Allow,
		limits == evidence.Present && u.told.None() && !u.hidden:
		u.packed = e
	}
}

// inFile says of an item with limits in a package that nobody decided that it may be
// there; nil in a dossier, which goes from desk to desk by an offer.
func (c *itemCase) inFile(u *useCase) *Finding {
	if c.said.IsZero() || u.told.None() || u.packed != nil && c.decidedFor(u.packed) {
		return nil
	}
	return conclude(checkLimits, c.line.Item.String(), undecided("nothing shown decides that it may be in this file"), u.rests...)
}

// decidedFor reports whether the decision is about this package: for whom the package
// says that it is, and not long before it.
func (c *itemCase) decidedFor(e *eventCase) bool {
	to, found, err := evidence.Value[string](e.view(), "to")
	if err != nil || found == evidence.Unknown || to != c.to {
		return false
	}
	made, _ := c.when(e)
	return c.said.Sub(made) <= packedWithin
}

// proceeding notes in which proceedings an item is said to be.
func (u *useCase) proceeding(e *eventCase) {
	ref, found, _ := evidence.Value[string](e.view(), "case")
	if e.event != nil && e.event.Action == evidence.Correct {
		if field, _, _ := evidence.Value[string](e.view(), "field"); field == "case" {
			ref, found, _ = evidence.Value[string](e.view(), "new")
		}
	}
	switch found {
	case evidence.Present:
		u.cases = append(u.cases, ref)
	case evidence.Unknown:
		u.masked = true
	}
}

// made decides what was made from an item with limits for another proceeding, where the
// derivation does not say that its use was decided.
func (u *useCase) made(e *eventCase) (list []*Finding) {
	if _, said := e.view().Lookup(mla.FieldUse); e.event.Action != evidence.Derive || said != evidence.Absent || u.told.None() {
		return nil
	}
	for _, child := range e.event.Opens.Children {
		rests := append(slices.Clone(u.rests), e.record)
		if r := u.madeFor(e, child.Item, &rests); r != nil {
			list = append(list, conclude(checkLimits, e.subject, *r, rests...))
		}
	}
	return list
}

// madeFor decides about one item that was made; nil where it is in a proceeding of the
// item that it was made from.
func (u *useCase) madeFor(e *eventCase, child evidence.ItemID, rests *[]*Finding) *result {
	history := u.items[child]
	if len(history) == 0 || history[0].seq != 0 || history[0].event == nil {
		r := notApplicable("whether what was made here is for another proceeding is not shown")
		return &r
	}
	*rests = append(*rests, history[0].record)
	ref, found, err := evidence.Value[string](history[0].view(), "case")
	switch {
	case err != nil, found == evidence.Unknown, found == evidence.Present && u.masked && !slices.Contains(u.cases, ref):
		r := undecided("whether what was made here is for another proceeding is not shown")
		return &r
	case found == evidence.Absent || slices.Contains(u.cases, ref):
		return nil
	case !slices.ContainsFunc(u.told.Limits.List(), func(l mla.Limit) bool { return !slices.Contains(l.Proceedings, ref) }):
		// Given for this very proceeding; of the purpose nothing is known.
		r := undecided("whether what was made here is for another proceeding is not shown")
		return &r
	}
	r := u.allowed(e, mla.Decided{Act: evidence.Derive, Proceeding: ref}, "")
	return &r
}
