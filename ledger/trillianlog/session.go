package trillianlog

import (
	"context"
	"fmt"
)

// session is where statements go: a database, or a transaction in it. Their parameters are
// $1, $2 and so on: numbers, bytes, text. No row where one is asked for is [database/sql.ErrNoRows].
type session interface {
	exec(ctx context.Context, statement string, args ...any) (rows int64, err error)
	query(ctx context.Context, statement string, args ...any) (rows, error)
	queryRow(ctx context.Context, statement string, args ...any) row
}

// rows are what a query returns; row is the only one.
type (
	rows interface {
		row
		Next() bool
		Err() error
		Close()
	}
	row interface{ Scan(dest ...any) error }
)

// transaction is one that outlives the context of its beginning. Its end need not be durable
// before waitForBatches. One that can neither be committed nor rolled back ends with its
// connection, which is closed then. Once it has ended a rollback does nothing.
type transaction interface {
	session
	commit(ctx context.Context) error
	rollback(ctx context.Context)
}

// kind is a kind of database: what it does in other words than the others, or that they do
// not do.
type kind interface {
	session
	words() *words
	begin(ctx context.Context) (transaction, error)
	// among returns the rest of a condition: is one of those given, which are parameters
	// from $2 on.
	among(identities [][]byte) (condition string, args []any)
	// insert makes the rows of a new ledger, unless its origin has one.
	insert(ctx context.Context, of newLedger) (made bool, err error)
	// become makes a node the one that has the turn, and returns no row when the turn was
	// not to be had: with skip when another node has it, else when the ledger has none.
	become(ctx context.Context, tx transaction, tree int64, node string, skip bool) (publisher, error)
	// waitForBatches has a transaction that ends the ledger wait for the batches that are
	// sent and not committed yet, and durable itself.
	waitForBatches(ctx context.Context, tx transaction, tree int64) error
	// unsafe says by what the database could lose what it acknowledges.
	unsafe(ctx context.Context) ([]string, error)
	// guards returns what triggers the database has, by name, and whether it lacks a table.
	guards(ctx context.Context) (bodies map[string]string, lacks bool, err error)
	// guard makes the guards, which may be there.
	guard(ctx context.Context) error
	close()
}

// words are statements that are not the same in every kind of database.
type words struct {
	ledger string // the row of a ledger whose origin is $1: for scanRow
	lock   string // locks the turn of the tree $1, when it is free
	record string // records $2 leaves under the root $3 as published, if the node $4 may
	offer  string // lets the others append the leaves $3 of the node $2
	back   string // takes those of the node $2 back
	take   string // takes what nodes want, and whether they have wanted it for less than $2 seconds
	singly bool   // Trillian has it take a batch leaf by leaf
	guards []guard
}

// guard is a trigger that is to be there, and what it does.
type guard struct{ name, body string }

// newLedger is what the row of a new ledger says.
type newLedger struct {
	tree    int64
	origin  string
	keyHash int64
	root    []byte
}

// publisher is what a node learns with its turn.
type publisher struct {
	term    int64
	ended   *int64 // leaves with which the ledger ends; nil while it goes on
	waiting int    // other nodes whose leaves wait
}

// inDatabase makes [ErrDatabase] of an error.
func inDatabase(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrDatabase, err)
}
