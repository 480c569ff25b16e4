package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.org/custody/evidence/store/durable"
)

// dirFormat is the whole of a store's format file (spec/vault.md "Store").
const dirFormat = "custody/store/v1\n"

const (
	formatFile = "FORMAT"
	lockFile   = "lock"
	objectsDir = "objects"
	tempDir    = "tmp"
	shards     = 16 // folders of objects, by the first digit of the name
)

// ErrNotStore reports a folder that is not a store.
var ErrNotStore = errors.New("not a store")

// ErrHalfMade reports a store whose making was interrupted; [Create] finishes it.
var ErrHalfMade = errors.New("store is half made")

// FormatError reports a store of another format version, or one whose format
// file is damaged.
type FormatError struct {
	Path  string // of the store
	Found string // what its format file says, cut to 80 bytes
}

// Error implements error.
func (e *FormatError) Error() string {
	return fmt.Sprintf("store %s has format %q, this program reads %q", e.Path, e.Found, strings.TrimSpace(dirFormat))
}

// Create makes an empty store in the folder path, which may exist if nothing is
// in it, or what an interrupted Create left. On a store that is there already
// the error wraps [fs.ErrExist].
func Create(path string, files durable.Files) error {
	if err := checkFormat(path); err == nil {
		return &fs.PathError{Op: "create store", Path: path, Err: fs.ErrExist}
	} else if !errors.Is(err, ErrHalfMade) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, dir := range makeDirs(path) {
		if err := files.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	for _, dir := range []string{filepath.Join(path, objectsDir), filepath.Dir(path)} {
		if err := files.SyncDir(dir); err != nil {
			return err
		}
	}
	if _, err := files.RemoveTemps(path); err != nil { // of an interrupted Create
		return err
	}
	// The format file comes last: whoever sees it sees a whole store.
	return files.WriteNew(filepath.Join(path, formatFile), []byte(dirFormat), 0o600)
}

// makeDirs lists the folders of a store, outer ones first. Shards are made at
// once, so that no Put has to make one durable.
func makeDirs(path string) []string {
	dirs := []string{path, filepath.Join(path, tempDir), filepath.Join(path, objectsDir)}
	for i := range shards {
		dirs = append(dirs, filepath.Join(path, objectsDir, fmt.Sprintf("%x", i)))
	}
	return dirs
}

// checkFormat returns nil for a store of this format, and otherwise
// [*FormatError], [ErrHalfMade], [ErrNotStore], or an error that wraps
// [fs.ErrNotExist] when there is nothing.
func checkFormat(path string) error {
	b, err := os.ReadFile(filepath.Join(path, formatFile))
	switch {
	case err == nil && string(b) == dirFormat:
		return nil
	case err == nil:
		return &FormatError{Path: path, Found: fmt.Sprintf("%.80s", strings.TrimSpace(string(b)))}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != objectsDir && e.Name() != tempDir && !strings.HasPrefix(e.Name(), durable.TempPrefix) {
			return fmt.Errorf("%s: %w", path, ErrNotStore)
		}
	}
	return fmt.Errorf("%s: %w", path, ErrHalfMade)
}
