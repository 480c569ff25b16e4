package writer

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/batch"
	"example.org/custody/ledger/closed"
)

// Open brings the map to the log and the log to its last epoch, and asks the
// cosigners what they have seen. When that is more than is here, or something else,
// the writer is read-only ([Writer.ReadOnly]).
//
// After an error the caller closes feeder, log and map. [closed.ErrAhead]: the map has seen
// leaves that the log has lost. A [*closed.LeafError]: the log breaks a rule.
func Open(ctx context.Context, c Config) (*Writer, error) {
	w := &Writer{Config: c, origin: c.Log.Origin(), committed: make(chan struct{})}
	switch o := string(w.origin); {
	case c.Map.Origin() != w.origin:
		return nil, fmt.Errorf("log of %q, map of %q: %w", o, c.Map.Origin(), closed.ErrOrigin)
	case c.Key.Name() != o || c.Verifier.Name() != o || c.Key.KeyHash() != c.Verifier.KeyHash():
		return nil, fmt.Errorf("log of %q, keys of %q and %q: %w", o, c.Key.Name(), c.Verifier.Name(), ledger.ErrSignature)
	}
	w.flushed = c.Map.Covered()
	if err := w.load(ctx); err != nil {
		return nil, fmt.Errorf("opening %q: %w", w.origin, err)
	}
	w.queue = batch.New[*request](most, linger).Pace(some, appendEvery)
	w.publisher.start(w)
	go w.commitAll()
	return w, nil
}

// load is everything that opening does to log and map.
func (w *Writer) load(ctx context.Context) error {
	if err := w.sameTree(ctx); err != nil {
		return err
	}
	if err := w.replay(ctx); err != nil {
		return err
	}
	if err := w.checkLast(ctx); err != nil {
		return err
	}
	if err := w.checkFinal(ctx); err != nil && w.ReadOnly() == nil {
		return err
	}
	if err := w.recall(ctx); err != nil {
		return err
	}
	if w.Feeder != nil {
		if err := w.Feeder.Ask(ctx); err != nil {
			w.stop(err)
		}
	}
	if w.ReadOnly() != nil {
		return nil
	}
	return w.mend(ctx)
}

// sameTree checks that the log begins with the tree that the map was last written
// with.
func (w *Writer) sameTree(ctx context.Context) error {
	n, tree := w.Map.Covered(), w.Map.Tree()
	if n == 0 || tree == (evidence.Hash{}) {
		return nil
	}
	size, err := w.Log.Size(ctx)
	if err != nil || size < n {
		return err // replay says what is wrong
	}
	now, err := ledger.CheckpointOf(w.origin, n, w.Log.Hashes(ctx, size))
	if err == nil && now.Root != tree {
		err = fmt.Errorf("the first %d leaves are not those that the map has seen: %w", n, closed.ErrAhead)
	}
	return err
}

// replay brings the map to the log, building it again when its file is damaged.
func (w *Writer) replay(ctx context.Context) (err error) {
	if !w.damaged {
		err = w.Map.Replay(ctx, w.Log)
	}
	if w.damaged || errors.Is(err, closed.ErrDamaged) {
		w.damaged = true
		if err = w.Map.Rebuild(ctx, w.Log); err == nil {
			w.damaged, w.flushed = false, 0
		}
	}
	return err
}

// checkLast holds the map against the epoch that ends the log. Replay compares the
// epochs that it passes; on most openings it passes none.
func (w *Writer) checkLast(ctx context.Context) error {
	_, e, ok := w.Map.LastEpoch()
	if !ok || !w.whole() || w.Map.Root() == e.Root {
		return nil
	}
	w.damaged = true
	return w.replay(ctx)
}

// whole reports whether the log ends in an epoch that covers all before it, or is
// empty.
func (w *Writer) whole() bool {
	n := w.Map.Covered()
	index, e, ok := w.Map.LastEpoch()
	return n == 0 || ok && index == n-1 && e.Covered == index
}

// mend writes the epoch that a torn batch lacks.
func (w *Writer) mend(ctx context.Context) error {
	if w.whole() || w.end != going {
		return nil
	}
	return w.append(ctx, nil)
}
