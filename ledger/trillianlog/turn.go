package trillianlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.org/custody/ledger"
)

// turn is the right to append: a transaction that holds the ledger's row. The database
// gives it to one node at a time, in the order in which they asked, and takes it back
// when the node's connection ends.
type turn struct {
	tx     transaction
	others bool        // leaves of other nodes were taken in it
	end    *time.Timer // of a turn that is kept
}

// keepFor is how long a node keeps the turn between [Log.Turn], or an append that came too
// late, and the append that follows, to decide what the others' leaves have changed.
const keepFor = 2 * time.Second

// Turn implements [ledger.Shared].
func (l *Log) Turn(ctx context.Context, wanted []ledger.Leaf) (ledger.Turn, error) {
	got, err := l.turn(ctx, wanted)
	if err != nil {
		err = fmt.Errorf("turn to append to %q: %w", l.origin, err)
	}
	return got, err
}

func (l *Log) turn(ctx context.Context, wanted []ledger.Leaf) (got ledger.Turn, err error) {
	l.appendMu.Lock()
	defer l.appendMu.Unlock()
	if err := errors.Join(ctx.Err(), l.open()); err != nil {
		return got, err
	}
	if l.kept != nil && l.kept.others {
		l.drop() // this turn is for another batch
	}
	t, err := l.enter(ctx, wanted)
	if err == nil && len(wanted) > 0 {
		got.Others, err = l.gather(ctx, t, len(wanted))
	}
	got.Offered = l.layOpen()
	switch got.Taken = errors.Is(err, errTaken); {
	case got.Taken:
		l.taken.Store(time.Now().UnixNano())
		err = l.catchUp(ctx)
	case err == nil:
		l.keep(t)
	}
	got.Size = l.tiles.size.Load()
	return got, err
}

// enter takes the turn and reads what others have appended since this node had it.
// l.appendMu is held. [errTaken]: another node has taken the wanted leaves.
func (l *Log) enter(ctx context.Context, wanted []ledger.Leaf) (*turn, error) {
	term := l.term
	t, err := l.take(ctx, wanted)
	if err == nil && (l.term != term || l.stale || l.doubts()) {
		if err = l.catchUp(ctx); err != nil {
			l.abandon(t)
			return nil, err
		}
		l.stale = false
	}
	return t, err
}

// take waits for the turn and becomes the publisher. l.appendMu is held. [errTaken]: another
// node, which had the turn meanwhile, has taken the wanted leaves.
func (l *Log) take(ctx context.Context, wanted []ledger.Leaf) (*turn, error) {
	l.current.Store(false)
	l.waiting, l.lost = 0, false
	if t := l.kept; t != nil {
		l.kept = nil
		if t.end.Stop() {
			return t, nil
		}
		l.stale, l.lost = true, true
	}
	if err := l.takeLeft(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	tx, err := l.db.begin(ctx)
	if err != nil {
		return nil, inDatabase(err)
	}
	if err = l.become(ctx, tx, true); errors.Is(err, errHeld) {
		err = l.await(ctx, tx, wanted)
	}
	if err == nil {
		return &turn{tx: tx}, nil
	}
	l.abandon(&turn{tx: tx})
	if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: %w", ErrTurn, err)
	}
	return nil, err
}

// errHeld reports that another node has the turn.
var errHeld = errors.New("another node has the turn to append")

// become makes this node, which has locked the row or locks it, the publisher, and raises the
// term when another one was it. [errHeld]: the row was not to be had. [ledger.ErrEndedByNode]:
// nobody appends any more.
func (l *Log) become(ctx context.Context, tx transaction, skip bool) error {
	p, err := l.db.become(ctx, tx, l.tree, l.node, skip)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return errHeld
	case err != nil:
		return inDatabase(err)
	}
	l.term, l.waiting = p.term, p.waiting
	if p.ended != nil {
		return fmt.Errorf("with %d leaves: %w", *p.ended, ledger.ErrEndedByNode)
	}
	return nil
}

// keep holds the turn for the append that follows. Meanwhile nobody appends.
func (l *Log) keep(t *turn) {
	l.current.Store(true)
	t.end = time.AfterFunc(keepFor, func() {
		l.current.Store(false)
		rollback(t.tx) // who waits for its leaves to be appended has them back
	})
	l.kept = t
}

// keepAlone is keep for the caller's own leaves: others have had theirs back, or have them
// back now.
func (l *Log) keepAlone(t *turn) {
	if t.others {
		l.abandon(t)
		return
	}
	l.keep(t)
}

// drop gives back a turn that was kept, and to the others their leaves.
func (l *Log) drop() {
	l.current.Store(false)
	switch t := l.kept; {
	case t == nil:
	case !t.end.Stop():
		l.stale = true
	case t.others:
		l.abandon(t)
	default:
		t.giveUp()
	}
	l.kept = nil
}

// giveUp gives back a turn in which nothing was appended. The term is raised all the same:
// rolled back it would be raised to the same again, whatever others append meanwhile.
func (t *turn) giveUp() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	t.giveBack(ctx)
}

// abandon ends a turn as if it had not been: whose leaves were taken in it has them back.
// So is the term, and raised again it says nothing of what others append meanwhile.
// l.appendMu is held.
func (l *Log) abandon(t *turn) {
	l.stale = true
	rollback(t.tx)
}

// alive keeps a turn from being ended as idle while an append of its leaves lasts, by asking
// for nothing now and then, until stop is called, which is before anything else is asked in it.
func (t *turn) alive(every time.Duration) (stop func()) {
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-stopped:
				return
			case <-tick.C:
				t.touch()
			}
		}
	}()
	return func() { close(stopped); <-ended }
}

// touch asks for nothing. When that fails the database ends the turn, and the guards refuse
// what others have overtaken.
func (t *turn) touch() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var one int
	_ = t.tx.queryRow(ctx, "SELECT 1").Scan(&one)
}

// giveBack ends the turn. When that fails the database has ended it.
func (t *turn) giveBack(ctx context.Context) {
	if t.tx.commit(ctx) != nil {
		rollback(t.tx)
	}
}

func rollback(tx transaction) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	tx.rollback(ctx)
}
