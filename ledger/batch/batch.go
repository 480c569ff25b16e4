// Package batch gathers what many goroutines submit into batches for one that
// commits them. Committing costs the same for one thing and for hundreds (a few
// synchronous writes, a round of cosignatures), so while one batch is being
// committed the next one fills.
//
// A batch never waits for a timer when there is nothing to wait for: a lone
// submitter is served at once. But those who were just answered are likely to
// come back, and a batch that leaves without them makes two half-filled batches
// take turns for ever. So the next batch waits, for a moment at most, until as many
// are there as were in the last batch and behind it when it was committed.
package batch

import (
	"sync"
	"time"
)

// Queue is where submitters put and the committer takes. Use [New].
type Queue[T any] struct {
	most   int
	linger time.Duration
	many   int           // so many in a batch are load
	every  time.Duration // between batches under load
	wake   chan struct{} // holds a token when Take should look again
	anew   chan struct{} // holds one when Take should wait anew

	mu     sync.Mutex
	items  []T
	last   int       // size of the batch taken last
	taken  time.Time // when it was
	enough int       // so many waiting make a batch
	closed bool
}

// New returns a queue that gives batches of at most most things, 1 or more. linger is the
// longest that a batch which could leave waits for those of the last one.
func New[T any](most int, linger time.Duration) *Queue[T] {
	return &Queue[T]{most: most, linger: linger, wake: make(chan struct{}, 1), anew: make(chan struct{}, 1), enough: 1}
}

// Pace lets a batch that follows one of many things or more wait for others until every
// has passed since that one was taken, if that is longer than the linger. It leaves at once
// all the same when as many are there as may come back, and is to be called before
// the queue is used.
func (q *Queue[T]) Pace(many int, every time.Duration) *Queue[T] {
	q.many, q.every = many, every
	return q
}

// Put adds x, behind everything put before. It reports false, and adds nothing,
// once the queue is closed. It never waits.
func (q *Queue[T]) Put(x T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.items = append(q.items, x)
	if len(q.items) >= q.enough {
		q.signal()
	}
	return true
}

// Len returns how many things are waiting.
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// Close lets Put refuse, and Take end once everything put before is taken.
func (q *Queue[T]) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

// Done reports that the batch taken last is committed. Call it before answering
// those whose batch it was: whoever comes afterwards may be one of them.
func (q *Queue[T]) Done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.enough = min(max(1, q.last+len(q.items)), q.most)
}

// Expect says that n are about to be answered who may come back together, although they
// were not of one batch: whoever answers later than the committer knows. Without it the
// few who come first leave as a batch of their own, and the halves stay apart for as long
// as the load lasts. The next batch waits for them until the linger, or the pace, has
// passed. Call it before answering them.
func (q *Queue[T]) Expect(n int) {
	q.mu.Lock()
	q.enough = min(max(q.enough, len(q.items)+n), q.most)
	q.mu.Unlock()
	token(q.anew)
}

// Take waits for the next batch, in the order of Put. It reports false when the
// queue is closed and empty. One goroutine may call it, with [Queue.Done] between
// one call and the next.
func (q *Queue[T]) Take() ([]T, bool) {
	linger := time.NewTimer(q.longest())
	defer linger.Stop()
	for {
		if b, done := q.next(); done {
			return b, len(b) > 0
		}
		select {
		case <-q.wake:
		case <-q.anew:
			linger.Reset(max(q.longest(), q.every))
		case <-linger.C:
			q.mu.Lock()
			q.enough = 1
			q.mu.Unlock()
		}
	}
}

// longest returns how long the next batch may wait for others.
func (q *Queue[T]) longest() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.every == 0 || q.last < q.many {
		return q.linger
	}
	return max(q.linger, q.every-time.Since(q.taken))
}

// next returns a batch when there is enough for one, or none when there will
// never be another, and says whether either is the case.
func (q *Queue[T]) next() (b []T, done bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) < q.enough && !q.closed {
		return nil, false
	}
	n := min(len(q.items), q.most)
	b, q.items = q.items[:n:n], q.items[n:]
	if len(q.items) == 0 {
		q.items = nil // do not keep answered submissions alive
	}
	q.last, q.taken = n, time.Now()
	return b, true
}

func (q *Queue[T]) signal() { token(q.wake) }

// token puts a token into c, which has one place.
func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
