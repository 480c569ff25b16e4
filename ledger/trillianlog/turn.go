package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/custody/ledger"
)

// turn is the right to append: a transaction that holds the ledger's row. The database
// gives it to one node at a time, in the order in which they asked, and takes it back
// when the node's connection ends.
type turn struct {
	tx  pgx.Tx
	end *time.Timer // of a turn that is kept
}

// keepFor is how long a node keeps the turn between [Log.Turn], or an append that came too
// late, and the append that follows, to decide what the others' leaves have changed.
const keepFor = 2 * time.Second

// Turn implements [ledger.Shared].
func (l *Log) Turn(ctx context.Context) (uint64, error) {
	l.appendMu.Lock()
	defer l.appendMu.Unlock()
	if err := errors.Join(ctx.Err(), l.open()); err != nil {
		return 0, err
	}
	t, err := l.enter(ctx)
	if err != nil {
		return 0, fmt.Errorf("turn to append to %q: %w", l.origin, err)
	}
	l.keep(t)
	return l.tiles.size.Load(), nil
}

// enter takes the turn and reads what others have appended since this node had it.
// l.appendMu is held.
func (l *Log) enter(ctx context.Context) (*turn, error) {
	term := l.term
	t, err := l.take(ctx)
	if err == nil && (l.term != term || l.doubts()) {
		if err = l.catchUp(ctx); err != nil {
			t.giveBack(ctx)
		}
	}
	return t, err
}

// take waits for the turn and becomes the publisher. l.appendMu is held.
func (l *Log) take(ctx context.Context) (*turn, error) {
	l.current.Store(false)
	if t := l.kept; t != nil {
		l.kept = nil
		if t.end.Stop() {
			return t, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	tx, err := l.db.pool.BeginTx(ctx, begin)
	if err != nil {
		return nil, inDatabase(err)
	}
	if err = l.become(ctx, tx); err == nil {
		return &turn{tx: tx}, nil
	}
	rollback(tx)
	if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: %w", ErrTurn, err)
	}
	return nil, err
}

// begin opens the transaction of a turn. One that is lost in a crash was no more than a
// lock, so its end need not be durable.
var begin = pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL synchronous_commit = off"}

// become waits for the row and makes this node the publisher, which raises the term when
// another one was it. [ledger.ErrEndedByNode]: nobody appends any more.
func (l *Log) become(ctx context.Context, tx pgx.Tx) error {
	var ended *int64
	err := tx.QueryRow(ctx, `UPDATE custody_ledger SET term = CASE WHEN holder = $2 THEN term ELSE term + 1 END, holder = $2
		WHERE tree_id = $1 RETURNING term, ended`, l.tree, l.node).Scan(&l.term, &ended)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("the ledger's row is gone: %w", ErrConfig)
	case err == nil && ended != nil:
		return fmt.Errorf("with %d leaves: %w", *ended, ledger.ErrEndedByNode)
	}
	return inDatabase(err)
}

// keep holds the turn for the append that follows. Meanwhile nobody appends.
func (l *Log) keep(t *turn) {
	l.current.Store(true)
	t.end = time.AfterFunc(keepFor, func() {
		l.current.Store(false)
		t.giveUp()
	})
	l.kept = t
}

// drop gives back a turn that was kept.
func (l *Log) drop() {
	l.current.Store(false)
	if t := l.kept; t != nil && t.end.Stop() {
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

// giveBack ends the turn. When that fails the database has ended it.
func (t *turn) giveBack(ctx context.Context) {
	if t.tx.Commit(ctx) != nil {
		rollback(t.tx)
	}
}

func rollback(tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = tx.Rollback(ctx) // the connection is closed when it fails, and the turn with it
}
