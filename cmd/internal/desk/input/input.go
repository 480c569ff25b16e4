// Package input opens files that came from elsewhere: regular ones only, and those
// that are read whole only up to a limit.
package input

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrTooLarge reports a file that is read whole and is over its limit.
var ErrTooLarge = errors.New("file is over its limit")

// ErrNotFile reports a pipe, device or folder where a file must be: a pipe could
// keep a command waiting for ever.
var ErrNotFile = errors.New("not a file")

// Open opens a regular file for reading, anything else is [ErrNotFile].
func Open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
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

// Read reads a whole regular file of at most limit bytes; a larger one is
// [ErrTooLarge].
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: %w", path, ErrTooLarge)
	}
	return b, err
}
