package trillianlog

import (
	"context"
	"slices"
	"strings"
)

// unsafe implements kind: by the settings of the server, which are the same in every session
// but for the isolation, and by the engine of the tables.
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
	slices.Sort(unsafe)
	return unsafe, err
}

// unsafeSettings returns which settings of a server, by name, let it lose what it has
// acknowledged: in a crash, or to another session. One that it does not have is at its best.
func unsafeSettings(set map[string]string) (unsafe []string) {
	bad := map[string][]string{
		"innodb_flush_log_at_trx_commit": {"0", "2"},
		"innodb_doublewrite":             {"OFF", "0"},
		"innodb_flush_method":            {"nosync", "littlesync", "O_DIRECT_NO_FSYNC"},
		"tx_isolation":                   {"READ-UNCOMMITTED"}, // a signer would integrate what is rolled back
		"wsrep_on":                       {"ON"},               // the nodes of Galera do not see each other's locks
	}
	if set["log_bin"] == "ON" {
		bad["binlog_format"] = []string{"STATEMENT"} // which is not for sessions that read what is committed
		if v := set["sync_binlog"]; v != "1" {
			bad["sync_binlog"] = []string{v}
		}
	}
	if v := set["innodb_force_recovery"]; v != "0" && v != "" {
		bad["innodb_force_recovery"] = []string{v}
	}
	for name, values := range bad {
		if v, ok := set[name]; ok && slices.ContainsFunc(values, func(b string) bool { return strings.EqualFold(b, v) }) {
			unsafe = append(unsafe, name+" is "+v)
		}
	}
	return unsafe
}
