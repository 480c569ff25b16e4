package trillianlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"example.org/custody/ledger"
)

// catchUp brings the mirror to what the database has, whichever node appended it. The
// database must still have the last leaf known: an older copy of it was put back
// otherwise.
func (l *Log) catchUp(ctx context.Context) error {
	l.growMu.Lock()
	defer l.growMu.Unlock()
	for {
		n, err := l.read(ctx)
		if err != nil {
			return err
		}
		if n < readAtOnce-1 {
			return nil
		}
	}
}

// read takes one query's leaves into the mirror and returns how many are new.
func (l *Log) read(ctx context.Context) (int, error) {
	if err := l.tiles.grow(nil); err != nil { // what could not be written before
		return 0, err
	}
	size := l.tiles.size.Load()
	var fresh []ledger.Leaf
	next := size - min(size, 1)
	err := l.db.sequenced(ctx, l.tree, next, func(index uint64, id, b []byte) error {
		leaf, err := ledger.ParseLeaf(b)
		if own := identity(leaf, index); err == nil && (index != next || !bytes.Equal(own[:], id)) {
			err = errors.New("not at its place, or under another identity")
		}
		if err == nil && index < size && leaf != l.tiles.last {
			err = ledger.ErrBehind
		}
		if err != nil {
			return fmt.Errorf("leaf %d in the database: %w: %w", index, err, ledger.ErrFatal)
		}
		if next++; index >= size {
			fresh = append(fresh, leaf)
		}
		return nil
	})
	if err == nil && next < size {
		err = fmt.Errorf("the database has lost leaf %d: %w: %w", size-1, ledger.ErrBehind, ledger.ErrFatal)
	}
	if err != nil {
		return 0, l.stop(err)
	}
	return len(fresh), l.tiles.grow(fresh)
}

// stop keeps an error after which the log must stop, and returns it.
func (l *Log) stop(err error) error {
	if !errors.Is(err, ledger.ErrFatal) {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fatal == nil {
		l.fatal = err
	}
	return l.fatal
}

// askEvery is how often the database is asked whether the signer has integrated leaves.
const askEvery = 2 * time.Millisecond

// usual is how long a server takes for leaves, lately.
type usual struct{ atomic.Int64 }

// early is when to ask for the first time: before an answer is to be expected, and soon
// all the same, for the signer may have been slow once.
func (u *usual) early() time.Duration { return min(time.Duration(u.Load())*3/4, 10*askEvery) }

// took follows how long it takes. It falls quickly and rises slowly: asking early costs a
// query, asking late makes somebody wait.
func (u *usual) took(d time.Duration) {
	was := u.Load()
	u.Store(was + (int64(d)-was)/4)
	if int64(d) < was {
		u.Store(int64(d))
	}
}

// Confirm implements [ledger.Shared].
func (l *Log) Confirm(ctx context.Context, size uint64) error {
	if err := l.confirmNew(ctx, size, time.Unix(0, l.taken.Load())); err != nil {
		return fmt.Errorf("leaves that another node appended to %q: %w", l.origin, err)
	}
	return nil
}

// confirmNew is confirm of leaves that the database has taken, begun being when. Until the
// signer can be done nobody is asked: with several nodes that would be more queries than all
// others.
func (l *Log) confirmNew(ctx context.Context, size uint64, begun time.Time) error {
	select {
	case <-ctx.Done(): // confirm says what is known
	case <-time.After(l.signs.early() - time.Since(begun)):
	}
	err := l.confirm(ctx, size)
	if err == nil {
		l.signs.took(time.Since(begun))
	}
	return err
}

// confirm waits until Trillian's signer has integrated the first size leaves, and checks
// that its root is ours. [ErrSigner]: not in time.
//
// What is asked over and over is the database, with one short query: the log server needs
// several for an answer, and beside it the nodes and the signer wait for the same
// machine. Trillian itself is asked when there is something to hear.
func (l *Log) confirm(ctx context.Context, size uint64) error {
	if l.isConfirmed(size) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	begun := time.Now()
	var answered time.Time // when Trillian last did
	var why error          // the last time that it did not
	for {
		has, err := l.db.integrated(ctx, l.tree)
		if err == nil && has >= size {
			err = l.ask(ctx)
		}
		if l.isConfirmed(size) {
			return nil
		}
		switch {
		case errors.Is(err, ledger.ErrFatal):
			return err
		case err == nil:
			answered = time.Now()
		default:
			why = err
		}
		select {
		case <-ctx.Done():
			l.distrust()
			if why == nil || answered.Sub(begun) > time.Since(begun)/2 { // one bad answer is not the cause
				why = ErrSigner
			}
			return fmt.Errorf("%d leaves are durable and not integrated: %w", size, why)
		case <-tick.C:
		}
	}
}

// Stuck implements [ledger.Shared]. [ErrSigner]: an append has failed since when the signer
// has not integrated what there is.
func (l *Log) Stuck(ctx context.Context) error {
	if !l.doubts() {
		return nil
	}
	size := l.tiles.size.Load()
	if err := l.ask(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.confirmed < size {
		return fmt.Errorf("%d of %d leaves are durable and not integrated: %w", size-l.confirmed, size, ErrSigner)
	}
	return nil
}

func (l *Log) isConfirmed(size uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.confirmed >= size && l.doubt && l.confirmed >= l.tiles.size.Load() {
		l.doubt = false
	}
	return l.confirmed >= size
}

// ask asks Trillian for its root, once.
func (l *Log) ask(ctx context.Context) error {
	size, root, err := l.server.root(ctx, l.tree)
	if err != nil {
		return err
	}
	if size > l.tiles.size.Load() {
		if err := l.catchUp(ctx); err != nil {
			return err
		}
	}
	l.mu.Lock()
	known := l.confirmed
	l.mu.Unlock()
	if size <= known && size > 0 {
		return nil // an answer that was overtaken
	}
	c, err := l.tiles.checkpoint(ctx, l.origin, size)
	if err != nil {
		return err
	}
	if c.Root != root {
		return l.stop(fmt.Errorf("Trillian's tree of %d leaves is not that of its leaves: %w", size, ledger.ErrFatal))
	}
	l.mu.Lock()
	l.confirmed = max(l.confirmed, size)
	l.mu.Unlock()
	return nil
}

func (l *Log) distrust() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubt = true
}

func (l *Log) doubts() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.doubt
}
