package s3test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/evidence/servertest"
	"github.com/minio/minio-go/v7"
)

// Kind is a make of server.
type Kind string

// The servers that the engine is tested against.
const (
	MinIO     Kind = "minio"
	VersityGW Kind = "versitygw" // objects are files of a folder
)

// Kinds returns all of them.
func Kinds() []Kind { return []Kind{MinIO, VersityGW} }

// Credentials of the owner, who may do everything that a lock does not forbid.
const (
	Key    = "custody-test"
	Secret = "only-for-servers-on-loopback"
)

// Server is one running server.
type Server struct {
	Kind     Kind
	Endpoint string // http://127.0.0.1:PORT

	dir     string
	program string
	process *servertest.Process
}

// within is how long a server may take until it answers.
const within = time.Minute

// Start starts a server with nothing in it and stops it when the test ends.
func Start(t testing.TB, kind Kind) *Server {
	t.Helper()
	s := &Server{Kind: kind, dir: t.TempDir(), program: filepath.Join(servertest.Built(t, string(kind)), string(kind))}
	for _, name := range []string{"data", "versions"} {
		if err := os.Mkdir(filepath.Join(s.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(s.Stop)
	var err error
	for range 5 { // another process may take the port meanwhile
		s.Endpoint = fmt.Sprintf("http://127.0.0.1:%d", servertest.Ports(t, 1)[0])
		s.process = s.newProcess(t)
		if err = s.process.Try(within); err == nil {
			return s
		}
	}
	t.Fatal(err)
	return nil
}

func (s *Server) newProcess(t testing.TB) *servertest.Process {
	address := s.Endpoint[len("http://"):]
	data := filepath.Join(s.dir, "data")
	argv := []string{s.program, "server", data, "--address", address}
	if s.Kind == VersityGW {
		argv = []string{s.program, "--port", address, "posix", "--versioning-dir", filepath.Join(s.dir, "versions"), data}
	}
	return &servertest.Process{T: t, Name: string(s.Kind), Dir: s.dir, Argv: argv, Ready: s.ready, Env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TMPDIR=" + s.dir,
		"MINIO_ROOT_USER=" + Key, "MINIO_ROOT_PASSWORD=" + Secret, "MINIO_BROWSER=off", "MINIO_UPDATE=off",
		"ROOT_ACCESS_KEY=" + Key, "ROOT_SECRET_KEY=" + Secret,
	}}
}

// ready returns nil when the server can make a bucket: one that has just begun answers,
// and cannot.
func (s *Server) ready() error {
	c, err := s.NewClient()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	err = c.MakeBucket(ctx, "ready", minio.MakeBucketOptions{})
	if minio.ToErrorResponse(err).Code == "BucketAlreadyOwnedByYou" {
		return nil
	}
	return err
}

// Stop ends the process and waits until it is gone.
func (s *Server) Stop() {
	if s.process != nil {
		s.process.Stop()
	}
}

// Kill ends the process as a crash would.
func (s *Server) Kill() { s.process.Kill() }

// Restart starts it again with what it had, at the same address.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.process.Try(within); err != nil {
		t.Fatal(err)
	}
}
