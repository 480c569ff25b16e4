package desk

import (
	"os"
	"path/filepath"

	"example.org/custody/evidence"
)

// parseFile reads one of the home's JSON files as strictly as any format.
func parseFile(b []byte, into any) error { return evidence.ParseCanonical(b, into) }

// writeFile makes or replaces a file so that a crash leaves the old content or
// the new, never a part: temporary file, fsync, rename, fsync of the folder.
func writeFile(path string, content []byte, mode os.FileMode) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if _, err = f.Write(content); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// removeFile removes a file so that it is gone after a crash.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
