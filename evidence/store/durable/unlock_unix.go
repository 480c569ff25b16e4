//go:build unix

package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

// unlock gives a flock back. Closing the file would leave it to a child that is
// just being started: until it has become another program it has the file, too.
func unlock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }
