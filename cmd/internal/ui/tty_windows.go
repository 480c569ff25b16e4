package ui

import "os"

// openTerminal opens the console for writing.
func openTerminal() (*os.File, error) { return os.OpenFile("CONOUT$", os.O_RDWR, 0) }
