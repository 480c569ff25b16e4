package main

import (
	"path/filepath"
	"testing"
)

// Of an original that is held back nothing is in any member of the package, neither its
// bytes nor its name, and the copy that has the same number is there.
func TestOriginalIsNowhere(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CUSTODY_HOME", filepath.Join(dir, "home"))
	t.Setenv("CUSTODY_PASSPHRASE_COMMAND", "echo correct horse battery")
	t.Setenv("CUSTODY_PROGRESS", "off")
	const witness, letter = "Jane of the second floor", "statement-of-jane.txt"
	writeSample(t, filepath.Join(dir, letter), []byte("the witness is "+witness))
	writeSample(t, filepath.Join(dir, "redacted.txt"), []byte("the witness is ########"))
	mustTool(t, "init", "--state", "AA", "--officer", "ann", "--role", "collector", "--no-recovery")
	mustTool(t, "seal", filepath.Join(dir, letter), "--exhibit", "L-1")
	mustTool(t, "seal", filepath.Join(dir, "redacted.txt"), "--exhibit", "L-1-1")
	for name, held := range map[string][]string{
		"by name":    {"--withhold", "L-1:file/1=protected-person"},
		"hidden":     {"--hide", "L-1:file/=protected-person"},
		"but a copy": {"--reveal", "L-1-1:file/1", "--rest", "protected-person"},
	} {
		out := filepath.Join(dir, name+".asice")
		mustTool(t, append([]string{"pack", "L-1", "L-1-1", "--out", out, "--decided-by", "Court AA", "--review", "2099-01-01"}, held...)...)
		copies := 0
		for member, b := range packed(t, out) {
			if readable(b, witness) || readable(b, letter) {
				t.Errorf("%s: %s has something of the original", name, member)
			}
			if readable(b, "the witness is #") {
				copies++
			}
		}
		if copies != 1 {
			t.Errorf("%s: the copy is in %d members", name, copies)
		}
	}
}
