package writer

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// takeTurn takes the right to append to a log that several nodes share, and brings the
// map to what the others have appended, so that a batch is decided once. Or another node
// takes the wanted leaves. On an error, unless they are taken, nothing was decided here.
func (w *Writer) takeTurn(ctx context.Context, wanted []ledger.Leaf) (ledger.Turn, error) {
	s, ok := w.Log.(ledger.Shared)
	if !ok || w.end == frozen {
		return ledger.Turn{}, nil
	}
	t, err := s.Turn(ctx, wanted)
	switch {
	case t.Taken:
		return t, err
	case err != nil:
		return t, fmt.Errorf("%w: %w", unlogged(t, err), w.fatal(err))
	case t.Size == w.Map.Covered():
		return t, nil
	}
	w.doubt = true
	err = w.settle(ctx)
	if err != nil {
		w.passTurn(ctx, t.Size)
		return t, err
	}
	if w.Map.Covered() != t.Size { // more was read, or an epoch was written, which has ended the turn
		t.Others = nil
	}
	return t, nil
}

// unlogged is what is known of leaves that are not in the log when their append, in a turn,
// has failed with an error.
func unlogged(t ledger.Turn, err error) error {
	if t.Offered || errors.Is(err, ledger.ErrOpen) {
		return ErrUnknown
	}
	return ErrNotLogged
}

// wanted returns the leaves of a batch that another node may append in this one's stead,
// and none unless the log would tell of each what became of it: by the seal that it closes.
func wanted(b []*request) (leaves []ledger.Leaf) {
	for _, r := range b {
		for _, l := range r.leaves {
			if unfit(l) != nil {
				continue
			}
			if _, ok := l.Seal(); !ok {
				return nil
			}
			leaves = append(leaves, l)
		}
	}
	return leaves
}

// withOthers adds the leaves of other nodes to a batch, as one more request that nobody
// here waits for. They were there first.
func withOthers(b []*request, others []ledger.Leaf) []*request {
	if len(others) == 0 {
		return b
	}
	r := &request{leaves: others, results: make([]Result, len(others))}
	return append([]*request{r}, b...)
}

// errNotTaken is why a leaf is not in the log that another node was to append.
var errNotTaken = errors.New("the node that took the leaves did not log them")

// commitTaken answers a batch that another node has taken into its own append: by what is
// in the log, as after an append that failed.
func (w *Writer) commitTaken(ctx context.Context, b []*request, cause error) (size uint64, err error) {
	base := w.Map.Covered()
	for _, r := range b {
		for i, l := range r.leaves {
			r.results[i] = Result{Refused: unfit(l)}
		}
	}
	if cause == nil {
		cause = errNotTaken
	}
	if err := w.afterFailure(ctx, b, base, ErrUnknown, cause); err != nil {
		return 0, err
	}
	// Behind the reading, which is done by the time that the other node's append counts.
	if err := w.confirm(ctx); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return w.Map.Covered(), nil
}

// confirm waits until everything that the map has counts in a log that several nodes share.
func (w *Writer) confirm(ctx context.Context) error {
	s, ok := w.Log.(ledger.Shared)
	if !ok {
		return nil
	}
	err := s.Confirm(ctx, w.Map.Covered())
	if err != nil {
		w.doubt = true
	}
	return w.fatal(err)
}

// turns is how often a batch is decided anew, at most, because another node appended to
// the ledger first, which it does only when this one kept its turn for too long. An engine
// keeps the turn after the first time, so that more are rare.
const turns = 16

// again decides a batch anew, behind the leaves of other nodes, and appends what is
// accepted. It returns the map's state before the batch and the leaves that were there. The
// batch has none that others want: they have had them back.
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
	_, err := w.takeTurn(ctx, nil)
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
