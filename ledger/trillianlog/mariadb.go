package trillianlog

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// mariadb is a MariaDB database.
type mariadb struct {
	sqlSession
	db *sql.DB
}

// dialMariaDB opens a database. Errors: those of [dial].
func dialMariaDB(ctx context.Context, uri string) (kind, error) {
	c, err := mariaConfig(uri)
	if err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("the connection string of the database: %w", ErrConfig)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	m := &mariadb{sqlSession{db}, db}
	var version string
	err = inDatabase(m.queryRow(ctx, "SELECT VERSION()").Scan(&version))
	if err == nil && !speaksMariaDB(version) {
		err = fmt.Errorf("the database is %q, not MariaDB from 10.6 on: %w", version, ErrConfig)
	}
	if err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// speaksMariaDB reports whether a server of this version has what is asked of it: MySQL's
// own has no DELETE … RETURNING, and MariaDB before 10.6 no SKIP LOCKED.
func speaksMariaDB(version string) bool {
	number, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(number)
	b, errB := strconv.Atoi(minor)
	return strings.Contains(version, "MariaDB") && errors.Join(errA, errB) == nil && (a > 10 || a == 10 && b >= 6)
}

func (m *mariadb) close() { _ = m.db.Close() }

// mariaTransaction is a transaction in MariaDB. It has a connection rather than an [sql.Tx],
// which ends with the context of its beginning.
type mariaTransaction struct {
	sqlSession
	conn *sql.Conn
}

func (m *mariadb) begin(ctx context.Context) (transaction, error) {
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	t := mariaTransaction{sqlSession{conn}, conn}
	if _, err := t.exec(ctx, "START TRANSACTION"); err != nil {
		t.rollback(ctx)
		return nil, err
	}
	return t, nil
}

func (t mariaTransaction) commit(ctx context.Context) error {
	_, err := t.exec(ctx, "COMMIT")
	if err == nil {
		err = t.conn.Close() // to the pool
	}
	return err
}

func (t mariaTransaction) rollback(ctx context.Context) {
	if _, err := t.exec(ctx, "ROLLBACK"); err != nil {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn }) // not to the pool
	}
	_ = t.conn.Close()
}

func (*mariadb) words() *words { return &mariaWords }

var mariaWords = words{
	ledger: `SELECT l.tree_id, l.key_hash, t.term, t.holder, l.size, l.root, l.ended
		FROM custody_ledger l JOIN custody_turn t ON t.tree_id = l.tree_id WHERE l.origin = $1`,
	lock: "SELECT 1 FROM custody_turn WHERE tree_id = $1 FOR UPDATE",
	record: `UPDATE custody_ledger SET size = $2, root = $3 WHERE tree_id = $1 AND size < $2
		AND (ended IS NOT NULL OR (SELECT holder FROM custody_turn WHERE tree_id = $1) IN ($4, ''))`,
	offer: `INSERT INTO custody_waiting(tree_id, node, leaves, since) VALUES($1, $2, $3, UTC_TIMESTAMP(6))
		ON DUPLICATE KEY UPDATE leaves = VALUES(leaves), since = VALUES(since)`,
	// The server goes on with a statement whose client has left: not for long.
	back: "SET STATEMENT innodb_lock_wait_timeout = 1 FOR DELETE FROM custody_waiting WHERE tree_id = $1 AND node = $2",
	take: `DELETE FROM custody_waiting WHERE tree_id = $1
		RETURNING leaves, since > UTC_TIMESTAMP(6) - INTERVAL $2 SECOND`,
	singly: true,
	guards: mariaGuards,
}

func (*mariadb) among(identities [][]byte) (string, []any) {
	args, list := make([]any, len(identities)), make([]string, len(identities))
	for i := range identities {
		args[i], list[i] = identities[i], "$"+strconv.Itoa(i+2)
	}
	return "IN (" + strings.Join(append(list, "NULL"), ",") + ")", args
}

// duplicateEntry is MariaDB's number of the error that a key is taken.
const duplicateEntry = 1062

func (m *mariadb) insert(ctx context.Context, of newLedger) (bool, error) {
	tx, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	defer tx.rollback(context.WithoutCancel(ctx)) // of nothing, once it is committed
	_, err = tx.exec(ctx, "INSERT INTO custody_ledger(tree_id, origin, key_hash, root) VALUES($1,$2,$3,$4)", of.tree, of.origin, of.keyHash, of.root)
	if taken := (*mysql.MySQLError)(nil); errors.As(err, &taken) && taken.Number == duplicateEntry {
		return false, nil
	}
	if err == nil {
		_, err = tx.exec(ctx, "INSERT INTO custody_turn(tree_id) VALUES($1)", of.tree)
	}
	if err == nil {
		err = tx.commit(ctx)
	}
	return err == nil, err
}

func (*mariadb) become(ctx context.Context, tx transaction, tree int64, node string, skip bool) (p publisher, err error) {
	lock := "SELECT term, holder FROM custody_turn WHERE tree_id = $1 FOR UPDATE"
	if skip {
		lock += " SKIP LOCKED"
	}
	var holder string
	if err := tx.queryRow(ctx, lock, tree).Scan(&p.term, &holder); err != nil {
		return p, err
	}
	if holder != node {
		p.term++
		if _, err := tx.exec(ctx, "UPDATE custody_turn SET term = $2, holder = $3 WHERE tree_id = $1", tree, p.term, node); err != nil {
			return p, err
		}
	}
	err = tx.queryRow(ctx, `SELECT ended, (SELECT count(*) FROM custody_waiting WHERE tree_id = $1 AND node <> $2)
		FROM custody_ledger WHERE tree_id = $1`, tree, node).Scan(&p.ended, &p.waiting)
	return p, err
}

// waitForBatches implements kind: a batch has the ledger's row locked from its first leaf on.
func (*mariadb) waitForBatches(ctx context.Context, tx transaction, tree int64) error {
	var locked int64
	return tx.queryRow(ctx, "SELECT tree_id FROM custody_ledger WHERE tree_id = $1 FOR UPDATE", tree).Scan(&locked)
}
