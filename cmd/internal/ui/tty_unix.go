//go:build unix

package ui

import "os"

// openTerminal opens the controlling terminal for writing.
func openTerminal() (*os.File, error) { return os.OpenFile("/dev/tty", os.O_WRONLY, 0) }
