//go:build unix

package ui

import (
	"errors"
	"os"
	"syscall"
)

// syncDir makes the names in a folder durable. A file system that cannot do
// that for a folder says EINVAL and is left at that.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
