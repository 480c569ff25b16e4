package durable

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// TempPrefix begins the name of every temporary file.
const TempPrefix = ".tmp-"

// Op is one kind of change to the file system.
type Op string

// The changes in the order in which a new file meets them.
const (
	OpMkdir   Op = "mkdir"   // a folder is made
	OpCreate  Op = "create"  // a temporary file is made
	OpWrite   Op = "write"   // bytes are written to it
	OpSync    Op = "sync"    // it is synchronised
	OpPlace   Op = "place"   // it gets its name
	OpSyncDir Op = "syncdir" // the folder of that name is synchronised
	OpRemove  Op = "remove"  // a file or folder is removed
)

// Ops lists every [Op].
var Ops = []Op{OpMkdir, OpCreate, OpWrite, OpSync, OpPlace, OpSyncDir, OpRemove}

// Files changes files. The zero value is the real thing.
type Files struct {
	// Fault, when set, is asked before every change. With an error the change
	// fails; apply says whether it happens all the same, which is what a lost
	// answer looks like. It is for tests and for [ReadOnly].
	Fault func(op Op, path string) (apply bool, err error)
}

// ErrReadOnly reports a change of what was opened to be read only.
var ErrReadOnly = errors.New("it is open for reading only")

// ReadOnly refuses every change with [ErrReadOnly].
func ReadOnly() Files {
	return Files{Fault: func(Op, string) (bool, error) { return false, ErrReadOnly }}
}

// do makes one change, or what Fault makes of it.
func (f Files) do(op Op, path string, change func() error) error {
	if f.Fault == nil {
		return change()
	}
	apply, fault := f.Fault(op, path)
	if fault == nil {
		return change()
	}
	if apply {
		if err := change(); err != nil {
			return err
		}
	}
	return &fs.PathError{Op: string(op), Path: path, Err: fault}
}

// WriteFile puts data at path, replacing a file that is there, and returns when
// both are durable. perm counts for a new file.
func (f Files) WriteFile(path string, data []byte, perm fs.FileMode) error {
	return f.write(path, data, perm, f.Replace)
}

// WriteNew is [Files.WriteFile], but leaves a file that is there and returns an
// error that wraps [fs.ErrExist].
func (f Files) WriteNew(path string, data []byte, perm fs.FileMode) error {
	return f.write(path, data, perm, f.Place)
}

func (f Files) write(path string, data []byte, perm fs.FileMode, place func(from, to string) error) error {
	t, err := f.CreateTemp(filepath.Dir(path), perm)
	if err != nil {
		return err
	}
	if _, err = t.Write(data); err == nil {
		err = t.Sync()
	}
	if err = errors.Join(err, t.Close()); err == nil {
		err = place(t.Name(), path)
	}
	if err != nil {
		os.Remove(t.Name()) // best effort: RemoveTemps gets what stays
		return err
	}
	return f.SyncDir(filepath.Dir(path))
}

// Place renames from to to, unless there is something at to: then the error
// wraps [fs.ErrExist]. It is durable after [Files.SyncDir].
func (f Files) Place(from, to string) error {
	return f.do(OpPlace, to, func() error { return renameNoReplace(from, to) })
}

// Replace renames from to to, whatever is there. It is durable after
// [Files.SyncDir].
func (f Files) Replace(from, to string) error {
	return f.do(OpPlace, to, func() error { return os.Rename(from, to) })
}

// SyncDir makes what happened to the names in dir durable.
func (f Files) SyncDir(dir string) error {
	return f.do(OpSyncDir, dir, func() error { return syncDir(dir) })
}

// Mkdir makes a folder for the owner alone. It is durable after
// [Files.SyncDir] of the folder around it.
func (f Files) Mkdir(path string) error {
	return f.do(OpMkdir, path, func() error { return os.Mkdir(path, 0o700) })
}

// Remove removes a file or an empty folder. It is durable after [Files.SyncDir].
func (f Files) Remove(path string) error {
	return f.do(OpRemove, path, func() error { return os.Remove(path) })
}

// RemoveTemps removes the temporary files in dir that a crash left behind and
// returns how many there were. Nobody else may be writing there.
func (f Files) RemoveTemps(dir string) (removed int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), TempPrefix) {
			continue
		}
		if err := f.Remove(filepath.Join(dir, e.Name())); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

func tempName(dir string) string {
	return filepath.Join(dir, TempPrefix+rand.Text())
}

// Overwrite fills what file holds with zeros and makes that durable, so that a
// name taken away afterwards leaves nothing to be found. A medium that writes
// elsewhere instead of over the old blocks keeps those all the same.
func (f Files) Overwrite(file *os.File) error {
	err := f.do(OpWrite, file.Name(), func() error {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		zeros := make([]byte, min(info.Size(), 1<<20))
		for at := int64(0); at < info.Size(); at += int64(len(zeros)) {
			if _, err := file.WriteAt(zeros[:min(int64(len(zeros)), info.Size()-at)], at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.do(OpSync, file.Name(), file.Sync)
}

// Extend cuts the file at path to size bytes, adds data, and returns when both
// are durable. After a crash the file has at least size bytes and may have a
// part of data.
func (f Files) Extend(path string, size int64, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = f.do(OpWrite, path, func() error {
		if err := file.Truncate(size); err != nil {
			return err
		}
		_, err := file.WriteAt(data, size)
		return err
	})
	if err == nil {
		err = f.do(OpSync, path, file.Sync)
	}
	return errors.Join(err, file.Close())
}
