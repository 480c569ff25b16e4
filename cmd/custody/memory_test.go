package main

import (
	"os"
	"strings"

	"example.org/custody/cmd/internal/ui"
)

// measured is the tool, with key files as dear to open as a user's, and says on
// standard error how much memory it had at most.
func measured() {
	code := run(os.Args[1:], ui.OS(), verbs)
	status, err := os.ReadFile("/proc/self/status") // Linux alone has it
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			_, err = os.Stderr.WriteString(line)
		}
	}
	if err != nil {
		code = 1
	}
	os.Exit(code)
}
