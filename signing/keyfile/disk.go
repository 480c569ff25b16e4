package keyfile

import (
	"errors"
	"fmt"
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

// create writes a new file: content first, then the name, then the folder. A
// crash anywhere leaves no file or the whole one, and at most a temporary file
// beside it. An existing path is [ErrExists] and stays untouched.
func (d disk) create(path string, b []byte) error {
	return d.put(path, b, d.publish)
}

// replace writes a file over an existing one; a crash leaves the old or the new.
func (d disk) replace(path string, b []byte) error {
	if _, err := os.Lstat(path); err != nil {
		return err
	}
	return d.put(path, b, d.rename)
}

func (d disk) put(path string, b []byte, publish func(temp, path string) error) error {
	temp, err := d.temporary(path, b)
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

// temporary writes b durably to a new file beside path, readable by the owner.
func (d disk) temporary(path string, b []byte) (name string, err error) {
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
	if err := d.write(f, b); err != nil {
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

// maxFile is the largest file this package reads.
const maxFile = 1 << 20

// read returns the content of path, at most maxFile bytes.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%s: not a plain file of at most 1 MiB: %w", path, ErrDamaged)
	}
	return os.ReadFile(path)
}
