package trillianlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// database is the database under Trillian, asked for what Trillian's own interface does
// not tell: the leaves that are durable and not integrated yet, and who publishes.
type database struct{ pool *pgxpool.Pool }

// dial opens the database. Errors: [ErrConfig], [ErrPassword], [ErrPlain], [ErrDatabase].
func dial(ctx context.Context, uri string) (*database, error) {
	c, err := poolConfig(uri)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err == nil {
		err = pool.Ping(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDatabase, err)
	}
	return &database{pool}, nil
}

// poolConfig says how a database is reached. No error has the connection string in it.
func poolConfig(uri string) (*pgxpool.Config, error) {
	if err := (Config{Database: uri}).Check(); err != nil {
		return nil, err
	}
	c, err := pgxpool.ParseConfig(uri)
	if err != nil {
		return nil, fmt.Errorf("the connection string of the database: %w", ErrConfig)
	}
	// Of the modes, only verify-full asks for a certificate of this very host.
	if t := c.ConnConfig.TLSConfig; (t == nil || t.InsecureSkipVerify) && !local(c.ConnConfig.Host) {
		return nil, fmt.Errorf("database at %s without sslmode=verify-full: %w", c.ConnConfig.Host, ErrPlain)
	}
	c.ConnConfig.Fallbacks = nil // other hosts, and plain
	c.ConnConfig.ConnectTimeout = patience
	c.MaxConns = 4
	for name, value := range map[string]string{
		"application_name":  "custody",
		"statement_timeout": "30s",
		// A node that was cut off must not keep its turn.
		"idle_in_transaction_session_timeout": "15s",
		"tcp_keepalives_idle":                 "5",
		"tcp_keepalives_interval":             "2",
		"tcp_keepalives_count":                "3",
	} {
		c.ConnConfig.RuntimeParams[name] = value
	}
	return c, nil
}

func (d *database) close() { d.pool.Close() }

// row is a ledger's row.
type row struct {
	tree    int64
	keyHash uint32
	term    int64
	holder  string
	size    uint64
	root    evidence.Hash
	ended   *int64 // leaves with which it ends; nil while it goes on
}

// selectRow reads the table as an earlier version made it, too, which knew of no end.
const selectRow = "SELECT tree_id, key_hash, term, holder, size, root, (to_jsonb(custody_ledger)->>'ended')::bigint FROM custody_ledger WHERE "

// ledgerOf returns the row of an origin, and [ErrNone] when there is none.
func (d *database) ledgerOf(ctx context.Context, o evidence.Origin) (row, error) {
	return scanRow(d.pool.QueryRow(ctx, selectRow+"origin = $1", string(o)))
}

func scanRow(r pgx.Row) (row, error) {
	var (
		x             row
		keyHash, size int64
		root          []byte
	)
	err := r.Scan(&x.tree, &keyHash, &x.term, &x.holder, &size, &root, &x.ended)
	if errors.Is(err, pgx.ErrNoRows) {
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
	tag, err := d.pool.Exec(ctx, "INSERT INTO custody_ledger(tree_id, origin, key_hash, root) VALUES($1,$2,$3,$4) ON CONFLICT DO NOTHING",
		tree, string(o), int64(keyHash), ledger.EmptyRoot[:])
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("%q: %w", o, ErrExists)
	}
	return inDatabase(err)
}

// sequenced calls take with the leaves from index from on, as far as the log goes.
func (d *database) sequenced(ctx context.Context, tree int64, from uint64, take func(index uint64, identity, leaf []byte) error) error {
	rows, err := d.pool.Query(ctx, `SELECT s.SequenceNumber, l.LeafIdentityHash, l.LeafValue
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
	err = d.pool.QueryRow(ctx, "SELECT TreeSize FROM TreeHead WHERE TreeId = $1 ORDER BY TreeHeadTimestamp DESC LIMIT 1", tree).Scan(&size)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return size, inDatabase(err)
}

// readAtOnce is the number of leaves that one query returns at most.
const readAtOnce = 8192

// closing returns the leaves that have the identities given, by identity.
func (d *database) closing(ctx context.Context, tree int64, identities [][]byte) (map[[32]byte]sequencedLeaf, error) {
	rows, err := d.pool.Query(ctx, `SELECT s.SequenceNumber, l.LeafIdentityHash, l.LeafValue
		FROM SequencedLeafData s JOIN LeafData l ON l.TreeId = s.TreeId AND l.LeafIdentityHash = s.LeafIdentityHash
		WHERE l.TreeId = $1 AND l.LeafIdentityHash = ANY($2)`, tree, identities)
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

// inDatabase makes [ErrDatabase] of an error.
func inDatabase(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrDatabase, err)
}

// publish records a checkpoint as published, whoever is the publisher.
func (d *database) publish(ctx context.Context, tree int64, c ledger.Checkpoint) error {
	_, err := d.pool.Exec(ctx, "UPDATE custody_ledger SET size = $2, root = $3 WHERE tree_id = $1 AND size < $2", tree, int64(c.Size), c.Root[:])
	return inDatabase(err)
}
