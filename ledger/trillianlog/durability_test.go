//go:build engines

package trillianlog

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

// settle has the server take up a setting of PostgreSQL, and waits until it has.
func settle(t *testing.T, s *trilliantest.Servers, name, value string) {
	t.Helper()
	s.Execute("SELECT pg_reload_conf()")
	for begun := time.Now(); s.Number("SELECT CASE current_setting('"+name+"') WHEN '"+value+"' THEN 1 ELSE 0 END") != 1; {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%s is not %s", name, value)
		}
	}
}

// A database that would acknowledge what a crash can lose is refused at opening, and by
// who only looks, wherever the setting stands.
func TestEngineUnsafeDatabaseIsRefused(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	if err := n.w.Close(); err != nil {
		t.Fatal(err)
	}
	dir, signer := filepath.Join(n.dir, "ledger"), testSigner(t, testOrigin)
	check := func(what string, want error, named ...string) {
		t.Helper()
		l, err := Open(t.Context(), dir, signer, Options{})
		if err == nil {
			err = l.Close()
		}
		_, errLook := Look(t.Context(), dir)
		if !errors.Is(err, want) || !errors.Is(errLook, want) {
			t.Errorf("%s: opening %v, looking %v, want %v", what, err, errLook, want)
		}
		for _, name := range named {
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: opening %v, which does not name %s", what, err, name)
			}
		}
	}
	if s.MariaDB() {
		unsafeMariaDB(s, check)
		return
	}
	unsafePostgreSQL(t, s, check)
}

func unsafePostgreSQL(t *testing.T, s *trilliantest.Servers, check func(what string, want error, named ...string)) {
	t.Helper()
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		s.Execute("ALTER SYSTEM SET " + name + " = off")
		settle(t, s, name, "off")
		check(name, ErrUnsafe)
		s.Execute("ALTER SYSTEM RESET " + name)
		settle(t, s, name, "on")
	}
	s.Execute("CREATE ROLE logs LOGIN")
	s.Execute("ALTER ROLE logs SET synchronous_commit = off")
	check("of a role that cannot write leaves", nil)
	s.Execute("GRANT INSERT ON SequencedLeafData TO logs")
	check("of a role that can", ErrUnsafe)
	s.Execute("ALTER ROLE logs RESET synchronous_commit")
	s.Execute("ALTER ROLE logs IN DATABASE trillian SET synchronous_commit = no")
	check("of that role in this database", ErrUnsafe)
	s.Execute("ALTER ROLE logs IN DATABASE trillian RESET synchronous_commit")
	s.Execute("ALTER ROLE logs IN DATABASE postgres SET synchronous_commit = off")
	check("of that role in another database", nil)
	s.Execute("ALTER DATABASE trillian SET synchronous_commit = off")
	check("of the database", ErrUnsafe)
	s.Execute("ALTER DATABASE trillian SET synchronous_commit = local")
	check("that keeps leaves on this machine's disk", nil)
}

// restart ends the database and starts it with more options: at ease, for MariaDB goes on
// with other logs only from where it came to an end.
func restart(s *trilliantest.Servers, argv []string, options ...string) {
	s.Database.Ends, s.Database.Argv = syscall.SIGTERM, append(slices.Clone(argv), options...)
	s.Database.Stop()
	s.Database.Start()
}

func unsafeMariaDB(s *trilliantest.Servers, check func(what string, want error, named ...string)) {
	for _, c := range []struct{ change, back string }{
		{"SET GLOBAL innodb_flush_log_at_trx_commit = 2", "SET GLOBAL innodb_flush_log_at_trx_commit = 3"},
		{"SET GLOBAL innodb_flush_log_at_trx_commit = 0", "SET GLOBAL innodb_flush_log_at_trx_commit = 1"},
		{"SET GLOBAL sync_binlog = 0", "SET GLOBAL sync_binlog = 1"},
		{"SET GLOBAL tx_isolation = 'READ-UNCOMMITTED'", "SET GLOBAL tx_isolation = 'REPEATABLE-READ'"},
		{"ALTER TABLE custody_waiting ENGINE = Aria", "ALTER TABLE custody_waiting ENGINE = InnoDB"},
	} {
		s.Execute(c.change)
		check(c.change, ErrUnsafe)
		s.Execute(c.back)
		check(c.back, nil)
	}
	argv := s.Database.Argv
	start := func(options ...string) { restart(s, argv, options...) }
	start("--skip-innodb-doublewrite", "--innodb-flush-method=nosync", "--binlog-format=STATEMENT")
	check("started so", ErrUnsafe, "innodb_doublewrite is OFF", "innodb_flush_method is nosync", "binlog_format is STATEMENT")
	start("--skip-log-bin")
	check("without a binary log", ErrUnsafe, "log_bin is OFF")
	start("--binlog-ignore-db=trillian")
	check("left out", ErrUnsafe, "the binary log leaves this database out")
	start("--binlog-do-db=another")
	check("not taken in", ErrUnsafe, "the binary log leaves this database out")
	start("--binlog-do-db=trillian")
	check("as at first", nil)
}

