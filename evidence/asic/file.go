package asic

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// File is a container being written to a path. The path shows nothing, or what
// stood there before, until [File.Close] has made the whole container durable.
type File struct {
	*Writer
	temp      *os.File
	path      string
	overwrite bool
	done      bool
}

// Create starts a container for path in a hidden temporary file beside it
// (.custody-*.partial; a killed process leaves it behind).
// Unless o.Overwrite is set it refuses, with an error that wraps
// [fs.ErrExist], a path that exists; something other than a regular file is
// never replaced. The file can be read by its owner only.
func Create(path string, o Options) (*File, error) {
	f, err := newFile(path, o.Overwrite)
	if err != nil {
		return nil, err
	}
	f.Writer, err = NewWriter(f.temp, o)
	if err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	return f, nil
}

// newFile makes the temporary file; nothing is written to it yet.
func newFile(path string, overwrite bool) (*File, error) {
	if err := replaceable(path, overwrite); err != nil {
		return nil, err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".custody-*.partial")
	if err != nil {
		return nil, fmt.Errorf("container: %w", err)
	}
	return &File{temp: temp, path: path, overwrite: overwrite}, nil
}

func replaceable(path string, overwrite bool) error {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("container: %w", err)
	case !overwrite:
		return fmt.Errorf("container: %s: %w", path, fs.ErrExist)
	case !info.Mode().IsRegular():
		return fmt.Errorf("container: %s is not a regular file and is not replaced", path)
	}
	return nil
}

// Close completes the container, makes it durable and gives it its name. When
// it fails the name was not given and the temporary file is gone; only when the
// folder cannot be synced the whole container stands there all the same.
func (f *File) Close() error {
	if f.done {
		return nil
	}
	if err := f.publish(); err != nil {
		return errors.Join(err, f.Abort())
	}
	f.done = true
	return syncFolder(filepath.Dir(f.path))
}

// Abort discards the container; after Close it does nothing.
func (f *File) Abort() error {
	if f.done {
		return nil
	}
	f.done = true
	f.temp.Close() // an error tells nothing new: the file goes away
	return os.Remove(f.temp.Name())
}

func (f *File) publish() error {
	if f.Writer != nil { // a renewal has none
		if err := f.Writer.Close(); err != nil {
			return err
		}
	}
	if err := f.temp.Sync(); err != nil {
		return fmt.Errorf("container: %w", err)
	}
	if err := f.temp.Close(); err != nil {
		return fmt.Errorf("container: %w", err)
	}
	if err := f.name(); err != nil {
		return fmt.Errorf("container: %w", err)
	}
	return nil
}

// name moves the finished file to its path. A hard link fails when the path was
// taken in the meantime, where a rename would replace it; on file systems
// without links (a USB stick) a last look must do.
func (f *File) name() error {
	if !f.overwrite {
		err := os.Link(f.temp.Name(), f.path)
		if err == nil {
			return os.Remove(f.temp.Name())
		}
		if errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := replaceable(f.path, f.overwrite); err != nil {
		return err
	}
	return os.Rename(f.temp.Name(), f.path)
}

// syncFolder makes a name durable. Windows and browsers have no such call.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("container: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("container: %s: %w", dir, err)
	}
	return nil
}
