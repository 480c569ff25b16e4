//go:build unix && !linux

package durable

import (
	"os"
)

func renameNoReplace(from, to string) error { return linkNoReplace(from, to) }

func startWriteback(*os.File, int64, int64) {}
