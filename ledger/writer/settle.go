package writer

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// settle finds out what became of an append that failed: it brings the map to what
// is in the log, and the log to an epoch. Until it succeeds nothing is decided.
func (w *Writer) settle(ctx context.Context) error {
	if err := w.ReadOnly(); err != nil {
		return err
	}
	if !w.doubt && !w.damaged {
		return nil
	}
	err := w.replay(ctx)
	var bad *closed.LeafError
	if errors.Is(err, ledger.ErrFatal) || errors.As(err, &bad) {
		return w.stop(err)
	}
	if err != nil {
		return fmt.Errorf("reading %q after a failed append: %w", w.origin, err)
	}
	return w.settleEpoch(ctx)
}

// settleEpoch writes the epoch that a torn batch lacks. The append may fail as any
// other.
func (w *Writer) settleEpoch(ctx context.Context) error {
	before := w.Map.Snapshot()
	if err := w.mend(ctx); err != nil {
		w.Map.Rollback(before)
		return fmt.Errorf("epoch of a torn batch in %q: %w", w.origin, w.fatal(err))
	}
	w.doubt = false
	return nil
}

// fatal stops the writer when the engine says that it must.
func (w *Writer) fatal(err error) error {
	if errors.Is(err, ledger.ErrFatal) {
		return w.stop(err)
	}
	return err
}

// afterFailure finds out which leaves of a batch are in the log although its append
// failed with err; the map is as it was before the batch, of base leaves. Of the others
// missing is true ([ErrNotLogged], [ErrUnknown]). It returns an error when it cannot be found
// out now.
func (w *Writer) afterFailure(ctx context.Context, b []*request, base uint64, missing, err error) error {
	w.doubt = true
	if errors.Is(err, ledger.ErrFatal) {
		return w.stop(err)
	}
	if errSettle := w.settle(ctx); errSettle != nil {
		return fmt.Errorf("append to %q: %w: %w: %w", w.origin, err, ErrUnknown, errSettle)
	}
	landed, errRead := w.read(ctx, base)
	if errRead != nil {
		return errRead
	}
	for _, r := range b {
		r.err = w.judge(r, base, landed, fmt.Errorf("%w: %w", missing, err))
	}
	return nil
}

// read returns the leaves from index on.
func (w *Writer) read(ctx context.Context, from uint64) (leaves []ledger.Leaf, err error) {
	for l, err := range w.Log.Leaves(ctx, from, w.Map.Covered()) {
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, l)
	}
	return leaves, nil
}

// judge corrects the results of a request whose batch failed to append, and returns
// missing when one of its leaves is not in the log.
func (w *Writer) judge(r *request, base uint64, landed []ledger.Leaf, missing error) error {
	for i, l := range r.leaves {
		res := &r.results[i]
		if res.settled(base) {
			continue
		}
		seal, ok := l.Seal()
		if !ok {
			if at := res.Index - base; at < uint64(len(landed)) && landed[at] == l {
				continue
			}
			return missing
		}
		hash, index, ok, err := w.Map.Get(seal)
		switch {
		case err != nil:
			return err
		case !ok:
			return missing
		case hash == l.Hash():
			*res = Result{Index: index, Retried: res.Retried || index < base}
		default:
			*res = Result{Refused: &ledger.ClosedError{Seal: seal, Index: index, Leaf: hash}}
		}
	}
	return nil
}

// settled reports a result that rests on nothing but the log below base.
func (r *Result) settled(base uint64) bool {
	var twice *ledger.ClosedError
	if errors.As(r.Refused, &twice) {
		return twice.Index < base
	}
	return r.Refused != nil || r.Retried && r.Index < base
}
