package keyfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// disk is the system calls of one write, in order, so that tests can fail each
// before and after it took effect.
type disk struct {
	write   func(f *os.File, b []byte) error
	sync    func(f *os.File) error
	link    func(from, to string) error
	rename  func(from, to string) error
	syncDir func(dir string) error
}

var system = disk{
	write:   func(f *os.File, b []byte) error { _, err := f.Write(b); return err },
	sync:    (*os.File).Sync,
	link:    os.Link,
	rename:  os.Rename,
	syncDir: syncDir,
}

// writing writes the whole content of a file.
type writing func(w io.Writer) error

// bytesOf writes b.
func bytesOf(b []byte) writing {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// diskWriter writes to a file as d does.
type diskWriter struct {
	d disk
	f *os.File
}

// Write implements [io.Writer].
func (w diskWriter) Write(b []byte) (int, error) {
	if err := w.d.write(w.f, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// create writes a new file: content first, then the name, then the folder. A
// crash anywhere leaves no file or the whole one, and at most a temporary file
// beside it. An existing path is [ErrExists] and stays untouched.
func (d disk) create(path string, content writing) error {
	return d.put(path, content, d.publish)
}

// replace writes a file over an existing one; a crash leaves the old or the new.
func (d disk) replace(path string, content writing) error {
	if _, err := os.Lstat(path); err != nil {
		return err
	}
	return d.put(path, content, d.rename)
}

func (d disk) put(path string, content writing, publish func(temp, path string) error) error {
	temp, err := d.temporary(path, content)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = publish(temp, path)
	os.Remove(temp) // what a link leaves; a second name for the same bytes would do no harm
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := d.syncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("%s: %w: %w", path, ErrNotDurable, err)
	}
	return nil
}

// temporary writes content durably to a new file beside path, readable by the owner.
func (d disk) temporary(path string, content writing) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp") // mode 0600
	if err != nil {
		return "", err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(diskWriter{d, f}, 64<<10) // a small file is one write
	if err := content(w); err != nil {
		return "", err
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	return f.Name(), d.sync(f)
}

// publish gives temp its name without ever replacing a file. A hard link does
// that in one step; some file systems of memory sticks have none, and there a
// look before the rename has to do.
func (d disk) publish(temp, path string) error {
	err := d.link(temp, path)
	if err == nil {
		return nil
	}
	if _, stat := os.Lstat(path); stat == nil || errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	return d.rename(temp, path)
}

// syncDir makes a folder's names durable. Windows has no such call and no need
// of it: its file systems journal names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// The largest files this package reads, in bytes.
const (
	maxFile   = 1 << 20   // of a key, a card
	maxSecret = 512 << 20 // of a secret: a desk keeps signed acts in such files, with their records
)

// read returns the content of path, at most limit bytes.
func read(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, fmt.Errorf("%s: not a plain file of at most %d MiB: %w", path, limit>>20, ErrDamaged)
	}
	return os.ReadFile(path)
}
