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
	return hold(f, true)
}

// NewSharedLock is [NewLock] for readers, who need no right to write: any number of
// them hold the lock at path together, and none while somebody has it alone. Where
// there is no such file nobody can hold it, and the error wraps [fs.ErrNotExist].
func NewSharedLock(path string) (*Lock, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return hold(f, false)
}

func hold(f *os.File, alone bool) (*Lock, error) {
	if err := lock(f, alone); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", f.Name(), err), f.Close())
	}
	return &Lock{f}, nil
}

// Close gives the lock back.
func (l *Lock) Close() error { return errors.Join(unlock(l.file), l.file.Close()) }
