package trillianlog

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresql is a PostgreSQL database.
type postgresql struct {
	pgSession
	pool *pgxpool.Pool
}

// pgSession makes a session of a pool or a transaction of pgx.
type pgSession struct {
	of interface {
		Exec(ctx context.Context, statement string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error)
		QueryRow(ctx context.Context, statement string, args ...any) pgx.Row
	}
}

func (s pgSession) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	tag, err := s.of.Exec(ctx, statement, args...)
	return tag.RowsAffected(), err
}

func (s pgSession) query(ctx context.Context, statement string, args ...any) (rows, error) {
	return s.of.Query(ctx, statement, args...)
}

func (s pgSession) queryRow(ctx context.Context, statement string, args ...any) row {
	return s.of.QueryRow(ctx, statement, args...)
}

// dialPostgreSQL opens a database. Errors: those of [dial].
func dialPostgreSQL(ctx context.Context, uri string) (kind, error) {
	c, err := poolConfig(uri)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err == nil {
		err = pool.Ping(ctx)
	}
	if err != nil {
		return nil, inDatabase(err)
	}
	return &postgresql{pgSession{pool}, pool}, nil
}

// poolConfig says how a database is reached. No error has the connection string in it.
func poolConfig(uri string) (*pgxpool.Config, error) {
	c, err := pgxpool.ParseConfig(uri)
	if err != nil {
		return nil, fmt.Errorf("the connection string of the database: %w", ErrConfig)
	}
	// Of the modes, only verify-full asks for a certificate of this very host.
	if t := c.ConnConfig.TLSConfig; (t == nil || t.InsecureSkipVerify) && !local(c.ConnConfig.Host) {
		return nil, plain(c.ConnConfig.Host)
	}
	c.ConnConfig.Fallbacks = nil // other hosts, and plain
	c.ConnConfig.ConnectTimeout = patience
	c.MaxConns = connections
	for name, value := range map[string]string{
		"application_name":                    "custody",
		"statement_timeout":                   fmt.Sprint(longest.Milliseconds()),
		"idle_in_transaction_session_timeout": fmt.Sprint(idle.Milliseconds()),
		"tcp_keepalives_idle":                 "5",
		"tcp_keepalives_interval":             "2",
		"tcp_keepalives_count":                "3",
	} {
		c.ConnConfig.RuntimeParams[name] = value
	}
	return c, nil
}

func (p *postgresql) close() { p.pool.Close() }

// pgTransaction is a transaction in PostgreSQL.
type pgTransaction struct {
	pgSession
	tx pgx.Tx
}

// begin implements kind. One that is lost in a crash was no more than a lock.
func (p *postgresql) begin(ctx context.Context) (transaction, error) {
	tx, err := p.pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL synchronous_commit = off"})
	if err != nil {
		return nil, err
	}
	return pgTransaction{pgSession{tx}, tx}, nil
}

func (t pgTransaction) commit(ctx context.Context) error { return t.tx.Commit(ctx) }

func (t pgTransaction) rollback(ctx context.Context) { _ = t.tx.Rollback(ctx) }

func (*postgresql) words() *words { return &pgWords }

var pgWords = words{
	// It reads the table as an earlier version made it, too, which knew of no end.
	ledger: "SELECT tree_id, key_hash, term, holder, size, root, (to_jsonb(custody_ledger)->>'ended')::bigint FROM custody_ledger WHERE origin = $1",
	lock:   "SELECT 1 FROM custody_ledger WHERE tree_id = $1 FOR UPDATE",
	record: "UPDATE custody_ledger SET size = $2, root = $3 WHERE tree_id = $1 AND size < $2 AND (holder IN ($4, '') OR ended IS NOT NULL)",
	offer: `INSERT INTO custody_waiting(tree_id, node, leaves) VALUES($1, $2, $3)
		ON CONFLICT (tree_id, node) DO UPDATE SET leaves = $3, since = DEFAULT`,
	back: "DELETE FROM custody_waiting WHERE tree_id = $1 AND node = $2",
	take: `DELETE FROM custody_waiting WHERE tree_id = $1
		RETURNING leaves, since > clock_timestamp() - make_interval(secs => $2)`,
	guards: []guard{{"custody_whole_batch", pgGuard(0)}, {"custody_no_shrink", pgGuard(1)}},
}

func (*postgresql) among(identities [][]byte) (string, []any) { return "= ANY($2)", []any{identities} }

func (p *postgresql) insert(ctx context.Context, of newLedger) (bool, error) {
	n, err := p.exec(ctx, "INSERT INTO custody_ledger(tree_id, origin, key_hash, root) VALUES($1,$2,$3,$4) ON CONFLICT DO NOTHING",
		of.tree, of.origin, of.keyHash, of.root)
	return n > 0, err
}

func (*postgresql) become(ctx context.Context, tx transaction, tree int64, node string, skip bool) (p publisher, err error) {
	lock := ""
	if skip {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	err = tx.queryRow(ctx, `UPDATE custody_ledger SET term = CASE WHEN holder = $2 THEN term ELSE term + 1 END, holder = $2
		WHERE tree_id = (SELECT tree_id FROM custody_ledger WHERE tree_id = $1`+lock+`)
		RETURNING term, ended, (SELECT count(*) FROM custody_waiting WHERE tree_id = $1 AND node <> $2)`, tree, node).Scan(&p.term, &p.ended, &p.waiting)
	return p, err
}

func (*postgresql) waitForBatches(ctx context.Context, tx transaction, _ int64) error {
	_, err := tx.exec(ctx, "LOCK TABLE SequencedLeafData IN SHARE ROW EXCLUSIVE MODE")
	if err == nil {
		_, err = tx.exec(ctx, "SET LOCAL synchronous_commit = on") // this turn is more than a lock
	}
	return err
}

// unsafe implements kind: by the settings as this node's session has them, or as any role
// has them that may write leaves, which the log server's is one of.
func (p *postgresql) unsafe(ctx context.Context) (unsafe []string, err error) {
	err = p.queryRow(ctx, `SELECT ARRAY(
		SELECT name || ' is off' FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) name WHERE current_setting(name) = 'off'
		UNION ALL
		SELECT 'synchronous_commit is off for ' || CASE s.setrole WHEN 0 THEN 'every role' ELSE 'the role ' || s.setrole::regrole END
		FROM pg_db_role_setting s, unnest(s.setconfig) c
		WHERE lower(c) IN ('synchronous_commit=off', 'synchronous_commit=false', 'synchronous_commit=no', 'synchronous_commit=0')
		AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
		AND (s.setrole = 0 OR has_table_privilege(s.setrole, 'sequencedleafdata', 'INSERT')))`).Scan(&unsafe)
	return unsafe, err
}

//go:embed guard.sql
var pgGuards string

// pgGuard returns the body of the nth function in guard.sql.
func pgGuard(n int) string { return strings.Split(pgGuards, "$$")[2*n+1] }

func (p *postgresql) guards(ctx context.Context) (bodies map[string]string, lacks bool, err error) {
	bodies, err = bodiesOf(p.query(ctx, `SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgenabled = 'O'
		AND (t.tgname = 'custody_whole_batch' AND t.tgrelid = 'sequencedleafdata'::regclass OR t.tgname = 'custody_no_shrink' AND t.tgrelid = 'treehead'::regclass)`))
	if err == nil {
		err = p.queryRow(ctx, "SELECT to_regclass('custody_waiting') IS NULL").Scan(&lacks)
	}
	return bodies, lacks, err
}

func (p *postgresql) guard(ctx context.Context) error {
	_, err := p.exec(ctx, pgGuards)
	return err
}
