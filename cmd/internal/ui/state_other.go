//go:build !unix

package ui

// WatchState does nothing where there is no SIGUSR1.
func (t *Terminal) WatchState() (stop func()) { return func() {} }
