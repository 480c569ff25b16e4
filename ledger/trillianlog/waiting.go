package trillianlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

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
//
// But a node whose leaves lay there cannot say that they will not land. It takes its row back
// for good before it does anything else, and that may fail; or whoever took the row died
// while the log server still had its batch. So unless the node has appended or found them
// itself it says that it does not know ([ledger.Turn.Offered]), and of the same leaves, asked
// for again, for as long as an earlier row may have been taken.

const (
	// mostWanted is how many leaves a node has another one append at most. With more it
	// waits for its own turn.
	mostWanted = 1024
	// wantedFor is how long they are wanted, in seconds: longer than a node waits for an
	// answer, and short of what its user would be surprised by if it has died.
	wantedFor = 30.0
	// openFor is how long a node must not call leaves lost that lay there, besides the longest
	// append of whoever takes them: while they are wanted, and as long again for what the log
	// server does behind that.
	openFor = time.Minute
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
func (l *Log) await(ctx context.Context, tx transaction, wanted []ledger.Leaf) (err error) {
	l.others = max(l.others, 1)
	offered := 0 < len(wanted) && len(wanted) <= mostWanted
	if offered {
		defer func() { l.offered = time.Now() }()
		if err := l.offer(ctx, wanted); err != nil {
			_ = l.takeBack(ctx)
			l.left = true // it may come there yet
			return err
		}
	}
	if err = l.lockRow(ctx, tx); err == nil {
		err = l.become(ctx, tx, false)
	}
	if !offered {
		return err
	}
	// The row goes by itself, not with the turn: it would be back when that fails.
	gone := l.takeBack(ctx)
	switch {
	case errors.Is(err, ledger.ErrEndedByNode): // the end drops what waits
		return err
	case errors.Is(gone, errTaken):
		return gone
	}
	return errors.Join(err, gone)
}

// lockRow waits for the ledger's row.
func (l *Log) lockRow(ctx context.Context, tx transaction) error {
	var locked int
	err := tx.queryRow(ctx, l.db.words().lock, l.tree).Scan(&locked)
	if errors.Is(err, sql.ErrNoRows) {
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
	_, err := l.db.exec(ctx, l.db.words().offer, l.tree, l.node, b)
	return inDatabase(err)
}

// takeBack takes back what was offered, whatever has become of ctx. [errTaken]: it is not
// there any more. Any other error: it may be.
func (l *Log) takeBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	n, err := l.db.exec(ctx, l.db.words().back, l.tree, l.node)
	l.left = err != nil
	if err == nil && n == 0 {
		return errTaken
	}
	return inDatabase(err)
}

// takeLeft takes back what an earlier turn could not. Before that this node appends nothing:
// what was admitted first, and may land yet, would land behind it.
func (l *Log) takeLeft(ctx context.Context) error {
	if !l.left {
		return nil
	}
	if err := l.takeBack(ctx); !errors.Is(err, errTaken) {
		return err
	}
	return nil // it is gone, or in the log
}

// dropWaiting drops, at the opening, whatever waits: it may be of an earlier session of this
// node, and would land behind what this one admits. Another node whose it is asks again.
func (l *Log) dropWaiting(ctx context.Context) error {
	n, err := l.db.exec(ctx, "DELETE FROM custody_waiting WHERE tree_id = $1", l.tree)
	if n > 0 {
		l.offered = time.Now()
	}
	return inDatabase(err)
}

// layOpen reports whether leaves of this node may land yet which it does not append now:
// another node may have them, or the log server from an append that failed. That one lands
// where it was to begin or nowhere, so it is over when the log has a leaf there.
func (l *Log) layOpen() bool {
	if l.openAt != nil && l.tiles.size.Load() > *l.openAt {
		l.openAt = nil
	}
	return l.openAt != nil || time.Since(l.offered) < openFor+l.server.longest(math.MaxInt32)
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
		err := t.tx.queryRow(ctx, "SELECT count(*) FROM custody_waiting WHERE tree_id = $1", l.tree).Scan(&l.waiting)
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
	t.others = len(leaves) > 0
	return leaves, err
}

// takeAll takes what is wanted, and drops what nobody wants any more.
func (l *Log) takeAll(ctx context.Context, t *turn) (leaves []ledger.Leaf, err error) {
	rows, err := t.tx.query(ctx, l.db.words().take, l.tree, wantedFor)
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
