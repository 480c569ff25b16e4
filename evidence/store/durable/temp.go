package durable

import (
	"errors"
	"io/fs"
	"os"
)

// Temp is a file that has no name of its own yet; only one goroutine may use it.
type Temp struct {
	file    *os.File
	files   Files
	written int64
	asked   int64      // of them the system was asked to write out
	synced  int64      // of them a Sync ahead of the last one has seen
	ahead   chan error // of the Sync that is under way; nil when none is
	failed  error      // of those that have ended
}

const (
	// writeback is after how many bytes the system is asked to begin writing them to
	// the disk, so that a Sync of a large file has little left to wait for.
	writeback = 8 << 20
	// syncAhead is after how many bytes the file is synchronised while the next come: a
	// disk with a cache of its own, as those of virtual machines are, takes as long for
	// flushing that as for writing.
	syncAhead = 32 << 20
)

// CreateTemp makes a temporary file in dir, which must be on the file system
// where the file is to be placed.
func (f Files) CreateTemp(dir string, perm fs.FileMode) (*Temp, error) {
	t := &Temp{files: f}
	name := tempName(dir)
	err := f.do(OpCreate, name, func() (err error) {
		t.file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
		return err
	})
	if err == nil {
		return t, nil
	}
	if t.file != nil {
		t.file.Close()
		os.Remove(name)
	}
	return nil, err
}

// Name returns the path.
func (t *Temp) Name() string { return t.file.Name() }

// Write implements [io.Writer].
func (t *Temp) Write(p []byte) (n int, err error) {
	err = t.files.do(OpWrite, t.Name(), func() error {
		n, err = t.file.Write(p)
		return err
	})
	t.written += int64(n)
	if t.written-t.asked >= writeback {
		startWriteback(t.file, t.asked, t.written-t.asked)
		t.asked = t.written
	}
	if t.written-t.synced >= syncAhead {
		t.begin()
	}
	return n, err
}

// begin starts a Sync ahead, unless one is still under way.
func (t *Temp) begin() {
	if t.ahead != nil && len(t.ahead) == 0 {
		return
	}
	t.wait()
	t.synced, t.ahead = t.written, make(chan error, 1)
	go func(done chan<- error) { done <- t.sync() }(t.ahead)
}

// wait waits for the Sync ahead that is under way.
func (t *Temp) wait() {
	if t.ahead != nil {
		t.failed = errors.Join(t.failed, <-t.ahead)
		t.ahead = nil
	}
}

func (t *Temp) sync() error { return t.files.do(OpSync, t.Name(), t.file.Sync) }

// Sync makes what was written durable. What a Sync ahead was told of lost bytes, the
// system does not say again, so that is an error for good.
func (t *Temp) Sync() error {
	t.wait()
	return errors.Join(t.failed, t.sync())
}

// Close closes the file; it stays until it is placed or removed.
func (t *Temp) Close() error {
	t.wait()
	return t.file.Close()
}
