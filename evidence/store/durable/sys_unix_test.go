//go:build unix

package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLinkNoReplace tests what systems without a rename that refuses use.
func TestLinkNoReplace(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for name, data := range map[string]string{a: "A", b: "B"} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := linkNoReplace(a, b); !errors.Is(err, fs.ErrExist) || read(t, b) != "B" || read(t, a) != "A" {
		t.Errorf("onto a file: %v", err)
	}
	if err := linkNoReplace(a, filepath.Join(dir, "c")); err != nil || read(t, filepath.Join(dir, "c")) != "A" || read(t, a) != "" {
		t.Errorf("to a free name: %v", err)
	}
}

// TestUnlockBeforeClose: a process that is being started has our files for a
// moment, and with them our locks.
func TestUnlockBeforeClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	l, err := NewLock(path)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Dup(int(l.file.Fd())) // what fork does
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := NewLock(path)
	if err != nil {
		t.Fatalf("given back, and still held: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
