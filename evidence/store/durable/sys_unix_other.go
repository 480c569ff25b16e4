//go:build unix && !linux

package durable

import (
	"errors"
	"os"
)

func renameNoReplace(from, to string) error { return linkNoReplace(from, to) }

func startWriteback(*os.File, int64, int64) {}

func setDirect(*os.File, bool) error { return errors.ErrUnsupported }

func refused(error) bool { return false }
