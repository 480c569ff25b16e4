//go:build unix

package trilliantest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	_ "github.com/go-sql-driver/mysql" // the driver mysql

	"example.org/custody/evidence/servertest"
)

// accounts are made at each start of the server: nodes are custody, log server and signer
// trillian, who may do nothing outside the database; a test is root.
const accounts = `CREATE DATABASE IF NOT EXISTS trillian;
CREATE USER IF NOT EXISTS root@127.0.0.1;
GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;
CREATE USER IF NOT EXISTS custody@127.0.0.1;
GRANT ALL ON trillian.* TO custody@127.0.0.1;
CREATE USER IF NOT EXISTS trillian@127.0.0.1;
GRANT SELECT, INSERT, UPDATE, DELETE ON trillian.* TO trillian@127.0.0.1;
`

// mariadb makes a database with Trillian's schema and starts it.
func (s *Servers) mariadb() {
	s.t.Helper()
	server, err := exec.LookPath("mariadbd")
	if err != nil {
		s.t.Fatal("MariaDB is not installed: call .ci/servers mariadb")
	}
	data, user := s.data()
	s.systemTables(server, data, user)
	first := filepath.Join(s.dir, "accounts.sql")
	if err := os.WriteFile(first, []byte(accounts), 0o644); err != nil {
		s.t.Fatal(err)
	}
	port := servertest.Ports(s.t, 1)[0]
	at := fmt.Sprintf("tcp(127.0.0.1:%d)/trillian", port)
	s.URI = fmt.Sprintf("mariadb://custody@127.0.0.1:%d/trillian", port)
	s.kind = kind{
		mariaDB: true, driver: "mysql", source: "root@" + at + "?multiStatements=true&timeout=5s",
		flags: []string{"--storage_system=mysql", "--mysql_uri=trillian@" + at + "?interpolateParams=true", "--mysql_max_conns=40", "--mysql_max_idle_conns=40"},
	}
	s.Database = s.process("mariadb", user, s.ping, server, "--no-defaults", "--datadir="+data, "--tmpdir="+data, "--bind-address=127.0.0.1",
		fmt.Sprintf("--port=%d", port), "--socket="+filepath.Join(data, "socket"), "--init-file="+first, "--skip-name-resolve", "--max-connections=200",
		"--log-bin=binary", "--sync-binlog=1", "--log-bin-trust-function-creators=1") // as for backups
	s.Database.Start()
	s.Execute(s.schema("mysql.sql"))
}

// systemTables makes what a server needs before it starts.
func (s *Servers) systemTables(server, data string, user *syscall.Credential) {
	s.t.Helper()
	found, _ := filepath.Glob("/usr/share/m*/m*_system_tables.sql")
	if len(found) == 0 {
		s.t.Fatal("MariaDB's system tables are not in /usr/share: call .ci/servers mariadb")
	}
	tables, err := os.ReadFile(found[0])
	if err != nil {
		s.t.Fatal(err)
	}
	// Not in the machine's own folder for that: each server removes there what others have made.
	boot := exec.Command(server, "--no-defaults", "--bootstrap", "--datadir="+data, "--tmpdir="+data)
	boot.Dir, boot.SysProcAttr = data, &syscall.SysProcAttr{Credential: user}
	boot.Stdin = strings.NewReader("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n" + string(tables))
	if out, err := boot.CombinedOutput(); err != nil {
		s.t.Fatalf("MariaDB's system tables: %v\n%s", err, out)
	}
}
