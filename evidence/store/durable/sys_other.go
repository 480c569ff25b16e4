//go:build !unix && !windows

package durable

import (
	"io/fs"
	"os"
)

func syncDir(string) error { return nil }

func renameNoReplace(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

func startWriteback(*os.File, int64, int64) {}

func lock(*os.File, bool) error { return nil }
