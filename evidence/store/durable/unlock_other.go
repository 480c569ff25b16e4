//go:build !unix

package durable

import "os"

// unlock has nothing to do: no child gets the file, so that closing it is enough.
func unlock(*os.File) error { return nil }
