package desk

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/verify/admit"
)

// decide says what a node's refusal comes to. It is the end of an act when the leaf is
// shown that came first, or when this desk's own rule refuses the act as well. Whatever
// else a node says of itself, a fault, a list older than this desk's, a lie, decides
// nothing: the act waits, and is shown with the node's words.
func (s *Session) decide(ctx context.Context, e *Entry, refusal error) (refused, waits error) {
	var first *ledger.ClosedError
	var told *client.RefusedError
	switch {
	case refusal == nil:
		return nil, nil
	case errors.As(refusal, &first):
		return refusal, nil
	case errors.As(refusal, &told) && s.agrees(ctx, e, told.Problem):
		return refusal, nil
	}
	return nil, fmt.Errorf("%w: %w", ErrWaits, refusal)
}

// agrees reports whether this desk's rule, with what is known here, refuses an act for
// the reason that a node gives.
func (s *Session) agrees(ctx context.Context, e *Entry, p *wire.Problem) bool {
	r := s.recheck(ctx, e)
	var own *admit.Refusal
	return errors.As(r, &own) && string(own.Code) == p.Code
}

// recheck asks the rule of admission about an act that is signed.
func (s *Session) recheck(ctx context.Context, e *Entry) error {
	c := admit.Case{Event: e.Event, Place: admit.Place{Origin: e.Event.Origin, Received: e.Event.Recorded}}
	before, err := s.before(ctx, e.Event.Item, e.Event.Seq)
	if err != nil {
		return err
	}
	if before != nil {
		c.State = before.state()
	}
	if p := e.Event.Parent; p != nil {
		if c.Derive, err = s.deriveOf(ctx, *p); err != nil {
			return err
		}
		c.DeriveLeaf = p.Leaf
	}
	for _, signer := range e.Event.Signers {
		n, err := s.enrolment(ctx, signer, c.Place.Index)
		if err != nil {
			return err
		}
		if n != nil && n.Place.Origin == e.Event.Origin {
			c.Place.Index = max(c.Place.Index, n.Place.Index+1)
		}
		c.Enrolments = append(c.Enrolments, n)
	}
	return refusalOf(admit.Check(c))
}

// before returns an item as it was before an event; nil before the first.
func (s *Session) before(ctx context.Context, id evidence.ItemID, seq int64) (*Item, error) {
	if seq == 0 {
		return nil, nil
	}
	it, err := s.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	early := &Item{ID: it.ID, Erased: it.Erased}
	for _, e := range it.Entries {
		if e.Event.Seq < seq {
			early.Entries = append(early.Entries, e)
		}
	}
	return early, nil
}

// deriveOf returns the event of the parent that names a child; nil when it is not here.
func (s *Session) deriveOf(ctx context.Context, p evidence.Parent) (*evidence.Event, error) {
	it, err := s.Load(ctx, p.Item)
	if errors.Is(err, ErrNoItem) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range it.Entries {
		if e.Leaf == p.Leaf {
			return e.Event, nil
		}
	}
	return nil, nil
}
