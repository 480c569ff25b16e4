package desk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"example.org/custody/evidence/store/durable"
)

// maxSmall bounds files that are read whole: cards, handoff files, notes.
const maxSmall = 512 << 20

// ErrTooLarge reports a file that is read whole and is over its limit.
var ErrTooLarge = errors.New("file is over its limit")

// readSmall reads a file that must not be large.
func readSmall(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSmall+1))
	if err == nil && len(b) > maxSmall {
		return nil, fmt.Errorf("%s: %w", path, ErrTooLarge)
	}
	return b, err
}

// ErrNotFile reports a pipe, device or folder where a file must be: a pipe could
// keep a command waiting for ever.
var ErrNotFile = errors.New("not a file")

// openRegular opens a file that came from elsewhere.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: %w", path, ErrNotFile)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// destroy overwrites a file and removes it, for what an order erases. It takes
// the file's name away first: a process that dies here leaves a temporary file,
// not a damaged one.
func destroy(path string) error {
	temp := filepath.Join(filepath.Dir(path), durable.TempPrefix+filepath.Base(path))
	err := files.Replace(path, temp)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := files.SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	if err := overwrite(temp); err != nil {
		return err
	}
	return files.Remove(temp)
}

func overwrite(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(make([]byte, info.Size()))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
