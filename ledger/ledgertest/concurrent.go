package ledgertest

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
	"golang.org/x/sync/errgroup"
)

const (
	appenders = 16
	calls     = 12 // by each appender, of 1 to 3 leaves
)

// checkConcurrent appends from many goroutines while another reads, and then
// finds every leaf where its appender was told it is.
func checkConcurrent(ctx context.Context, open Open, dir string) error {
	return with(open, dir, func(l ledger.Log) error {
		var (
			g      errgroup.Group
			done   = make(chan struct{})
			reader = make(chan error, 1)
			placed [appenders]map[uint64]ledger.Leaf
		)
		go func() { reader <- watch(ctx, l, done) }()
		for a := range placed {
			g.Go(func() (err error) {
				placed[a], err = appendOften(ctx, l, uint64(a))
				return err
			})
		}
		err := g.Wait()
		close(done)
		if err := errors.Join(err, <-reader); err != nil {
			return err
		}
		return checkPlaced(ctx, l, placed[:])
	})
}

// appendOften makes calls appends one after the other. Their indexes must rise
// within a call and from call to call.
func appendOften(ctx context.Context, l ledger.Log, a uint64) (map[uint64]ledger.Leaf, error) {
	placed := map[uint64]ledger.Leaf{}
	next := uint64(0)
	for c := range uint64(calls) {
		first := (a*calls + c) * 3
		leaves := Events(first, first+1+c%3)
		indexes, err := l.Append(ctx, leaves)
		if err != nil {
			return nil, err
		}
		if len(indexes) != len(leaves) {
			return nil, fmt.Errorf("append of %d leaves returned %d indexes", len(leaves), len(indexes))
		}
		for i, x := range indexes {
			if x < next {
				return nil, fmt.Errorf("index %d given when %d was the least possible", x, next)
			}
			next = x + 1
			placed[x] = leaves[i]
		}
		if size, err := l.Size(ctx); err != nil || size < next {
			return nil, fmt.Errorf("size %d after leaf %d was acknowledged, %v", size, next-1, err)
		}
	}
	return placed, nil
}

// watch reads until done: the size never falls, leaves below it never change.
func watch(ctx context.Context, l ledger.Log, done <-chan struct{}) error {
	var seen []ledger.Leaf
	for {
		size, err := l.Size(ctx)
		if err != nil {
			return err
		}
		if size < uint64(len(seen)) {
			return fmt.Errorf("size fell from %d to %d", len(seen), size)
		}
		leaves, err := collect(ctx, l, 0, size)
		if err != nil {
			return fmt.Errorf("leaves below size %d: %w", size, err)
		}
		for i := range seen {
			if leaves[i] != seen[i] {
				return fmt.Errorf("leaf %d changed", i)
			}
		}
		seen = leaves
		if err := checkTree(ctx, l, leaves); err != nil {
			return fmt.Errorf("tree of size %d while it grows: %w", size, err)
		}
		select {
		case <-done:
			return nil
		default:
		}
	}
}

func checkPlaced(ctx context.Context, l ledger.Log, placed []map[uint64]ledger.Leaf) error {
	leaves, err := Verify(ctx, l)
	if err != nil {
		return err
	}
	n := 0
	for _, p := range placed {
		for x, want := range p {
			n++
			if x >= uint64(len(leaves)) || leaves[x] != want {
				return fmt.Errorf("leaf acknowledged at %d is not there", x)
			}
		}
	}
	if n != len(leaves) {
		return fmt.Errorf("%d leaves acknowledged, log holds %d", n, len(leaves))
	}
	return nil
}
