package ui

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are the outside of a process, so that tests can put something else in
// their place. A stream counts as a terminal when it has a file descriptor
// (method Fd) that is one.
type Streams struct {
	In     io.Reader
	Out    io.Writer
	Err    io.Writer
	Getenv func(string) string // nil means an empty environment
}

// OS returns the streams and environment of this process.
func OS() Streams {
	return Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}
}

// getenv is Getenv that may be nil.
func (s Streams) getenv(key string) string {
	if s.Getenv == nil {
		return ""
	}
	return s.Getenv(key)
}

// descriptor returns the file descriptor of a stream, if it has one.
func descriptor(stream any) (int, bool) {
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	return int(f.Fd()), true
}

// isTerminal reports whether stream is a terminal.
func isTerminal(stream any) bool {
	fd, ok := descriptor(stream)
	return ok && term.IsTerminal(fd)
}

// width returns how many columns the terminal behind stream has, 80 if it has
// not said.
func width(stream any) int {
	if fd, ok := descriptor(stream); ok {
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			return w
		}
	}
	return 80
}
