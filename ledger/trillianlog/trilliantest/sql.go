//go:build unix

package trilliantest

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// For returns the statement for the kind of database that there is.
func (s *Servers) For(postgresql, mariadb string) string {
	if s.kind.mariaDB {
		return mariadb
	}
	return postgresql
}

// MariaDB reports whether the database is MariaDB, and not PostgreSQL.
func (s *Servers) MariaDB() bool { return s.kind.mariaDB }

// Execute runs SQL in the database.
func (s *Servers) Execute(statements string) {
	s.t.Helper()
	if err := s.execute(s.t.Context(), statements); err != nil {
		s.t.Fatalf("%s: %v", statements, err)
	}
}

// Try runs SQL in the database, which may refuse it.
func (s *Servers) Try(statements string) error { return s.execute(s.t.Context(), statements) }

func (s *Servers) execute(ctx context.Context, statements string) error {
	db, err := sql.Open(s.kind.driver, s.kind.source)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statements)
	return err
}

func (s *Servers) ping() error { return s.execute(s.t.Context(), "SELECT 1") }

// Forget has the database forget every ledger, so that it takes their names again, and
// the signer leave their trees alone.
func (s *Servers) Forget() error {
	return s.execute(context.Background(), s.For(`DO $$ BEGIN
		IF to_regclass('custody_ledger') IS NOT NULL THEN DELETE FROM custody_ledger; END IF;
		UPDATE Trees SET Deleted = true;
	END $$`, `BEGIN NOT ATOMIC
		IF EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'custody_ledger') THEN
			DELETE FROM custody_ledger;
		END IF;
		UPDATE Trees SET Deleted = true;
	END`))
}

// Number returns the one number that a query asks the database for.
func (s *Servers) Number(query string) (n float64) {
	s.t.Helper()
	db, err := sql.Open(s.kind.driver, s.kind.source)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(s.t.Context(), query).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// Session is a connection of a test's own, in a transaction.
type Session struct {
	s    *Servers
	db   *sql.DB
	conn *sql.Conn
}

// Begin opens a session. It ends with the test if it has not ended before.
func (s *Servers) Begin() *Session {
	s.t.Helper()
	db, err := sql.Open(s.kind.driver, s.kind.source)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	x := &Session{s, db, conn}
	x.Execute("BEGIN")
	return x
}

// Execute runs SQL in the session.
func (x *Session) Execute(statements string) {
	x.s.t.Helper()
	if err := x.Try(statements); err != nil {
		x.s.t.Fatalf("%s: %v", statements, err)
	}
}

// Try runs SQL in the session, which may be refused.
func (x *Session) Try(statements string) error {
	_, err := x.conn.ExecContext(x.s.t.Context(), statements)
	return err
}

// End ends the session without a commit, as when whose it is dies.
func (x *Session) End() {
	x.s.t.Helper()
	_, err := x.conn.ExecContext(context.WithoutCancel(x.s.t.Context()), "ROLLBACK")
	if err == nil {
		err = x.conn.Close()
	}
	if err == nil {
		err = x.db.Close()
	}
	if err != nil {
		x.s.t.Error(err)
	}
}

// inTurn and inWait are the connections of nodes that are in a transaction, between two
// statements or waiting for a lock.
const (
	inTurn = "SELECT pid FROM pg_stat_activity WHERE application_name = 'custody' AND state = 'idle in transaction'"
	inWait = "SELECT pid FROM pg_stat_activity WHERE application_name = 'custody' AND wait_event_type = 'Lock'"

	mariaInTurn = "SELECT p.ID FROM information_schema.PROCESSLIST p JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID WHERE p.USER = 'custody' AND p.COMMAND = 'Sleep'"
	mariaInWait = "SELECT p.ID FROM information_schema.PROCESSLIST p JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID WHERE p.USER = 'custody' AND t.trx_state = 'LOCK WAIT'"
)

// LookEvery is how often to look for connections at most: asked within a tenth of a second,
// MariaDB answers what it answered before.
const LookEvery = 120 * time.Millisecond

// CutTurns ends the connections of nodes that are in their turn, now, and returns how many.
func (s *Servers) CutTurns(ctx context.Context) (int, error) {
	return s.cut(ctx, s.For(inTurn, mariaInTurn))
}

// CutWaiting ends the connection of a node that waits for its turn, once one does.
func (s *Servers) CutWaiting() {
	s.t.Helper()
	for tick := time.NewTicker(LookEvery); ; <-tick.C {
		n, err := s.cut(s.t.Context(), s.For(inWait, mariaInWait))
		if err != nil {
			s.t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
}

// cut ends the connections that a query names.
func (s *Servers) cut(ctx context.Context, query string) (n int, err error) {
	db, err := sql.Open(s.kind.driver, s.kind.source)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var all []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return 0, err
		}
		all = append(all, id)
	}
	for _, id := range all {
		// One that has ended meanwhile is none that is cut.
		if _, err := db.ExecContext(ctx, fmt.Sprintf(s.For("SELECT pg_terminate_backend(%d)", "KILL %d"), id)); err == nil {
			n++
		}
	}
	return n, rows.Err()
}
