package trillianlog

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A MariaDB on another machine is reached in mode verify-full or not at all, as the other
// user, host and name are.
func TestMariaConfig(t *testing.T) {
	t.Setenv("MYSQL_PWD", "")
	t.Setenv("MYSQL_PWD_FILE", "")
	for uri, want := range map[string]error{
		"mariadb://custody@db.example/trillian?sslmode=verify-full":                       nil,
		"mysql://custody@db.example:3307/trillian?sslmode=verify-full":                    nil,
		"mariadb://custody@127.0.0.1/trillian":                                            nil,
		"mariadb://custody@[::1]:3307/trillian":                                           nil,
		"mariadb://custody@127.0.0.1/trillian?sslmode=verify-full":                        nil,
		"mariadb://custody@/trillian?socket=/run/mysqld/mysqld.sock":                      nil,
		"mariadb://custody@db.example/trillian":                                           ErrPlain,
		"mariadb://custody@db.example/trillian?sslmode=require":                           ErrPlain,
		"mariadb://custody@127.0.0.1/trillian?sslmode=disable":                            ErrConfig,
		"mariadb://custody@127.0.0.1/trillian?tls=skip-verify":                            ErrConfig,
		"mariadb://custody@127.0.0.1/trillian?socket=/a&socket=/b":                        ErrConfig,
		"mariadb://127.0.0.1/trillian":                                                    ErrConfig,
		"mariadb://custody@127.0.0.1":                                                     ErrConfig,
		"mariadb:///trillian":                                                             ErrConfig,
		"mariadb://custody@db.example/trillian?sslmode=verify-full&sslrootcert=/no/where": ErrConfig,
	} {
		c, err := mariaConfig(uri)
		if !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", uri, err, want)
		}
		if err == nil && strings.Contains(uri, "verify-full") && (c.TLS == nil || c.TLS.InsecureSkipVerify || c.TLS.ServerName == "") {
			t.Errorf("%s: is not verified: %+v", uri, c.TLS)
		}
		if err == nil && (c.AllowCleartextPasswords || c.AllowFallbackToPlaintext || c.MultiStatements || !c.ClientFoundRows) {
			t.Errorf("%s: %+v", uri, c)
		}
	}
}

// The password comes from the environment or a file, never from the connection string.
func TestMariaPassword(t *testing.T) {
	const uri = "mariadb://custody@127.0.0.1/trillian"
	t.Setenv("MYSQL_PWD_FILE", "")
	t.Setenv("MYSQL_PWD", "one")
	if c, err := mariaConfig(uri); err != nil || c.Passwd != "one" {
		t.Errorf("%v, %v", c, err)
	}
	file := filepath.Join(t.TempDir(), "password")
	t.Setenv("MYSQL_PWD_FILE", file)
	if _, err := mariaConfig(uri); !errors.Is(err, ErrConfig) {
		t.Errorf("of a file that is not there: %v", err)
	}
	if err := os.WriteFile(file, []byte("two\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := mariaConfig(uri); err != nil || c.Passwd != "two" {
		t.Errorf("%v, %v", c, err)
	}
}

func TestSpeaksMariaDB(t *testing.T) {
	for version, want := range map[string]bool{
		"10.11.19-MariaDB-0+deb12u1": true, "10.6.0-MariaDB": true, "11.4.2-MariaDB-log": true,
		"10.5.28-MariaDB": false, "8.4.3": false, "MariaDB": false, "": false,
	} {
		if speaksMariaDB(version) != want {
			t.Errorf("%q: %v", version, !want)
		}
	}
}

// Of the settings of a server each that could lose what was acknowledged is named, and each
// of those that must be there.
func TestUnsafeSettings(t *testing.T) {
	safe := map[string]string{
		"innodb_flush_log_at_trx_commit": "1", "innodb_doublewrite": "ON", "innodb_flush_method": "O_DIRECT", "tx_isolation": "REPEATABLE-READ",
		"wsrep_on": "OFF", "innodb_force_recovery": "0", "log_bin": "ON", "sync_binlog": "1", "binlog_format": "MIXED",
	}
	with := func(name, value string) []string {
		set := maps.Clone(safe)
		if set[name] = value; value == "" {
			delete(set, name)
		}
		return unsafeSettings(set)
	}
	for name, values := range map[string][]string{
		"innodb_flush_log_at_trx_commit": {"1", "3"}, "innodb_doublewrite": {"ON", "1"}, "binlog_format": {"MIXED", "row"},
		"innodb_flush_method": {"O_DIRECT", "fsync", ""}, "wsrep_on": {"OFF", ""}, "debug_no_sync": {"OFF", ""},
	} {
		for _, value := range values {
			if got := with(name, value); len(got) > 0 {
				t.Errorf("%s %q: %q", name, value, got)
			}
		}
	}
	for name, values := range map[string][]string{
		"innodb_flush_log_at_trx_commit": {"0", "2", ""}, "innodb_doublewrite": {"OFF", "0", "other", ""}, "innodb_force_recovery": {"3", ""},
		"log_bin": {"OFF", ""}, "sync_binlog": {"0", "100", ""}, "binlog_format": {"STATEMENT", ""}, "wsrep_on": {"ON"},
		"innodb_flush_method": {"nosync", "littlesync", "O_DIRECT_NO_FSYNC"}, "tx_isolation": {"READ-UNCOMMITTED"},
		"debug_no_sync": {"ON"}, "binlog_storage_engine": {"innodb"},
	} {
		for _, value := range values {
			want := name + " is " + value
			if value == "" {
				want = name + " is not known"
			}
			if got := with(name, value); !slices.Equal(got, []string{want}) {
				t.Errorf("%s %q: %q", name, value, got)
			}
		}
	}
}

func TestPositional(t *testing.T) {
	got, args := positional("a = $2 AND b IN ($1, $2) LIMIT $3", []any{"x", 2, "z"})
	if got != "a = ? AND b IN (?, ?) LIMIT ?" || !slices.Equal(args, []any{2, "x", 2, "z"}) {
		t.Errorf("%q, %v", got, args)
	}
}

// The guards are the triggers of the file, and what they do is what the database is asked for.
func TestGuardsAreRead(t *testing.T) {
	for name, all := range map[string][]guard{"PostgreSQL": (*postgresql)(nil).words().guards, "MariaDB": (*mariadb)(nil).words().guards} {
		var names []string
		for _, g := range all {
			if names = append(names, g.name); !strings.Contains(g.body, "BEGIN") || !strings.Contains(g.body, "custody: ") {
				t.Errorf("%s: %s does %q", name, g.name, g.body)
			}
		}
		if !slices.Contains(names, "custody_whole_batch") || !slices.Contains(names, "custody_no_shrink") || name == "MariaDB" && len(names) != 3 {
			t.Errorf("%s: %q", name, names)
		}
	}
}
