//go:build unix

package ui

import (
	"errors"
	"syscall"
)

// isDiskFull reports whether the disk or the user's quota is used up.
func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// isReadOnly reports whether the file system cannot be written.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
