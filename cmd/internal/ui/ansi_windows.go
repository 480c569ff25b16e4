package ui

import "golang.org/x/sys/windows"

// enableANSI asks the console behind stream to understand escape sequences and
// reports whether it does.
func enableANSI(stream any) bool {
	fd, ok := descriptor(stream)
	if !ok {
		return false
	}
	var mode uint32
	if windows.GetConsoleMode(windows.Handle(fd), &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(windows.Handle(fd), mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
