//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What the tour says to try next can be pasted as it stands, and exits as it says:
// also where the folder's name has to be quoted.
func TestTourCommands(t *testing.T) {
	bin := buildTool(t)
	dir := t.TempDir()
	env := append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+dir, "CUSTODY_HOME=")
	shell := func(line string) ([]byte, int) {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.Output()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return out, cmd.ProcessState.ExitCode()
	}
	for _, name := range []string{"d", "it's a 'tour'"} {
		out, code := shell("custody tour --json --out " + shellWord(name))
		if code != 0 {
			t.Fatalf("tour: exit code %d", code)
		}
		var told toured
		if err := json.Unmarshal(out, &told); err != nil {
			t.Fatal(err)
		}
		if len(told.Next) < 6 {
			t.Errorf("%d commands", len(told.Next))
		}
		for _, c := range told.Next {
			if out, code := shell(c.Line); code != c.Exit {
				t.Errorf("%s: exit code %d, want %d, of %s\n%s", c.Shows, code, c.Exit, c.Line, out)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, name, "evidence")); err != nil {
			t.Error(err)
		}
	}
}
