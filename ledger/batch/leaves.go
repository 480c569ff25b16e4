package batch

import (
	"context"
	"errors"

	"example.org/custody/ledger"
)

// ErrClosed reports leaves for a log that was closed.
var ErrClosed = errors.New("ledger is closed")

// Leaves is one call of an engine's Append on its way through a queue: leaves that get
// indexes without a gap, all of them or none.
type Leaves struct {
	Context context.Context // of the caller, who may leave
	Leaves  []ledger.Leaf
	// First is the index of the first leaf and Err why they are not in the log. The
	// committer sets one of them.
	First uint64
	Err   error

	answered chan struct{}
}

// NewLeaves returns leaves that nobody has committed yet.
func NewLeaves(ctx context.Context, leaves ...ledger.Leaf) *Leaves {
	return &Leaves{Context: ctx, Leaves: leaves, answered: make(chan struct{})}
}

// Submit puts leaves into the queue and waits until they are answered, as
// [ledger.Log] says of Append. When ctx ends first they may still land. [ErrClosed]: the
// queue is closed.
func Submit(ctx context.Context, q *Queue[*Leaves], leaves []ledger.Leaf) ([]uint64, error) {
	if err := ctx.Err(); err != nil || len(leaves) == 0 {
		return nil, err
	}
	l := NewLeaves(ctx, leaves...)
	if !q.Put(l) {
		return nil, ErrClosed
	}
	select {
	case <-l.answered:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l.Err != nil {
		return nil, l.Err
	}
	indexes := make([]uint64, len(leaves))
	for i := range indexes {
		indexes[i] = l.First + uint64(i)
	}
	return indexes, nil
}

// CommitAll commits batch after batch, until the queue is closed and empty, and answers
// what was in each.
func CommitAll(q *Queue[*Leaves], commit func([]*Leaves)) {
	for {
		b, ok := q.Take()
		if !ok {
			return
		}
		commit(b)
		q.Done()
		for _, l := range b {
			close(l.answered)
		}
	}
}

// Live returns those whose callers are still there; the others get their context's error.
func Live(b []*Leaves) (live []*Leaves) {
	for _, l := range b {
		if l.Err = l.Context.Err(); l.Err == nil {
			live = append(live, l)
		}
	}
	return live
}

// Settle says of leaves that were put one behind the other, from index first on, where
// each is, or that none is in the log for sure.
func Settle(live []*Leaves, first uint64, err error) {
	for _, l := range live {
		l.First, l.Err = first, err
		first += uint64(len(l.Leaves))
	}
}
