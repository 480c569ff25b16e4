//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
	"example.org/custody/ledger/batch"
	"github.com/transparency-dev/tessera"
)

// commitAll commits batch after batch until the queue is closed and empty.
func (l *Log) commitAll() {
	defer close(l.committed)
	batch.CommitAll(l.queue, func(b []*batch.Leaves) {
		live := batch.Live(b)
		first, err := l.commit(live)
		batch.Settle(live, first, err)
	})
}

// commit appends the leaves of a batch and returns the index of the first.
func (l *Log) commit(b []*batch.Leaves) (first uint64, err error) {
	ctx := context.Background() // the batch is of many callers
	if err := l.settle(ctx); err != nil {
		return 0, err
	}
	var entries []*tessera.Entry
	for _, r := range b {
		for i := range r.Leaves {
			entries = append(entries, tessera.NewEntry(r.Leaves[i][:]))
		}
	}
	if len(entries) == 0 {
		return 0, nil
	}
	first = l.size.Load()
	if err := l.add(ctx, entries, first); err != nil {
		return 0, fmt.Errorf("append of %d leaves at %d: %w", len(entries), first, err)
	}
	l.size.Store(first + uint64(len(entries)))
	return first, nil
}

// add commits entries as one batch, the first of which must get index first.
func (l *Log) add(ctx context.Context, entries []*tessera.Entry, first uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a, _, err := appender(ctx, l.tiles.root, mute{l.signer}, len(entries))
	if err != nil {
		return err
	}
	futures := make([]tessera.IndexFuture, len(entries))
	for i, e := range entries {
		futures[i] = a.Add(ctx, e)
	}
	for i, f := range futures {
		x, err := f()
		if err == nil && x.Index != first+uint64(i) {
			err = fmt.Errorf("leaf %d was put at %d: %w", first+uint64(i), x.Index, ledger.ErrFatal)
		}
		if err != nil {
			l.distrust(err)
			return err
		}
	}
	return nil
}

// distrust notes that an append failed with err: the tree state may be ahead of
// what is known to be durable.
func (l *Log) distrust(err error) {
	l.doubtMu.Lock()
	defer l.doubtMu.Unlock()
	l.doubt = true
	if errors.Is(err, ledger.ErrFatal) {
		l.fatal = err
	}
}

// settle finds out what became of an append that failed: all of its leaves are
// in the tree or none. If they are, what the failed call may not have synced is
// synced before they count.
func (l *Log) settle(ctx context.Context) error {
	l.doubtMu.Lock()
	defer l.doubtMu.Unlock()
	if !l.doubt || l.fatal != nil {
		return l.fatal
	}
	known := l.size.Load()
	n, err := l.state.IntegratedSize(ctx)
	if err != nil {
		return fmt.Errorf("tree state after a failed append: %w", err)
	}
	if n < known {
		l.fatal = fmt.Errorf("tree state fell from %d to %d: %w", known, n, ledger.ErrFatal)
		return l.fatal
	}
	if n > known {
		if err := syncTree(l.tiles.root, known, n); err != nil {
			return fmt.Errorf("folders of the leaves %d to %d: %w", known, n, err)
		}
	}
	l.size.Store(n)
	l.doubt = false
	return nil
}
