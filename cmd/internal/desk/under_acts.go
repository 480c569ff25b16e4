package desk

import (
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/standard"
)

// allowedUnder refuses with a [*standard.Refusal] an act that a blocking rule of
// the item's standard refuses: next, when not nil, is the act as it would follow
// the history. Nothing is refused for what this desk was not shown, nor under a
// pack that it does not have: the verdict then says that it could not be decided.
func (s *Session) allowedUnder(it *Item, act rules.Act, next *evidence.Link) error {
	pack, err := it.pack(rules.Builtin())
	if pack == nil || err != nil {
		return err
	}
	in := &rules.Input{Now: evidence.Instant(s.Now()), Rooted: rules.FactTrue}
	if in.Links, err = it.links(); err != nil {
		return err
	}
	if in.Timeline, err = s.Timeline(it); err != nil {
		return err
	}
	if next != nil {
		next.Event.Seq = int64(len(in.Links))
		in.Links = append(in.Links, *next)
	}
	j, err := standard.Under(pack, in)
	if err != nil {
		return err
	}
	return j.Forbids(act)
}

// pack returns the pack that the item was sealed under, nil when it names none
// that the library has.
func (it *Item) pack(lib *rules.Library) (*rules.Pack, error) {
	view, err := it.First().View()
	if err != nil {
		return nil, err
	}
	stated, presence, err := evidence.Value[standard.Stated](view, standard.Field)
	if err != nil || presence != evidence.Present {
		return nil, nil // an older record, or one whose standard is held back here
	}
	pack, err := lib.Pack(stated.SHA256)
	if errors.Is(err, rules.ErrNoStandard) {
		return nil, nil
	}
	return pack, err
}

// disclosing is the disclosure that an act would be, for the rules.
func (s *Session) disclosing(a Act, signers []*officer) *evidence.Link {
	now := evidence.Instant(s.Now())
	e := &evidence.Event{
		Action: evidence.Disclose, Counterparty: a.Counterparty, Recorded: now,
		Occurred: evidence.Occurred{Clock: evidence.ClockSystem, From: now, To: now},
	}
	if a.At != nil {
		e.Occurred = *a.At
	}
	for _, o := range signers {
		e.Signers = append(e.Signers, o.as)
	}
	view, err := standard.ViewOf(a.Fields)
	if err != nil {
		view = nil // the record cannot be made either, which is said there
	}
	return &evidence.Link{Event: e, View: view}
}
