//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"example.org/custody/cmd/internal/ui"
)

// Each signal does what a person or a service manager means by it.
func TestSignals(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		ready := filepath.Join(t.TempDir(), "ready")
		var errs bytes.Buffer
		code := make(chan int)
		go func() {
			code <- run([]string{"wait", ready}, ui.Streams{Out: io.Discard, Err: &errs}, fakeVerbs)
		}()
		for _, err := os.Stat(ready); err != nil; _, err = os.Stat(ready) {
			runtime.Gosched()
		}
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if err := self.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if got := <-code; got != ui.ExitInterrupted || !strings.Contains(errs.String(), "waiting: interrupted") {
			t.Errorf("%v: exit %d, %s", signal, got, &errs)
		}
	}
}
