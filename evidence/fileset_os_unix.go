//go:build unix && !linux

package evidence

import "syscall"

// Opening must not wait for the writer of a named pipe that took a file's place.
const (
	openPlainly = syscall.O_NONBLOCK
	openQuietly = openPlainly
)
