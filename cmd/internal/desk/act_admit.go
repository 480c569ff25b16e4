package desk

import (
	"context"
	"errors"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/admit"
)

// admit asks whether the act is allowed.
func (s *Session) admit(ctx context.Context, d *draft, e *evidence.Event) error {
	if err := s.goesOn(); err != nil {
		return err
	}
	c := admit.Case{Event: e, Place: admit.Place{Origin: e.Origin, Received: e.Recorded}}
	if d.item != nil {
		c.State = s.moved(d.item.state())
	}
	if d.derive != nil {
		c.Derive, c.DeriveLeaf = d.derive.Event, d.derive.Leaf
	}
	if e.Origin == s.Config.Origin {
		size, err := s.size(ctx)
		if err != nil {
			return err
		}
		c.Place.Index = size
	}
	for _, signer := range e.Signers {
		n, err := s.enrolment(ctx, signer, c.Place.Index)
		if err != nil {
			return err
		}
		if n != nil && n.Place.Origin == e.Origin && e.Origin == s.Config.Origin {
			c.Place.Index = max(c.Place.Index, n.Place.Index+1) // a node's ledger may be larger than what was seen of it
		}
		c.Enrolments = append(c.Enrolments, n)
	}
	return refusalOf(admit.Check(c))
}

// refusalOf turns a refusal into an error. What only a later receipt can decide
// (the period of a key in another ledger) or nobody can any more (a hold that an
// erased event may have set) does not stop the act; the verdict will say so.
func refusalOf(r *admit.Refusal) error {
	if r == nil || r.Undecided && (r.Code == admit.CodePeriod || r.Code == admit.CodeHold) {
		return nil
	}
	return r
}

// enrolment finds what this desk can prove of a signer's key; nil when nothing.
func (s *Session) enrolment(ctx context.Context, signer evidence.Signer, size uint64) (*admit.Enrolment, error) {
	if signer.Role == evidence.RoleAuthority {
		return nil, nil
	}
	it, err := s.keyItem(ctx, signer.Enrolled)
	if errors.Is(err, ErrNoItem) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	first := it.First()
	if first.Event.Enrols == nil || first.Body.Index == nil {
		return nil, nil
	}
	n := &admit.Enrolment{
		Item: it.ID, Key: first.Event.Enrols.Key, Role: first.Event.Enrols.Role, Authority: first.Event.Enrols.Authority,
		Place: admit.Place{Origin: first.Event.Origin, Index: *first.Body.Index, Received: s.received(first)},
	}
	if last := it.Last(); last.Event.Action == evidence.Revoke && last.Body.Index != nil {
		n.Closed = &admit.Place{Origin: last.Event.Origin, Index: *last.Body.Index, Received: s.received(last)}
	} else if n.Place.Origin == s.Config.Origin || s.precedes(n.Place.Origin) {
		n.Unbroken = []admit.Checkpoint{{Size: size + 1, Time: s.Now()}}
	}
	return n, nil
}

// keyItem loads an enrolment once for the session: a batch of two hundred acts
// asks for the same one each time.
func (s *Session) keyItem(ctx context.Context, id evidence.ItemID) (*Item, error) {
	if it, ok := s.keys[id]; ok {
		return it, nil
	}
	it, err := s.Load(ctx, id)
	if err == nil {
		s.keys[id] = it
	}
	return it, err
}

// received is the time T of an entry's receipt, zero when unknown.
func (s *Session) received(e *Entry) time.Time {
	r, err := e.receipt()
	if err != nil || r == nil {
		return time.Time{}
	}
	return s.trusted.ReceivedAt(r.Note, e.Event.Origin)
}
