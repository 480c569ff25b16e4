//go:build unix

package ui

import (
	"os"
	"os/signal"
	"syscall"
)

// WatchState makes the process answer SIGUSR1 with the state of its work, which
// would otherwise end it, until stop is called.
func (t *Terminal) WatchState() (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range signals {
			t.SayState()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}
