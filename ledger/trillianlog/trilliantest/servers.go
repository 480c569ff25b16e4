//go:build unix

package trilliantest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"example.org/custody/evidence/servertest"
)

// Servers are what one or more ledgers over Trillian need.
type Servers struct {
	Database *servertest.Process // PostgreSQL or MariaDB
	Log      *servertest.Process // the log server
	Signer   *servertest.Process // a log signer
	// URI is the connection string of the database, Address the log server's.
	URI, Address string

	t        testing.TB
	dir      string
	programs string // the folder of Trillian's
	kind     kind
}

// kind is how a kind of database is reached.
type kind struct {
	mariaDB        bool
	driver, source string   // of database/sql, as somebody who may do everything
	flags          []string // Trillian's
}

// Interval is how often a signer looks for leaves to integrate.
const Interval = 5 * time.Millisecond

// Start starts database, log server and signer, and waits until they answer.
func Start(t testing.TB) *Servers {
	t.Helper()
	s := &Servers{t: t, dir: folder(t), programs: servertest.Built(t, "trillian")}
	switch name := os.Getenv("CUSTODY_DATABASE"); name {
	case "", "postgresql":
		s.postgresql()
	case "mariadb":
		s.mariadb()
	default:
		t.Fatalf("CUSTODY_DATABASE is %q, not postgresql or mariadb", name)
	}
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

// process returns a server that is ended at the end of the test.
func (s *Servers) process(name string, user *syscall.Credential, ready func() error, argv ...string) *servertest.Process {
	p := &servertest.Process{T: s.t, Name: name, Dir: s.dir, Argv: argv, Attr: &syscall.SysProcAttr{Credential: user}, Ready: ready, Ends: syscall.SIGKILL}
	s.t.Cleanup(p.Stop)
	return p
}

// data makes the folder of a database, and returns as whom its server runs, which refuses
// to run as root; the folder is that user's.
func (s *Servers) data() (folder string, user *syscall.Credential) {
	s.t.Helper()
	folder = filepath.Join(s.dir, "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		s.t.Fatal(err)
	}
	if os.Getuid() != 0 {
		return folder, nil
	}
	const nobody = 65534
	if err := os.Chown(folder, nobody, nobody); err != nil {
		s.t.Fatal(err)
	}
	return folder, &syscall.Credential{Uid: nobody, Gid: nobody}
}

// schema returns Trillian's schema.
func (s *Servers) schema(file string) string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.programs, file))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// trillian returns one of Trillian's programs over the database, and its address.
func (s *Servers) trillian(name string, more ...string) (*servertest.Process, string) {
	s.t.Helper()
	ports := servertest.Ports(s.t, 2)
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0]))
	argv := append([]string{filepath.Join(s.programs, name), "--quota_system=noop",
		"--rpc_endpoint=" + address, fmt.Sprintf("--http_endpoint=127.0.0.1:%d", ports[1])}, s.kind.flags...)
	return s.process(fmt.Sprintf("%s-%d", name, ports[0]), nil, servertest.Listens(address), append(argv, more...)...), address
}

// NewSigner returns one more log signer, not started.
func (s *Servers) NewSigner() *servertest.Process {
	p, _ := s.trillian("trillian_log_signer", "--election_system=noop", "--force_master",
		"--sequencer_interval="+Interval.String(), "--batch_size=5000", "--num_sequencers=2")
	return p
}
