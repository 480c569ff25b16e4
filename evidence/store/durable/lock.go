package durable

import (
	"errors"
	"fmt"
	"os"
)

// ErrInUse reports that another process, or another part of this one, holds the
// lock.
var ErrInUse = errors.New("in use by another process")

// Lock is held until Close or the end of the process, however it ends.
type Lock struct{ file *os.File }

// NewLock takes the lock at path, which is made if it is not there and stays
// afterwards. It does not wait: when the lock is held it returns [ErrInUse].
func NewLock(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Lock{f}, nil
}

// Close gives the lock back.
func (l *Lock) Close() error { return errors.Join(unlock(l.file), l.file.Close()) }
