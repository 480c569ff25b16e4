package desk

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/writer"
)

// endedAtNode is a ledger that has ended and is read at this desk's node, which keeps the
// one that follows it.
func (s *Session) endedAtNode(o evidence.Origin) (*followed, error) {
	if f, ok := s.ledgers[o]; ok {
		return f, nil
	}
	front, err := s.readAt(s.Node, s.Config.Origin)
	if err != nil {
		return nil, err
	}
	return s.endedBehind(front, o)
}

// endedBehind is a ledger that the pinned list ends, at the node of the one that follows
// it. front is closed with it.
func (s *Session) endedBehind(front *followed, o evidence.Origin) (*followed, error) {
	f, err := s.readOf(front.node.Ended(o), o)
	if err != nil {
		return nil, errors.Join(err, front.close())
	}
	if f.final = s.trusted.Final(o); f.final == nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", o, ErrGoesOn), front.close())
	}
	f.front = front
	if s.ledgers == nil {
		s.ledgers = map[evidence.Origin]*followed{}
	}
	s.ledgers[o] = f
	return f, nil
}

// last returns the last checkpoint of a ledger that has ended, with the newest
// cosignatures that its node has: when the one that follows it is asked for a checkpoint,
// this one is cosigned anew too (spec/node.md).
func (f *followed) last(ctx context.Context) ([]byte, error) {
	if _, err := f.front.checkpoint(ctx); err != nil && ctx.Err() != nil {
		return nil, err
	}
	signed, err := f.ledger.Checkpoint(ctx)
	if err != nil {
		return nil, f.said(err)
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err == nil && c != *f.final {
		err = f.said(&client.LieError{What: "where the ledger ended", Answer: signed, Err: ledger.ErrCheckpoint})
	}
	return signed, err
}

// endedWith looks for an act among the leaves of a ledger that has ended, all of which
// are read.
func (f *followed) endedWith(ctx context.Context, e *Entry) (result, error) {
	signed, err := f.last(ctx)
	if err != nil {
		return result{}, err
	}
	tree, err := f.replay(ctx, signed)
	if err != nil {
		return result{}, err
	}
	leaf, index, closed, err := f.seals.Get(e.Event.Closes)
	switch {
	case err != nil:
		return result{}, err
	case !closed:
		return result{refused: fmt.Errorf("%s, with %d leaves: %w", f.origin, f.final.Size, writer.ErrFrozen)}, nil
	case leaf != e.Leaf:
		return result{refused: &ledger.ClosedError{Seal: e.Event.Closes, Index: index, Leaf: leaf}}, nil
	}
	r, err := ledger.NewReceipt(signed, tree.Hashes(ctx, f.final.Size), index, e.Body.leaf())
	return result{index: index, receipt: &r, retried: true}, err
}
