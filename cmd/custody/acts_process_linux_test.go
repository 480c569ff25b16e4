package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/custody/cmd/internal/desk"
)

// Two processes on one home: the second is told at once, and nothing is begun.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	home, _ := killBase(t)
	h, err := desk.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	before, err := snapshot(home)
	if err != nil {
		t.Fatal(err)
	}
	out, err := custodyCommand(t.Context(), home, "seal --object x --as ann --json").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), `"code":"E-HOME-IN-USE"`) {
		t.Errorf("%v\n%s", err, out)
	}
	if after, err := snapshot(home); err != nil || after != before {
		t.Errorf("the second process changed something: %v", err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	mustRun(t, home, "seal --object x --as ann")
}

// An interrupt ends a long sealing in order: exit code 130, and nothing of it is
// left.
func TestInterruptedSealing(t *testing.T) {
	t.Parallel()
	home, work := killBase(t)
	big := filepath.Join(work, "long")
	if err := errors.Join(os.WriteFile(big, nil, 0o600), os.Truncate(big, 64<<30)); err != nil {
		t.Fatal(err)
	}
	cmd := custodyCommand(t.Context(), home, "seal "+big+" --exhibit NEW --as ann")
	for i, v := range cmd.Env {
		if strings.HasPrefix(v, "CUSTODY_PROGRESS=") {
			cmd.Env[i] = "CUSTODY_PROGRESS=100ms"
		}
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "sealing: ") { // it is in the middle of the file
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Fatalf("%v\n%s", err, strings.Join(said, "\n"))
	}
	if n := exhibits("NEW")(inspectHome(t, home, "interrupted")); n != 0 {
		t.Errorf("%d items of it", n)
	}
}
