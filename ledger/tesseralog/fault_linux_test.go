package tesseralog

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/ledger/ledgertest"
)

// faults are what strace does to the system calls of a process that appends: an
// error, or death, at the first and from then on at every so manieth of a thread's.
var faults = map[string]struct {
	call, inject string
	under        string // only calls on this folder of the ledger
	made         bool   // the ledger is there; otherwise its making suffers too
}{
	"opening":       {call: "openat", inject: "error=EMFILE:when=31+13"},
	"disk full":     {call: "write", inject: "error=ENOSPC:when=5+5"},
	"no new folder": {call: "mkdirat", inject: "error=ENOSPC:when=1+3"},
	"version file":  {call: "linkat", inject: "error=EIO:when=1"},
	"renaming":      {call: "renameat", inject: "error=EIO:when=2+5", made: true},
	"killed":        {call: "renameat", inject: "signal=KILL:when=6", made: true},
	"syncing":       {call: "fsync", inject: "error=EIO:when=3+11", made: true},
	"after commit":  {call: "fsync", inject: "error=EIO:when=2+3", under: "log/.state", made: true},
}

// TestSystemCallsFail: the process may die of what happens to it, and is then
// started again. What it acknowledged must be there, and the log sound.
func TestSystemCallsFail(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("this test needs strace (Debian: apt-get install strace) to let system calls fail; without it the engine's durability is not tested")
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(ledgertest.Folder(t), "ledger")
			if f.made {
				dir = made(t, 0)
			}
			args := []string{strace, "-f", "-qqq", "-o", "/dev/null", "-e", "trace=" + f.call, "-e", "inject=" + f.call + ":" + f.inject}
			if f.under != "" {
				args = append(args, "-P", filepath.Join(dir, f.under))
			}
			all, late, runs := acked{}, 0, 0
			for done := false; !done; runs++ {
				cmd := child(t.Context(), "few", 0, dir, args...)
				var out, stderr strings.Builder
				cmd.Stdout, cmd.Stderr = &out, &stderr
				done = cmd.Run() == nil
				late += all.read(strings.NewReader(out.String()))
				if strings.Contains(stderr.String(), "strace:") || runs == 40 {
					t.Fatalf("run %d: %s", runs, &stderr)
				}
			}
			size := all.check(t, dir)
			t.Logf("%d runs, %d leaves, %d acknowledged, of them %d after an error", runs, size, len(all), late)
			if size < few || len(all) == 0 {
				t.Errorf("%d leaves, %d acknowledged, want %d", size, len(all), few)
			}
			if f.under != "" && late == 0 {
				t.Error("no append failed after its commit: the test does not reach what it is for")
			}
		})
	}
}
