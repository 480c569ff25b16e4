package trillianlog

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
)

// unsafe implements kind: by the settings of the server, which are the same in every session
// but for the isolation, by the engine of the tables, and by whether what is written to this
// database comes into the binary log.
func (m *mariadb) unsafe(ctx context.Context) ([]string, error) {
	set, err := bodiesOf(m.query(ctx, "SELECT LOWER(VARIABLE_NAME), VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES"))
	if err != nil {
		return nil, err
	}
	tables, err := bodiesOf(m.query(ctx, `SELECT TABLE_NAME, COALESCE(ENGINE, '') FROM information_schema.TABLES
		WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'`))
	unsafe := unsafeSettings(set)
	for name, engine := range tables {
		if engine != "InnoDB" {
			unsafe = append(unsafe, "the table "+name+" is not kept by InnoDB")
		}
	}
	if _, there := tables["custody_waiting"]; err == nil && len(unsafe) == 0 && there {
		var in bool
		if in, err = m.inBinaryLog(ctx); err == nil && !in {
			unsafe = append(unsafe, "the binary log leaves this database out")
		}
	}
	slices.Sort(unsafe)
	return unsafe, err
}

// Settings of a server by which it keeps what it has acknowledged, in a crash and from other
// sessions.
var (
	// needed are settings that must be there and have one of these values. Without a binary
	// log InnoDB shows a commit to others before it is durable, and what is read back here
	// counts as durable; with one that is synchronised, it shows what is in there for good.
	needed = map[string][]string{
		"innodb_flush_log_at_trx_commit": {"1", "3"},
		"innodb_doublewrite":             {"ON", "1"},
		"innodb_force_recovery":          {"0"},
		"log_bin":                        {"ON", "1"},
		"sync_binlog":                    {"1"},
		"binlog_format":                  {"ROW", "MIXED"}, // STATEMENT is not for sessions that read what is committed
	}
	// harmful are values of settings that not every version has.
	harmful = map[string][]string{
		"innodb_flush_method":   {"nosync", "littlesync", "O_DIRECT_NO_FSYNC"},
		"tx_isolation":          {"READ-UNCOMMITTED"}, // a signer would integrate what is rolled back
		"wsrep_on":              {"ON", "1"},          // the nodes of Galera do not see each other's locks
		"debug_no_sync":         {"ON", "1"},
		"binlog_storage_engine": {"InnoDB"}, // which sync_binlog says nothing of
	}
)

// unsafeSettings returns which settings of a server, by name, let it lose what it has
// acknowledged: in a crash, or to another session.
func unsafeSettings(set map[string]string) (unsafe []string) {
	has := func(values []string, v string) bool {
		return slices.ContainsFunc(values, func(one string) bool { return strings.EqualFold(one, v) })
	}
	for name, values := range needed {
		v, ok := set[name]
		switch {
		case !ok:
			unsafe = append(unsafe, name+" is not known")
		case !has(values, v):
			unsafe = append(unsafe, name+" is "+v)
		}
	}
	for name, values := range harmful {
		if v, ok := set[name]; ok && has(values, v) {
			unsafe = append(unsafe, name+" is "+v)
		}
	}
	return unsafe
}

// inBinaryLog reports whether a transaction in this database, which leaves nothing behind,
// gets a place in the binary log. What the log leaves out a server tells only those who may
// read all of it.
func (m *mariadb) inBinaryLog(ctx context.Context) (bool, error) {
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return false, err
	}
	t := mariaTransaction{sqlSession{conn}, conn}
	defer t.rollback(context.WithoutCancel(ctx)) // of nothing, once it is committed
	const place = "SELECT @@SESSION.last_gtid"   // of the last transaction that got one
	var before, after string
	if err := t.queryRow(ctx, place).Scan(&before); err != nil {
		return false, err
	}
	row := rand.Text() // of no node
	for _, statement := range []string{
		"START TRANSACTION",
		"INSERT INTO custody_waiting(tree_id, node, leaves, since) VALUES(0, $1, '', UTC_TIMESTAMP(6))",
		"DELETE FROM custody_waiting WHERE tree_id = 0 AND node = $1",
		"COMMIT",
	} {
		if _, err := t.exec(ctx, statement, row); err != nil {
			return false, err
		}
	}
	err = t.queryRow(ctx, place).Scan(&after)
	return after != before, err
}
