package ui

import (
	"os"
	"syscall"
	"testing"
)

func TestExplainSystem(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	_, err = full.Write([]byte("x"))
	if p := Explain(err); p.Code != CodeDiskFull {
		t.Errorf("%v is explained as %s", err, p.Code)
	}
	if p := Explain(&os.PathError{Op: "write", Path: "f", Err: syscall.EDQUOT}); p.Code != CodeDiskFull {
		t.Errorf("EDQUOT is explained as %s", p.Code)
	}
	if p := Explain(&os.PathError{Op: "open", Path: "f", Err: syscall.EROFS}); p.Code != CodeReadOnly {
		t.Errorf("EROFS is explained as %s", p.Code)
	}
}

// A full disk behind standard output is a failure even if the verb did not look.
func TestOutputFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	term := NewTerminal(Streams{Out: full, Err: new(discard)})
	term.Out().Write([]byte("data"))
	if code := term.Exit(nil); code != ExitFailed {
		t.Errorf("exit code %d after a write that failed", code)
	}
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }
