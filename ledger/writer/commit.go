package writer

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// commitAll commits batch after batch until the queue is closed and empty.
func (w *Writer) commitAll() {
	defer close(w.committed)
	ctx := context.Background() // a batch is of many callers
	for {
		b, ok := w.queue.Take()
		if !ok {
			return
		}
		size, err := w.commit(ctx, b)
		w.queue.Done()
		w.hand(b, size, err)
		// What cannot be written now is tried again later, and can be replayed.
		_ = w.flush(flushEvery)
	}
}

// hand passes the requests of a batch on to the publisher, or back.
func (w *Writer) hand(b []*request, size uint64, err error) {
	var logged []*request
	for _, r := range b {
		switch {
		case err != nil:
			r.finish(err)
		case r.err != nil || r.refused():
			r.finish(r.err)
		default:
			logged = append(logged, r)
		}
	}
	if len(logged) > 0 {
		w.publisher.put(w, size, logged)
	}
}

// refused reports that no leaf of the request is in the log.
func (r *request) refused() bool {
	for i := range r.results {
		if r.results[i].Refused == nil {
			return false
		}
	}
	return true
}

// commit decides every leaf of a batch and appends those that are accepted, with
// their epoch. It returns the size of the log, and an error when nothing of the
// batch was decided.
func (w *Writer) commit(ctx context.Context, b []*request) (size uint64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.settle(ctx); err != nil {
		return 0, err
	}
	if w.end == ending {
		return 0, fmt.Errorf("the ledger is being ended: %w", ErrNotLogged)
	}
	turn, err := w.takeTurn(ctx, wanted(b))
	switch {
	case turn.Taken:
		return w.commitTaken(ctx, b, err)
	case errors.Is(err, ledger.ErrEndedByNode):
		return w.commitEnded(ctx, b, err)
	case err != nil:
		return 0, err
	}
	return w.commitHere(ctx, b, turn)
}

// commitHere decides and appends a batch in this node's turn, and what other nodes want.
func (w *Writer) commitHere(ctx context.Context, own []*request, turn ledger.Turn) (size uint64, err error) {
	b := withOthers(own, turn.Others)
	before := w.Map.Snapshot()
	base := w.Map.Covered()
	leaves, err := w.decideAll(b)
	if errors.Is(err, closed.ErrDamaged) { // a cache: it is built again, and asked again
		w.Map.Rollback(before)
		if err := w.settle(ctx); err != nil {
			return 0, err
		}
		before = w.Map.Snapshot()
		leaves, err = w.decideAll(b)
	}
	if err == nil && len(leaves) > 0 {
		err = w.append(ctx, leaves)
	} else {
		w.passTurn(ctx, base)
	}
	if errors.Is(err, ledger.ErrGrown) {
		before, base, err = w.again(ctx, before, own)
	}
	if err != nil {
		w.Map.Rollback(before)
		if err := w.afterFailure(ctx, own, base, unlogged(turn, err), err); err != nil {
			return 0, err
		}
	}
	return w.Map.Covered(), nil
}

// decideAll returns the leaves to be appended, which the map has from then on.
func (w *Writer) decideAll(b []*request) (leaves []ledger.Leaf, err error) {
	for _, r := range b {
		for i, l := range r.leaves {
			result, err := w.decide(l)
			if err != nil {
				return nil, err
			}
			if r.results[i] = result; result.Refused == nil && !result.Retried {
				leaves = append(leaves, l)
			}
		}
	}
	return leaves, nil
}

// decide says what becomes of a leaf when everything before it is in the log.
func (w *Writer) decide(l ledger.Leaf) (Result, error) {
	if err := unfit(l); err != nil {
		return Result{Refused: err}, nil
	}
	if w.end != going {
		return w.decideFrozen(l)
	}
	index := w.Map.Covered()
	err := w.Map.Add(l)
	var twice *ledger.ClosedError
	switch {
	case err == nil:
		return Result{Index: index}, nil
	case !errors.As(err, &twice):
		w.damaged = errors.Is(err, closed.ErrDamaged)
		return Result{}, err
	case twice.Leaf == l.Hash():
		return Result{Index: twice.Index, Retried: true}, nil
	}
	return Result{Refused: twice}, nil
}

// unfit says why no ledger takes a leaf from a caller.
func unfit(l ledger.Leaf) error {
	if _, err := ledger.ParseLeaf(l[:]); err != nil {
		return err
	}
	if l.Type() == ledger.TypeEpoch {
		return ErrEpoch
	}
	return nil
}

// append puts leaves that the map has already, and the epoch that covers them, at
// the end of the log.
func (w *Writer) append(ctx context.Context, leaves []ledger.Leaf) error {
	epoch := w.Map.NextEpoch()
	first := epoch.Covered - uint64(len(leaves))
	if err := w.Map.Add(epoch.Leaf()); err != nil {
		return err
	}
	if s, ok := w.Log.(ledger.Shared); ok {
		return s.AppendAt(ctx, first, append(leaves, epoch.Leaf()))
	}
	indexes, err := w.Log.Append(ctx, append(leaves, epoch.Leaf()))
	if err != nil {
		return err
	}
	for i, x := range indexes {
		if x != first+uint64(i) {
			return fmt.Errorf("leaf %d was put at %d: %w", first+uint64(i), x, ledger.ErrFatal)
		}
	}
	return nil
}

// flush makes the map durable when more than so many leaves are only in the log.
func (w *Writer) flush(behind uint64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.Map.Covered()
	if n-min(w.flushed, n) <= behind || w.doubt {
		return nil
	}
	// Without the root the file is held against the last epoch only.
	if c, err := ledger.CheckpointOf(w.origin, n, w.Log.Hashes(context.Background(), n)); err == nil {
		w.Map.SetTree(evidence.Hash(c.Root))
	}
	err := w.Map.Flush()
	if err == nil {
		w.flushed = n
	}
	return err
}
