package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/batch"
)

// Append implements [ledger.Log]. The leaves of one call get indexes without a gap, and
// are in the log all or none. When ctx ends first they may still land.
func (l *Log) Append(ctx context.Context, leaves []ledger.Leaf) ([]uint64, error) {
	return batch.Submit(ctx, l.queue, leaves)
}

// commitAll commits batch after batch until the queue is closed and empty.
func (l *Log) commitAll() {
	defer close(l.committed)
	batch.CommitAll(l.queue, l.commit)
}

// commit appends the leaves of a batch at the end of the log, without those whose caller
// has left, and without those that close a seal a second time.
func (l *Log) commit(b []*batch.Leaves) {
	ctx := context.Background() // a batch is of many callers
	for live := batch.Live(b); len(live) > 0; {
		var leaves []ledger.Leaf
		for _, r := range live {
			leaves = append(leaves, r.Leaves...)
		}
		first, err := l.append(ctx, leaves, nil)
		if errors.Is(err, ledger.ErrGrown) {
			continue
		}
		var twice *taken
		if errors.As(err, &twice) {
			live = twice.remove(live)
			continue
		}
		batch.Settle(live, first, err)
		return
	}
}

// AppendAt implements [ledger.Shared].
func (l *Log) AppendAt(ctx context.Context, first uint64, leaves []ledger.Leaf) error {
	if err := errors.Join(ctx.Err(), l.open()); err != nil {
		return err
	}
	if len(leaves) == 0 {
		l.appendMu.Lock()
		defer l.appendMu.Unlock()
		l.drop()
		return nil
	}
	_, err := l.append(ctx, leaves, &first)
	var twice *taken
	if errors.As(err, &twice) {
		for i := range leaves {
			if err := twice.closedBy(leaves[i]); err != nil {
				return err
			}
		}
	}
	return err
}

// append appends leaves in a turn of this node, at index want unless that is nil, and
// waits until Trillian has integrated them. It returns the index of the first.
func (l *Log) append(ctx context.Context, leaves []ledger.Leaf, want *uint64) (uint64, error) {
	first, err := l.inTurn(ctx, leaves, want)
	if err == nil {
		err = l.confirmNew(ctx, first+uint64(len(leaves)), time.Now())
	}
	if err != nil {
		return 0, fmt.Errorf("append of %d leaves to %q: %w", len(leaves), l.origin, err)
	}
	return first, nil
}

// inTurn has the database take leaves. From then on they are durable.
func (l *Log) inTurn(ctx context.Context, leaves []ledger.Leaf, want *uint64) (uint64, error) {
	l.appendMu.Lock()
	defer l.appendMu.Unlock()
	if err := l.open(); err != nil {
		return 0, err
	}
	t, err := l.enter(ctx, nil)
	if err != nil {
		return 0, err
	}
	first := l.tiles.size.Load()
	if want != nil && (*want != first || l.lost) {
		l.keepAlone(t)
		return 0, fmt.Errorf("it has %d leaves, not %d, or the turn was lost: %w", first, *want, ledger.ErrGrown)
	}
	err = l.add(ctx, t, first, leaves)
	if errors.Is(err, errRefused) {
		return 0, l.refused(ctx, t, leaves, err)
	}
	if err != nil {
		if errors.Is(err, ledger.ErrOpen) {
			l.openAt = &first
		}
		l.abandon(t)
		l.distrust()
		return 0, l.stop(err)
	}
	t.giveBack(ctx)
	l.growMu.Lock()
	defer l.growMu.Unlock()
	if l.tiles.size.Load() != first {
		return first, nil // read from the database in the meantime
	}
	if err := l.tiles.grow(leaves); err != nil {
		l.distrust()
		return 0, err
	}
	return first, nil
}

// mostDeadlocks is how often the database may roll a batch back before the node gives up.
const mostDeadlocks = 5

// add sends leaves to the log server, in a turn, and again when the database ends a deadlock
// at their cost: of two ledgers in one database each may wait for the other's. All of it takes
// no longer than one batch may: whoever asks what became of a leaf counts on that.
func (l *Log) add(ctx context.Context, t *turn, first uint64, leaves []ledger.Leaf) (err error) {
	begun, stop := time.Now(), t.alive(idle/3)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, l.server.longest(len(leaves)))
	defer cancel()
	for range mostDeadlocks {
		if err = l.server.add(ctx, l.tree, first, leaves); !errors.Is(err, errDeadlock) {
			break
		}
	}
	l.adds.took(time.Since(begun))
	return err
}

// refused finds out why the database took nothing.
func (l *Log) refused(ctx context.Context, t *turn, leaves []ledger.Leaf, cause error) error {
	var ids [][]byte
	for i := range leaves {
		if seal, ok := leaves[i].Seal(); ok {
			ids = append(ids, seal[:])
		}
	}
	found, err := l.db.closing(ctx, l.tree, ids)
	if err == nil && len(found) > 0 {
		l.abandon(t)
		return &taken{found}
	}
	before := l.tiles.size.Load()
	if err == nil {
		err = l.catchUp(ctx)
	}
	if err == nil && l.tiles.size.Load() > before {
		l.keepAlone(t)
		return ledger.ErrGrown
	}
	l.abandon(t)
	l.distrust()
	return errors.Join(cause, err)
}

// taken reports seals that are closed in the database.
type taken struct{ by map[[32]byte]sequencedLeaf }

// Error implements error.
func (t *taken) Error() string { return fmt.Sprintf("%d seals are closed already", len(t.by)) }

// closedBy returns a [*ledger.ClosedError] when the seal of a leaf is closed.
func (t *taken) closedBy(l ledger.Leaf) error {
	seal, ok := l.Seal()
	if !ok {
		return nil
	}
	if by, ok := t.by[seal]; ok {
		return &ledger.ClosedError{Seal: seal, Index: by.index, Leaf: by.leaf.Hash()}
	}
	return nil
}

// remove answers the requests that close a closed seal, and returns the others.
func (t *taken) remove(all []*batch.Leaves) (rest []*batch.Leaves) {
	for _, r := range all {
		for i := range r.Leaves {
			if err := t.closedBy(r.Leaves[i]); err != nil {
				r.Err = err
				break
			}
		}
		if r.Err == nil {
			rest = append(rest, r)
		}
	}
	return rest
}
