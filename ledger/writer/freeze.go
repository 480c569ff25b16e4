package writer

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
)

// ErrFrozen reports a leaf that comes after the end of its ledger: it is not logged
// here and never will be. Seals that are still open are closed in the successor that
// the trust list names (rule P13).
var ErrFrozen = errors.New("the ledger has ended and takes no more leaves")

// end is where a ledger is on its way to the end.
type end int

const (
	going  end = iota
	ending     // nothing is appended until Freeze knows whether its checkpoint is cosigned
	frozen
)

// Freeze ends the ledger for ever: nothing is appended from then on, and the checkpoint
// it returns, which has enough cosignatures, is the last. The caller keeps it durably and
// gives it to every later [Open] ([Config.Final]). Nor does any other node of the ledger
// append anything.
//
// With [ErrQuorum] nothing has changed and the ledger goes on, unless another node has
// ended it for good. A process that dies in the middle leaves a ledger of several nodes
// ended: whichever calls Freeze again gets the same last checkpoint. What is in the log
// already gets its receipts afterwards too.
func (w *Writer) Freeze(ctx context.Context) ([]byte, error) {
	if err := w.setEnd(ctx, ending); err != nil {
		return nil, err
	}
	signed, err := w.Checkpoint(ctx)
	if err == nil {
		err = w.setEnd(ctx, frozen)
	}
	if err != nil {
		return nil, errors.Join(err, w.setEnd(context.WithoutCancel(ctx), going))
	}
	return signed, nil
}

// Ended returns why the ledger takes no more leaves: [ErrFrozen], or [ledger.ErrEndedByNode]
// when another of its nodes has ended it, which that one may take back yet; and nil while it
// goes on. Any other error says that it cannot be found out. It waits for no batch.
func (w *Writer) Ended(ctx context.Context) error {
	if w.over.Load() {
		return ErrFrozen
	}
	s, ok := w.Log.(ledger.Shared)
	if !ok {
		return nil
	}
	ended, err := s.Ended(ctx)
	if err == nil && ended {
		err = ledger.ErrEndedByNode
	}
	return err
}

// Stuck returns why what is submitted gets no receipt, though it may be logged, when that has
// shown and is so now; and nil while receipts are to be expected of the log. It waits for no
// batch.
func (w *Writer) Stuck(ctx context.Context) error {
	if s, ok := w.Log.(ledger.Shared); ok {
		return s.Stuck(ctx)
	}
	return nil
}

// setEnd moves a ledger towards its end, or back, between two batches.
func (w *Writer) setEnd(ctx context.Context, to end) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.end == frozen {
		return ErrFrozen
	}
	var err error
	switch to {
	case ending:
		if err = w.settle(ctx); err == nil {
			err = w.endEverywhere(ctx)
		}
	case frozen:
		err = w.endForGood(ctx)
	case going:
		w.end = going
		err = w.reopen(ctx)
	}
	if err == nil {
		w.end = to
		w.over.Store(to == frozen)
	}
	return err
}

// checkFinal holds the log against the checkpoint at which it ended.
func (w *Writer) checkFinal(ctx context.Context) error {
	if w.Final == nil {
		return nil
	}
	w.end = frozen
	w.over.Store(true)
	size := w.Map.Covered()
	if size != w.Final.Size {
		return w.stop(fmt.Errorf("it ended with %d leaves, here are %d: %w", w.Final.Size, size, ErrBehind))
	}
	now, err := ledger.CheckpointOf(w.origin, size, w.Log.Hashes(ctx, size))
	if err != nil {
		return err
	}
	if now != *w.Final {
		return w.stop(fmt.Errorf("it ended with another tree of %d leaves: %w", size, ErrBehind))
	}
	return nil
}

// commitEnded answers, of a batch that the end of the ledger at another node keeps out, for
// what is in the log already. The end may be taken back yet, so the rest is not refused.
func (w *Writer) commitEnded(ctx context.Context, b []*request, cause error) (size uint64, err error) {
	w.doubt = true
	if err := w.settle(ctx); err != nil {
		return 0, err
	}
	for _, r := range b {
		r.err = w.decideEnded(r, cause)
	}
	return w.Map.Covered(), nil
}

// decideEnded decides the leaves of a request that are in the log, or never can be. Its
// error is the cause when there are others.
func (w *Writer) decideEnded(r *request, cause error) error {
	for i, l := range r.leaves {
		result := Result{Refused: unfit(l)}
		if result.Refused == nil {
			var err error
			if result, err = w.decideFrozen(l); err != nil {
				return err
			}
		}
		if errors.Is(result.Refused, ErrFrozen) {
			return cause
		}
		r.results[i] = result
	}
	return nil
}

// decideFrozen says what becomes of a leaf when nothing is appended any more.
func (w *Writer) decideFrozen(l ledger.Leaf) (Result, error) {
	seal, ok := l.Seal()
	if !ok {
		return Result{Refused: ErrFrozen}, nil
	}
	hash, index, ok, err := w.Map.Get(seal)
	switch {
	case err != nil:
		return Result{}, err
	case !ok:
		return Result{Refused: ErrFrozen}, nil
	case hash == l.Hash():
		return Result{Index: index, Retried: true}, nil
	}
	return Result{Refused: &ledger.ClosedError{Seal: seal, Index: index, Leaf: hash}}, nil
}
