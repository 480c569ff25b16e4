package main

import (
	"os"
	"os/signal"
)

// The scripts' programs heed interrupts, too, where a shell runs the tests in the
// background and has them ignored: a signal that a process handles is not ignored in
// those that it starts.
func init() {
	if signal.Ignored(os.Interrupt) {
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
}
