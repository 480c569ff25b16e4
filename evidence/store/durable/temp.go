package durable

import (
	"io/fs"
	"os"
	"unsafe"
)

// Temp is a file that has no name of its own yet; only one goroutine may use it.
type Temp struct {
	file    *os.File
	files   Files
	written int64
	flushed int64
	mode    mode
}

// mode is how the next bytes go to the disk.
type mode int8

const (
	undecided mode = iota // nothing that could go directly came yet
	direct                // past the system's cache
	cached                // through it, for good
)

// BlockSize is the length of blocks, in bytes, that [Temp.Write] hands to the
// disk without a copy in the system's cache, if they come from [NewBlock] and
// nothing of another length came before. The system needs much less work for
// them, and the cache keeps what others need of it.
const BlockSize = 1 << 20

// sector is what the memory of direct writes must be aligned to, in bytes; no
// disk has larger ones.
const sector = 4096

func aligned(p []byte) bool { return uintptr(unsafe.Pointer(&p[0]))%sector == 0 }

// NewBlock returns a block of memory for direct writes.
func NewBlock() []byte {
	b := make([]byte, BlockSize+sector)
	skip := 0
	if odd := int(uintptr(unsafe.Pointer(&b[0])) % sector); odd != 0 {
		skip = sector - odd
	}
	return b[skip : skip+BlockSize : skip+BlockSize]
}

// writeback is after how many cached bytes the system is asked to begin writing
// them to the disk, so that a final Sync of a large file has little left to wait
// for.
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
		n, err = t.write(p)
		return err
	})
	t.written += int64(n)
	if t.mode == direct {
		t.flushed = t.written
	}
	if t.written-t.flushed >= writeback {
		startWriteback(t.file, t.flushed, t.written-t.flushed)
		t.flushed = t.written
	}
	return n, err
}

// write takes the direct way as long as it is open.
func (t *Temp) write(p []byte) (int, error) {
	if t.mode != cached && len(p) == BlockSize && aligned(p) {
		if t.mode == direct || setDirect(t.file, true) == nil {
			t.mode = direct
			if n, err := t.file.Write(p); n > 0 || !refused(err) {
				return n, err
			}
		}
	}
	return t.writeCached(p)
}

// writeCached also takes what a file system does not take directly.
func (t *Temp) writeCached(p []byte) (int, error) {
	if t.mode == direct {
		if err := setDirect(t.file, false); err != nil {
			return 0, err
		}
	}
	if len(p) > 0 {
		t.mode = cached // what comes later would not be aligned in the file
	}
	return t.file.Write(p)
}

// Sync makes what was written durable.
func (t *Temp) Sync() error { return t.files.do(OpSync, t.Name(), t.file.Sync) }

// Close closes the file; it stays until it is placed or removed.
func (t *Temp) Close() error { return t.file.Close() }
