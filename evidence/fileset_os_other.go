//go:build !unix

package evidence

// Nothing to ask for: no named pipe can stand in a folder here.
const (
	openPlainly = 0
	openQuietly = openPlainly
)
