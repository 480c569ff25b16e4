package vault_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// crashDir tells TestTold where a story was begun that it is to go on with.
const crashDir = "CUSTODY_VAULT_CRASH_DIR"

// TestTold tells a story whose state is on the disk, so that another process can
// go on with it. It is the child of the tests that kill.
func TestTold(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		dir = t.TempDir()
	}
	s := openStory(t, dir)
	if err := s.resume(); err != nil {
		t.Fatal(err)
	}
	if err := s.check(false); err != nil {
		t.Fatalf("found at step %d: %v", s.told, err)
	}
	for steps := s.steps(); s.told < len(steps); {
		if err := steps[s.told](); err != nil {
			t.Fatal(err)
		}
		s.told++
		s.remember(t, dir)
		if err := s.check(true); err != nil {
			t.Fatalf("after step %d: %v", s.told, err)
		}
	}
	fmt.Println("told")
}

// storyState is what the process that tells a story knows; a desk has it in its
// queue.
type storyState struct {
	Own, Recovery string
	Signed        bool
	Told          int
	Values        []evidence.FileValue
}

// openStory begins the story in dir or goes on with it.
func openStory(t *testing.T, dir string) *story {
	t.Helper()
	var mu sync.Mutex
	d := &desk{t: t, dir: filepath.Join(dir, "desk"), now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	d.files.Fault = func(durable.Op, string) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println("c")
		return false, nil
	}
	var state storyState
	b, err := os.ReadFile(filepath.Join(dir, "state.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.own, d.recovery = newIdentity(t), newIdentity(t)
	case err != nil || json.Unmarshal(b, &state) != nil:
		t.Fatal(err, "state.json")
	default:
		d.own, d.recovery = parseIdentity(t, state.Own), parseIdentity(t, state.Recovery)
	}
	s := &story{desk: d, files: storyFiles(), path: filepath.Join(dir, "evidence"), values: state.Values, signed: state.Signed, told: state.Told}
	s.onSigned = func() { s.remember(t, dir) }
	if b == nil {
		s.remember(t, dir)
	}
	for name, content := range s.files {
		path := filepath.Join(s.path, name)
		if err := errors.Join(os.MkdirAll(s.path, 0o700), os.WriteFile(path, content, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.create()
	d.open()
	t.Cleanup(d.close)
	return s
}

func parseIdentity(t *testing.T, text string) *age.X25519Identity {
	t.Helper()
	id, err := age.ParseX25519Identity(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// remember makes the state durable.
func (s *story) remember(t *testing.T, dir string) {
	t.Helper()
	b, err := json.Marshal(storyState{s.desk.own.String(), s.desk.recovery.String(), s.signed, s.told, s.values})
	if err != nil {
		t.Fatal(err)
	}
	if err := (durable.Files{}).WriteFile(filepath.Join(dir, "state.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// child is a process that goes on with the story in dir.
func child(t *testing.T, dir string, wrapper ...string) *exec.Cmd {
	args := append(wrapper, os.Args[0], "-test.run=^TestTold$", "-test.v=false")
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	return cmd
}

// TestKilled kills the telling process at random changes until the story is
// told. Every process checks what it found.
func TestKilled(t *testing.T) {
	for range 4 {
		dir := memoryDir(t)
		kills := 0
		for !killAfter(t, child(t, dir), 1+rand.IntN(60)) {
			kills++
		}
		t.Logf("killed %d times", kills)
	}
}

// killAfter runs a child, kills it after so many changes, and reports whether it
// told the story to the end.
func killAfter(t *testing.T, cmd *exec.Cmd, changes int) (told bool) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch lines.Text() {
		case "c":
			if changes--; changes == 0 {
				cmd.Process.Kill()
			}
		case "told":
			told = true
		default:
			said = append(said, lines.Text())
		}
	}
	if err := cmd.Wait(); !told && cmd.ProcessState.Exited() {
		t.Fatalf("%v\n%s", err, strings.Join(said, "\n"))
	}
	return told
}
