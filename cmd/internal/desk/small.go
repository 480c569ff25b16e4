package desk

import (
	"errors"
	"os"
	"path/filepath"

	"example.org/custody/evidence/store/durable"
)

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
