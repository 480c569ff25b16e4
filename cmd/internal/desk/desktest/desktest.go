// Package desktest changes on what the desks of a test's process agree.
package desktest

import (
	"example.org/custody/cmd/internal/desk/internal/foundings"
	"example.org/custody/signing/trust"
)

// Agree has every trust list that this process founds name instruments, for good. Call it
// before anything runs.
func Agree(instruments ...trust.Pin) { foundings.Instruments = instruments }
