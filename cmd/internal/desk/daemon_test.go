package desk

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is where the node's program is, once a test has asked for it.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// Daemon builds the node's program for a test, once.
func Daemon(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "custodyd-*"); built.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", built.dir, "example.org/custody/cmd/custodyd").CombinedOutput()
		if err != nil {
			built.err = errors.New(string(out))
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "custodyd")
}

// RemoveDaemon takes away what [Daemon] built.
func RemoveDaemon() error { return os.RemoveAll(built.dir) }
