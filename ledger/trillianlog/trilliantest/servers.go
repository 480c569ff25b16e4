//go:build unix

package trilliantest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/custody/evidence/servertest"
)

// Servers are what one or more ledgers over Trillian need.
type Servers struct {
	Database *servertest.Process // PostgreSQL
	Log      *servertest.Process // the log server
	Signer   *servertest.Process // a log signer
	// URI is the connection string of the database, Address the log server's.
	URI, Address string

	t        testing.TB
	dir      string
	programs string // the folder of Trillian's
}

// Interval is how often a signer looks for leaves to integrate.
const Interval = 5 * time.Millisecond

// Start starts database, log server and signer, and waits until they answer.
func Start(t testing.TB) *Servers {
	t.Helper()
	s := &Servers{t: t, dir: folder(t), programs: servertest.Built(t, "trillian")}
	s.postgresql()
	s.Log, s.Address = s.trillian("trillian_log_server")
	s.Log.Start()
	s.Signer = s.NewSigner()
	s.Signer.Start()
	return s
}

// folder returns a new folder which another user may work in.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "trillian")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// process returns a server that is killed at the end of the test.
func (s *Servers) process(name string, user *syscall.Credential, ready func() error, argv ...string) *servertest.Process {
	p := &servertest.Process{T: s.t, Name: name, Dir: s.dir, Argv: argv, Attr: &syscall.SysProcAttr{Credential: user}, Ready: ready}
	s.t.Cleanup(p.Kill)
	return p
}

// postgresql makes a database with Trillian's schema and starts it.
func (s *Servers) postgresql() {
	s.t.Helper()
	bin := postgresqlBin(s.t)
	data := filepath.Join(s.dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		s.t.Fatal(err)
	}
	user := serverUser(s.t, data)
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--no-sync", "-A", "trust", "-U", "test", "-D", data)
	initdb.Dir, initdb.SysProcAttr = data, &syscall.SysProcAttr{Credential: user}
	if out, err := initdb.CombinedOutput(); err != nil {
		s.t.Fatalf("initdb: %v\n%s", err, out)
	}
	port := servertest.Ports(s.t, 1)[0]
	s.URI = fmt.Sprintf("postgresql://test@127.0.0.1:%d/trillian?sslmode=disable", port)
	s.Database = s.process("postgresql", user, func() error { return ping(s.t.Context(), postgres(port)) },
		filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-h", "127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "max_connections=200")
	s.Database.Start()
	schema, err := os.ReadFile(filepath.Join(s.programs, "postgresql.sql"))
	if err == nil {
		err = execute(s.t.Context(), postgres(port), "CREATE DATABASE trillian")
	}
	if err == nil {
		err = execute(s.t.Context(), s.URI, string(schema))
	}
	if err != nil {
		s.t.Fatalf("making the database: %v", err)
	}
}

// postgres is the database that a new cluster has.
func postgres(port int) string {
	return fmt.Sprintf("postgresql://test@127.0.0.1:%d/postgres?sslmode=disable&connect_timeout=5", port)
}

// serverUser returns as whom PostgreSQL runs, which refuses to run as root; data becomes
// that user's.
func serverUser(t testing.TB, data string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	const nobody = 65534
	if err := os.Chown(data, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: nobody, Gid: nobody}
}

// postgresqlBin returns the folder of PostgreSQL's programs, the newest on Debian.
func postgresqlBin(t testing.TB) string {
	t.Helper()
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	at, err := exec.LookPath("initdb")
	if err != nil {
		t.Fatal("PostgreSQL is not installed: call .ci/servers")
	}
	return filepath.Dir(at)
}

// trillian returns one of Trillian's programs over the database, and its address.
func (s *Servers) trillian(name string, more ...string) (*servertest.Process, string) {
	s.t.Helper()
	ports := servertest.Ports(s.t, 2)
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0]))
	argv := append([]string{filepath.Join(s.programs, name),
		"--storage_system=postgresql", "--postgresql_uri=" + s.URI + "&pool_max_conns=40", "--quota_system=noop",
		"--rpc_endpoint=" + address, fmt.Sprintf("--http_endpoint=127.0.0.1:%d", ports[1])}, more...)
	return s.process(fmt.Sprintf("%s-%d", name, ports[0]), nil, servertest.Listens(address), argv...), address
}

// NewSigner returns one more log signer, not started.
func (s *Servers) NewSigner() *servertest.Process {
	p, _ := s.trillian("trillian_log_signer", "--election_system=noop", "--force_master",
		"--sequencer_interval="+Interval.String(), "--batch_size=5000", "--num_sequencers=2")
	return p
}

// Execute runs SQL in the database.
func (s *Servers) Execute(sql string) {
	s.t.Helper()
	if err := execute(s.t.Context(), s.URI, sql); err != nil {
		s.t.Fatal(err)
	}
}

// Forget has the database forget every ledger, so that it takes their names again, and
// the signer leave their trees alone.
func (s *Servers) Forget() error {
	return execute(context.Background(), s.URI, `DO $$ BEGIN
		IF to_regclass('custody_ledger') IS NOT NULL THEN DELETE FROM custody_ledger; END IF;
		UPDATE Trees SET Deleted = true;
	END $$`)
}

// Number returns the one number that a query asks the database for.
func (s *Servers) Number(sql string) (n float64) {
	s.t.Helper()
	c, err := pgx.Connect(s.t.Context(), s.URI)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close(s.t.Context())
	if err := c.QueryRow(s.t.Context(), sql).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func execute(ctx context.Context, uri, sql string) error {
	c, err := pgx.Connect(ctx, uri)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, sql)
	c.Close(ctx)
	return err
}

func ping(ctx context.Context, uri string) error { return execute(ctx, uri, "SELECT 1") }
