package desk

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// maxSmall bounds files that are read whole: cards, handoff files, notes.
const maxSmall = 512 << 20

// ErrTooLarge reports a file that is read whole and is over its limit.
var ErrTooLarge = errors.New("file is over its limit")

// readSmall reads a file that must not be large.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
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
