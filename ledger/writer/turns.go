package writer

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// takeTurn takes the right to append to a log that several nodes share, and brings the
// map to what the others have appended, so that a batch is decided once. On an error
// nothing was decided.
func (w *Writer) takeTurn(ctx context.Context) error {
	s, ok := w.Log.(ledger.Shared)
	if !ok || w.end == frozen {
		return nil
	}
	size, err := s.Turn(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotLogged, w.fatal(err))
	}
	if size == w.Map.Covered() {
		return nil
	}
	w.doubt = true
	err = w.settle(ctx)
	if err != nil {
		w.passTurn(ctx, size)
	}
	return err
}

// turns is how often a batch is decided anew, at most, because another node appended to
// the ledger first, which it does only when this one kept its turn for too long. An engine
// keeps the turn after the first time, so that more are rare.
const turns = 16

// again decides a batch anew, with the leaves of other nodes, and appends what is
// accepted. It returns the map's state before the batch and the leaves that were there.
func (w *Writer) again(ctx context.Context, before closed.Snapshot, b []*request) (_ closed.Snapshot, base uint64, err error) {
	err = ledger.ErrGrown
	for try := 0; errors.Is(err, ledger.ErrGrown) && try < turns; try++ {
		w.Map.Rollback(before)
		err = w.replay(ctx)
		before, base = w.Map.Snapshot(), w.Map.Covered()
		if err != nil {
			break
		}
		var leaves []ledger.Leaf
		if leaves, err = w.decideAll(b); err == nil && len(leaves) > 0 {
			err = w.append(ctx, leaves)
		} else if err == nil {
			w.passTurn(ctx, base)
		}
	}
	return before, base, err
}

// passTurn gives the right to append back to the other nodes, which wait for it.
func (w *Writer) passTurn(ctx context.Context, at uint64) {
	if s, ok := w.Log.(ledger.Shared); ok {
		_ = s.AppendAt(ctx, at, nil) // the engine ends a turn that is kept too long
	}
}

// endEverywhere ends a log that several nodes share where it ends now, brings the map
// there, and has the next checkpoint be of all of it.
func (w *Writer) endEverywhere(ctx context.Context) error {
	s, ok := w.Log.(ledger.Shared)
	if !ok {
		return nil
	}
	err := w.takeTurn(ctx)
	if errors.Is(err, ledger.ErrEndedByNode) { // by a node that was about to freeze it
		w.doubt = true
		err = w.settle(ctx)
	}
	if err == nil {
		err = s.End(ctx, w.Map.Covered())
	}
	if err == nil {
		w.publisher.reach(w.Map.Covered())
	}
	return err
}

// endForGood has no node take the end of a log that several share back.
func (w *Writer) endForGood(ctx context.Context) error {
	if s, ok := w.Log.(ledger.Shared); ok {
		return s.EndForGood(ctx, w.Map.Covered())
	}
	return nil
}

// reopen takes the end of a log that several nodes share back.
func (w *Writer) reopen(ctx context.Context) error {
	if s, ok := w.Log.(ledger.Shared); ok {
		return s.Reopen(ctx)
	}
	return nil
}
