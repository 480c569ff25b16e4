package trillianlog

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
)

// End implements [ledger.Shared]. The end stands in the ledger's row, beside the leaves:
// the database refuses whatever any node sends behind it.
func (l *Log) End(ctx context.Context, size uint64) error {
	l.appendMu.Lock()
	defer l.appendMu.Unlock()
	if err := errors.Join(ctx.Err(), l.open()); err != nil {
		return err
	}
	t, err := l.enter(ctx, nil)
	if errors.Is(err, ledger.ErrEndedByNode) {
		err = l.takeEnd(ctx, size)
	} else if err == nil {
		err = l.endIn(ctx, t, size)
	}
	if err != nil {
		return fmt.Errorf("ending %q with %d leaves: %w", l.origin, size, err)
	}
	return nil
}

// endIn writes the end in a turn.
func (l *Log) endIn(ctx context.Context, t *turn, size uint64) error {
	err := l.endAt(ctx, t.tx, size)
	if err == nil {
		err = inDatabase(t.tx.commit(ctx))
	}
	if err != nil {
		l.abandon(t)
	}
	return l.stop(err)
}

// endAt has a transaction write the end. What was sent before and is not committed yet, by
// a node that lost its turn, is waited for.
func (l *Log) endAt(ctx context.Context, tx transaction, size uint64) error {
	if err := l.db.waitForBatches(ctx, tx, l.tree); err != nil {
		return inDatabase(err)
	}
	if err := l.catchUp(ctx); err != nil {
		return err
	}
	if n := l.tiles.size.Load(); n != size {
		return fmt.Errorf("it has %d leaves: %w", n, ledger.ErrGrown)
	}
	_, err := tx.exec(ctx, "UPDATE custody_ledger SET ended = $2, ended_by = $3 WHERE tree_id = $1", l.tree, int64(size), l.node)
	if err == nil {
		_, err = tx.exec(ctx, "DELETE FROM custody_waiting WHERE tree_id = $1", l.tree)
	}
	return inDatabase(err)
}

// takeEnd makes an end that stands there already this node's, so that nobody else takes
// it back; one that is for good stays so. It must be the same.
func (l *Log) takeEnd(ctx context.Context, size uint64) error {
	return l.setEnded(ctx, size, "CASE ended_by WHEN '' THEN '' ELSE $3 END", l.node)
}

// EndForGood implements [ledger.Shared]: the end is nobody's from then on.
func (l *Log) EndForGood(ctx context.Context, size uint64) error {
	return l.setEnded(ctx, size, "$3", "")
}

// setEnded says whose the end is that stands in the row.
func (l *Log) setEnded(ctx context.Context, size uint64, by, node string) error {
	n, err := l.db.exec(ctx, "UPDATE custody_ledger SET ended_by = "+by+" WHERE tree_id = $1 AND ended = $2", l.tree, int64(size), node)
	if err == nil && n == 0 {
		return fmt.Errorf("with %d leaves it does not end: %w", size, ledger.ErrEndedByNode)
	}
	return inDatabase(err)
}

// Ended implements [ledger.Shared].
func (l *Log) Ended(ctx context.Context) (bool, error) {
	r, err := l.db.ledgerOf(ctx, l.origin)
	return r.ended != nil, err
}

// Reopen implements [ledger.Shared].
func (l *Log) Reopen(ctx context.Context) error {
	_, err := l.db.exec(ctx, "UPDATE custody_ledger SET ended = NULL, ended_by = '' WHERE tree_id = $1 AND ended_by = $2", l.tree, l.node)
	return inDatabase(err)
}
