//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Whatever the process's mask, nobody else may open the socket; and the mask stays.
func TestSocketIsOfOneUser(t *testing.T) {
	before := syscall.Umask(0)
	defer syscall.Umask(before)
	at := filepath.Join(t.TempDir(), "s")
	l, err := listenAlone(at)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if i, err := os.Stat(at); err != nil || i.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", i.Mode(), err)
	}
	if mask := syscall.Umask(0); mask != 0 {
		t.Errorf("the mask is %03o", mask)
	}
}
