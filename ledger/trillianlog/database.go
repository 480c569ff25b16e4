package trillianlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// database is the database under Trillian, asked for what Trillian's own interface does
// not tell: the leaves that are durable and not integrated yet, and who publishes.
type database struct{ kind }

const (
	// connections is how many a node has at most.
	connections = 4
	// longest is how long a statement takes at most.
	longest = 30 * time.Second
	// idle is how long a transaction waits for its next statement at most: a node that was
	// cut off must not keep its turn.
	idle = 15 * time.Second
)

// dial opens the database. Errors: [ErrConfig], [ErrPassword], [ErrPlain], [ErrDatabase].
func dial(ctx context.Context, uri string) (*database, error) {
	if err := (Config{Database: uri}).Check(); err != nil {
		return nil, err
	}
	open := dialPostgreSQL
	if isMariaDB(uri) {
		open = dialMariaDB
	}
	k, err := open(ctx, uri)
	if err != nil {
		return nil, err
	}
	return &database{k}, nil
}

// plain reports a connection to a host that would not be encrypted, or to whoever answers.
func plain(host string) error {
	return fmt.Errorf("database at %s without sslmode=verify-full: %w", host, ErrPlain)
}

// ledgerRow is a ledger's row.
type ledgerRow struct {
	tree    int64
	keyHash uint32
	term    int64
	holder  string
	size    uint64
	root    evidence.Hash
	ended   *int64 // leaves with which it ends; nil while it goes on
}

// ledgerOf returns the row of an origin, and [ErrNone] when there is none.
func (d *database) ledgerOf(ctx context.Context, o evidence.Origin) (ledgerRow, error) {
	return scanRow(d.queryRow(ctx, d.words().ledger, string(o)))
}

func scanRow(r row) (ledgerRow, error) {
	var (
		x             ledgerRow
		keyHash, size int64
		root          []byte
	)
	err := r.Scan(&x.tree, &keyHash, &x.term, &x.holder, &size, &root, &x.ended)
	if errors.Is(err, sql.ErrNoRows) {
		return x, ErrNone
	}
	if err == nil && (len(root) != len(x.root) || size < 0) {
		return x, fmt.Errorf("the ledger's row: %w", ErrConfig)
	}
	if err != nil {
		return x, inDatabase(err)
	}
	x.keyHash, x.size, x.root = uint32(keyHash), uint64(size), evidence.Hash(root)
	return x, nil
}

// insert makes the row of a new ledger. [ErrExists]: its origin has one.
func (d *database) insert(ctx context.Context, o evidence.Origin, tree int64, keyHash uint32) error {
	made, err := d.kind.insert(ctx, newLedger{tree, string(o), int64(keyHash), ledger.EmptyRoot[:]})
	if err == nil && !made {
		return fmt.Errorf("%q: %w", o, ErrExists)
	}
	return inDatabase(err)
}

// sequenced calls take with the leaves from index from on, as far as the log goes.
func (d *database) sequenced(ctx context.Context, tree int64, from uint64, take func(index uint64, identity, leaf []byte) error) error {
	rows, err := d.query(ctx, `SELECT s.SequenceNumber, l.LeafIdentityHash, l.LeafValue
		FROM SequencedLeafData s JOIN LeafData l ON l.TreeId = s.TreeId AND l.LeafIdentityHash = s.LeafIdentityHash
		WHERE s.TreeId = $1 AND s.SequenceNumber >= $2 ORDER BY s.SequenceNumber LIMIT $3`, tree, int64(from), readAtOnce)
	if err != nil {
		return inDatabase(err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			index          int64
			identity, leaf []byte
		)
		if err := rows.Scan(&index, &identity, &leaf); err != nil {
			return inDatabase(err)
		}
		if err := take(uint64(index), identity, leaf); err != nil {
			return err
		}
	}
	return inDatabase(rows.Err())
}

// integrated returns how many leaves of a tree the signer has integrated.
func (d *database) integrated(ctx context.Context, tree int64) (size uint64, err error) {
	err = d.queryRow(ctx, "SELECT TreeSize FROM TreeHead WHERE TreeId = $1 ORDER BY TreeHeadTimestamp DESC LIMIT 1", tree).Scan(&size)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return size, inDatabase(err)
}

// readAtOnce is the number of leaves that one query returns at most.
const readAtOnce = 8192

// closing returns the leaves that have the identities given, by identity.
func (d *database) closing(ctx context.Context, tree int64, identities [][]byte) (map[[32]byte]sequencedLeaf, error) {
	among, args := d.among(identities)
	rows, err := d.query(ctx, `SELECT s.SequenceNumber, l.LeafIdentityHash, l.LeafValue
		FROM SequencedLeafData s JOIN LeafData l ON l.TreeId = s.TreeId AND l.LeafIdentityHash = s.LeafIdentityHash
		WHERE l.TreeId = $1 AND l.LeafIdentityHash `+among, append([]any{tree}, args...)...)
	if err != nil {
		return nil, inDatabase(err)
	}
	defer rows.Close()
	found := map[[32]byte]sequencedLeaf{}
	for rows.Next() {
		var (
			index          int64
			identity, leaf []byte
		)
		if err := rows.Scan(&index, &identity, &leaf); err != nil {
			return nil, inDatabase(err)
		}
		if len(identity) != 32 || len(leaf) != ledger.LeafSize {
			return nil, fmt.Errorf("leaf %d in the database: %w", index, ledger.ErrFatal)
		}
		found[[32]byte(identity)] = sequencedLeaf{uint64(index), ledger.Leaf(leaf)}
	}
	return found, inDatabase(rows.Err())
}

// sequencedLeaf is a leaf and where it stands.
type sequencedLeaf struct {
	index uint64
	leaf  ledger.Leaf
}

// publish records a checkpoint as published, whoever is the publisher.
func (d *database) publish(ctx context.Context, tree int64, c ledger.Checkpoint) error {
	_, err := d.exec(ctx, "UPDATE custody_ledger SET size = $2, root = $3 WHERE tree_id = $1 AND size < $2", tree, int64(c.Size), c.Root[:])
	return inDatabase(err)
}
