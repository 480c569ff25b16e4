package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.org/custody/ledger"
)

// What a node wants to append lies in the table custody_waiting while another one has the
// turn. An append costs the database nearly the same whatever it holds: so whoever has the
// next turn takes what all nodes want, and their turns do not make each other's batches small.
//
// A row there is no promise. It is taken by the transaction of a turn, and is there again
// when that does not commit; a node reads from the log, not from its row, what became of its
// leaves. So neither a node that dies, on either side, nor a row that comes back matters: a
// leaf that is in the log is not appended again.

const (
	// mostWanted is how many leaves a node has another one append at most. With more it
	// waits for its own turn.
	mostWanted = 1024
	// wantedFor is how long they are wanted, in seconds: longer than a node waits for an
	// answer, and short of what its user would be surprised by if it has died.
	wantedFor = 30.0
	// lookEvery is how often a node that has the turn looks who is there.
	lookEvery = 2 * time.Millisecond
	// many is so many leaves that a node waits for the others: who comes with fewer waits for
	// nobody.
	many = 8
	// lingers is how long it waits at most.
	lingers = 100 * time.Millisecond
)

// errTaken reports that another node has taken the wanted leaves.
var errTaken = errors.New("another node appends the leaves")

// await waits for the turn that another node has, and lets that one, or whoever has it
// next, take the wanted leaves. [errTaken]: it has.
func (l *Log) await(ctx context.Context, tx pgx.Tx, wanted []ledger.Leaf) error {
	l.others = max(l.others, 1)
	offered := 0 < len(wanted) && len(wanted) <= mostWanted
	if offered {
		if err := l.offer(ctx, wanted); err != nil {
			return err
		}
	}
	err := l.lockRow(ctx, tx)
	if err == nil && offered {
		err = l.takeBack(ctx, tx)
	}
	if err == nil {
		err = l.become(ctx, tx, "")
	}
	if err == nil || errors.Is(err, errTaken) || !offered {
		return err
	}
	rollback(tx) // it may hold the row
	withdrawn, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if why := l.takeBack(withdrawn, l.db.pool); why != nil {
		err = fmt.Errorf("%w: %w", errTaken, errors.Join(why, err))
	}
	return err
}

// lockRow waits for the ledger's row.
func (l *Log) lockRow(ctx context.Context, tx pgx.Tx) error {
	tag, err := tx.Exec(ctx, "SELECT FROM custody_ledger WHERE tree_id = $1 FOR UPDATE", l.tree)
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("the ledger's row is gone: %w", ErrConfig)
	}
	return inDatabase(err)
}

// offer lets others append leaves.
func (l *Log) offer(ctx context.Context, wanted []ledger.Leaf) error {
	b := make([]byte, 0, len(wanted)*ledger.LeafSize)
	for i := range wanted {
		b = append(b, wanted[i][:]...)
	}
	_, err := l.db.pool.Exec(ctx, `INSERT INTO custody_waiting(tree_id, node, leaves) VALUES($1, $2, $3)
		ON CONFLICT (tree_id, node) DO UPDATE SET leaves = $3, since = DEFAULT`, l.tree, l.node, b)
	return inDatabase(err)
}

// execer is a transaction, or any connection.
type execer interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
}

// takeBack takes back what was offered. [errTaken]: it is not there any more.
func (l *Log) takeBack(ctx context.Context, from execer) error {
	tag, err := from.Exec(ctx, "DELETE FROM custody_waiting WHERE tree_id = $1 AND node = $2", l.tree, l.node)
	if err == nil && tag.RowsAffected() == 0 {
		return errTaken
	}
	return inDatabase(err)
}

// gather takes, in a turn, what the other nodes want appended. Under load it waits for those
// that were there the last time, as long as the append lasts which that saves: who was
// answered with this node is likely to come back with it, and without them the two would take
// turns with half of the leaves each for ever.
func (l *Log) gather(ctx context.Context, t *turn, own int) ([]ledger.Leaf, error) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	longest := min(time.Duration(l.adds.Load()), lingers)
	for begun := time.Now(); own >= many && l.waiting < l.others && time.Since(begun) < longest; {
		<-tick.C
		err := t.tx.QueryRow(ctx, "SELECT count(*) FROM custody_waiting WHERE tree_id = $1", l.tree).Scan(&l.waiting)
		if err != nil {
			l.abandon(t)
			return nil, inDatabase(err)
		}
	}
	l.others = l.waiting
	if l.others == 0 {
		return nil, nil
	}
	leaves, err := l.takeAll(ctx, t)
	if err != nil {
		l.abandon(t)
	}
	return leaves, err
}

// takeAll takes what is wanted, and drops what nobody wants any more.
func (l *Log) takeAll(ctx context.Context, t *turn) (leaves []ledger.Leaf, err error) {
	rows, err := t.tx.Query(ctx, `DELETE FROM custody_waiting WHERE tree_id = $1
		RETURNING leaves, since > clock_timestamp() - make_interval(secs => $2)`, l.tree, wantedFor)
	if err != nil {
		return nil, inDatabase(err)
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		var wanted bool
		if err := rows.Scan(&b, &wanted); err != nil {
			return nil, inDatabase(err)
		}
		for ; wanted && len(b) >= ledger.LeafSize; b = b[ledger.LeafSize:] {
			leaves = append(leaves, ledger.Leaf(b[:ledger.LeafSize]))
		}
	}
	return leaves, inDatabase(rows.Err())
}
