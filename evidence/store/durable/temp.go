package durable

import (
	"io/fs"
	"os"
)

// Temp is a file that has no name of its own yet; only one goroutine may use it.
type Temp struct {
	file    *os.File
	files   Files
	written int64
	flushed int64
}

// writeback is after how many bytes the system is asked to begin writing them
// to the disk, so that a final Sync of a large file has little left to wait for.
const writeback = 8 << 20

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
	if t.written-t.flushed >= writeback {
		startWriteback(t.file, t.flushed, t.written-t.flushed)
		t.flushed = t.written
	}
	return n, err
}

// Sync makes what was written durable.
func (t *Temp) Sync() error { return t.files.do(OpSync, t.Name(), t.file.Sync) }

// Close closes the file; it stays until it is placed or removed.
func (t *Temp) Close() error { return t.file.Close() }
