package trillianlog

import (
	"errors"
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

// Of the settings of a server each that could lose what was acknowledged is named.
func TestUnsafeSettings(t *testing.T) {
	safe := map[string]string{
		"innodb_flush_log_at_trx_commit": "1", "innodb_doublewrite": "ON", "innodb_flush_method": "O_DIRECT", "tx_isolation": "REPEATABLE-READ",
		"wsrep_on": "OFF", "innodb_force_recovery": "0", "log_bin": "OFF", "sync_binlog": "0", "binlog_format": "MIXED",
	}
	if got := unsafeSettings(safe); len(got) > 0 {
		t.Errorf("safe: %q", got)
	}
	for _, c := range []struct {
		name, value string
		logged      bool // there is a binary log, synchronised unless name says otherwise
	}{
		{"innodb_flush_log_at_trx_commit", "0", false}, {"innodb_flush_log_at_trx_commit", "2", true}, {"innodb_doublewrite", "OFF", false},
		{"innodb_flush_method", "nosync", false}, {"innodb_flush_method", "O_DIRECT_NO_FSYNC", false}, {"tx_isolation", "READ-UNCOMMITTED", false},
		{"wsrep_on", "ON", false}, {"innodb_force_recovery", "3", false}, {"sync_binlog", "0", true}, {"sync_binlog", "100", true}, {"binlog_format", "STATEMENT", true},
	} {
		set := map[string]string{}
		for k, v := range safe {
			set[k] = v
		}
		if c.logged {
			set["log_bin"], set["sync_binlog"] = "ON", "1"
		}
		if got := unsafeSettings(set); len(got) > 0 {
			t.Errorf("before %s: %q", c.name, got)
		}
		set[c.name] = c.value
		if got := unsafeSettings(set); !slices.Equal(got, []string{c.name + " is " + c.value}) {
			t.Errorf("%s %s: %q", c.name, c.value, got)
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
