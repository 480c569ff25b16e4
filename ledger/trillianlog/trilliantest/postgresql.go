//go:build unix

package trilliantest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"example.org/custody/evidence/servertest"
)

// postgresql makes a database with Trillian's schema and starts it.
func (s *Servers) postgresql() {
	s.t.Helper()
	bin := s.postgresqlBin()
	data, user := s.data()
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--no-sync", "-A", "trust", "-U", "test", "-D", data)
	initdb.Dir, initdb.SysProcAttr = data, &syscall.SysProcAttr{Credential: user}
	if out, err := initdb.CombinedOutput(); err != nil {
		s.t.Fatalf("initdb: %v\n%s", err, out)
	}
	port := servertest.Ports(s.t, 1)[0]
	s.URI = fmt.Sprintf("postgresql://test@127.0.0.1:%d/trillian?sslmode=disable", port)
	s.kind = kind{
		driver: "pgx", source: fmt.Sprintf("postgresql://test@127.0.0.1:%d/postgres?sslmode=disable&connect_timeout=5", port),
		flags: []string{"--storage_system=postgresql", "--postgresql_uri=" + s.URI + "&pool_max_conns=40"},
	}
	s.Database = s.process("postgresql", user, s.ping, filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-h", "127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "max_connections=200")
	s.Database.Ends = syscall.SIGQUIT // at once, and it gives its shared memory back, as one that is killed cannot
	s.Database.Start()
	s.Execute("CREATE DATABASE trillian")
	s.kind.source = s.URI + "&connect_timeout=5"
	s.Execute(s.schema("postgresql.sql"))
}

// postgresqlBin returns the folder of PostgreSQL's programs, the newest on Debian.
func (s *Servers) postgresqlBin() string {
	s.t.Helper()
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	at, err := exec.LookPath("initdb")
	if err != nil {
		s.t.Fatal("PostgreSQL is not installed: call .ci/servers")
	}
	return filepath.Dir(at)
}