// A log server in whose session a commit is not durable gets no leaf taken, also when
// that is so only since the ledger is open.
func TestEngineUnsafeSessionTakesNothing(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	if _, err := n.log.Append(t.Context(), ledgertest.Events(0, 3)); err != nil {
		t.Fatal(err)
	}
	s.Execute(s.For("ALTER SYSTEM SET synchronous_commit = off", "SET GLOBAL innodb_flush_log_at_trx_commit = 2"))
	if !s.MariaDB() {
		settle(t, s, "synchronous_commit", "off")
	}
	unsafe := func() error { return n.log.server.add(t.Context(), n.log.tree, 3, ledgertest.Events(3, 4)) }
	if s.MariaDB() {
		s.Execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1, GLOBAL sync_binlog = 0")
		if err := unsafe(); !errors.Is(err, ErrUnsafe) {
			t.Errorf("taken without its binary log: %v", err)
		}
		err := s.Try(`SET GLOBAL sync_binlog = 1; SET SESSION sql_log_bin = 0;
			INSERT INTO LeafData SELECT TreeId, REPEAT('x', 32), LeafValue, ExtraData, QueueTimestampNanos FROM LeafData LIMIT 1`)
		if err == nil || !strings.Contains(err.Error(), refusalUnsafe) {
			t.Errorf("taken from a session that writes no binary log: %v", err)
		}
		argv := s.Database.Argv
		restart(s, argv, "--skip-log-bin")
		if err := unsafe(); !errors.Is(err, ErrUnsafe) {
			t.Errorf("taken without a binary log: %v", err)
		}
		restart(s, argv)
		s.Execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2, GLOBAL sync_binlog = 1")
	}
	if err := unsafe(); !errors.Is(err, ErrUnsafe) {
		t.Errorf("taken: %v", err)
	}
	if _, err := n.log.Append(t.Context(), ledgertest.Events(3, 4)); !errors.Is(err, ErrUnsafe) {
		t.Errorf("appended: %v", err)
	}
	s.Execute(s.For("ALTER SYSTEM RESET synchronous_commit", "SET GLOBAL innodb_flush_log_at_trx_commit = 1"))
	if !s.MariaDB() {
		settle(t, s, "synchronous_commit", "on")
	}
	if got, err := n.log.Append(t.Context(), ledgertest.Events(3, 4)); err != nil || got[0] != 3 {
		t.Errorf("afterwards: %v, %v", got, err)
	}
}

// The guards that an earlier version of custody made are made anew at the next opening,
// with the ledger as it is.
func TestEngineEarlierGuardsAreRenewed(t *testing.T) {
	earlier, err := os.ReadFile("testdata/guard-1.sql")
	if err != nil {
		t.Fatal(err)
	}
	s := trilliantest.Start(t)
	n := openNode(t, s)
	if _, err := n.log.Append(t.Context(), ledgertest.Events(0, 3)); err != nil {
		t.Fatal(err)
	}
	if err := n.w.Close(); err != nil {
		t.Fatal(err)
	}
	s.Execute("DROP TABLE custody_waiting")
	if !s.MariaDB() { // which no version without an end could use
		s.Execute("ALTER TABLE custody_ledger DROP COLUMN ended, DROP COLUMN ended_by")
		s.Execute(string(earlier))
	}
	dir := filepath.Join(n.dir, "ledger")
	if h, err := Look(t.Context(), dir); err != nil || h.Leaves != 3 || h.Ended {
		t.Errorf("looked at before: %+v, %v", h, err)
	}
	n.reopen(t)
	if earlier, err := n.log.db.checkGuards(t.Context()); earlier || err != nil {
		t.Errorf("after the opening: earlier %v, %v", earlier, err)
	}
	// The writer has written the epoch that the three leaves lacked.
	if got, err := n.log.Append(t.Context(), ledgertest.Events(3, 4)); err != nil || got[0] != 4 {
		t.Errorf("%v, %v", got, err)
	}
	// A version between the two had these guards and not what waits.
	if err := n.w.Close(); err != nil {
		t.Fatal(err)
	}
	s.Execute("DROP TABLE custody_waiting")
	n.reopen(t)
	if err := n.log.offer(t.Context(), ledgertest.Events(4, 5)); err != nil {
		t.Error(err)
	}
	if got, err := n.w.Submit(t.Context(), ledgertest.Event(5)); err != nil || got[0].Receipt == nil {
		t.Errorf("%+v, %v", got, err)
	}
}
