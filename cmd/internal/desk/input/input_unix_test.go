//go:build unix

package input

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe where a file must be is refused at once, not waited for.
func TestPipeIsNoFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, t.TempDir(), "/dev/zero"} {
		if _, err := Read(path, 1<<20); !errors.Is(err, ErrNotFile) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
