package vault_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// calls are the system calls that change the file system, and the last of each
// that is tried, counted in each thread by itself.
var calls = map[string]int{
	"openat": 60, "write": 40, "pwrite64": 4, "fsync": 12, "renameat": 6, "renameat2": 3, "unlinkat": 8, "mkdirat": 6, "ftruncate": 1, "fcntl": 6,
}

// TestSystemCallsFail lets the process that tells the story die in a system
// call, or the call fail; the next process goes on, and finds nothing lost and
// nothing left.
func TestSystemCallsFail(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("this test needs strace (Debian: apt-get install strace) to let system calls fail; without it crash safety is not tested")
	}
	for call, last := range calls {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			broken := 0
			for when := 1; when <= last; when += 1 + when/3 {
				for _, what := range []string{"signal=KILL", "error=EIO", "error=ENOSPC"} {
					if breakStory(t, strace, call, fmt.Sprintf("%s:when=%d", what, when)) {
						broken++
					}
				}
			}
			if broken == 0 {
				t.Error("no process was disturbed: the test does not reach what it is for")
			}
		})
	}
}

// breakStory reports whether the injection ended the process early.
func breakStory(t *testing.T, strace, call, inject string) bool {
	t.Helper()
	dir := memoryDir(t)
	first := child(t, dir, strace, "-f", "-qqq", "-o", "/dev/null", "-e", "trace="+call, "-e", "inject="+call+":"+inject)
	out, err := first.CombinedOutput()
	if strings.Contains(string(out), "strace:") {
		t.Fatalf("%s", out)
	}
	broken := err != nil
	if out, err := child(t, dir).CombinedOutput(); err != nil || !strings.Contains(string(out), "told\n") {
		t.Errorf("%s %s: the next process: %v\n%s", call, inject, err, strings.ReplaceAll(string(out), "c\n", ""))
	}
	return broken
}
