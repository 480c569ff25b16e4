//go:build !linux && !darwin && !freebsd && !windows

package desk

import "errors"

// freeSpace is not known on this system.
func freeSpace(string) (int64, error) { return 0, errors.ErrUnsupported }
