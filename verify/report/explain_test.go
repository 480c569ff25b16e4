package report_test

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"example.org/custody/verify/report"
)

// Redone with bash, sha256sum and openssl, every step of what holds comes out
// the same, in the folder into which the package was unzipped.
func TestExplainRedoesEveryStep(t *testing.T) {
	for _, name := range []string{"holds", "withheld", "erased"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, raw := packed(t, name)
			out, code := redo(t, explained(t, s), raw)
			if code != 0 || strings.Contains(out, "DIFFERS") {
				t.Errorf("exit %d:\n%s", code, differing(out))
			}
			for _, want := range []string{
				"ok       file/1 of", "content tree", "leaf hash", "second commitment", "the seal it closes is the item's id",
				"signature of the", "cosignature of key", "map root of the epoch", "second record root", "trust list, version 1", "0 evidence copies are not here",
			} {
				if !strings.Contains(out, want) {
					t.Errorf("no step %q", want)
				}
			}
		})
	}
}

// What was changed differs by hand, too.
func TestExplainShowsWhatDiffers(t *testing.T) {
	s, raw := packed(t, "holds")
	changes := []string{
		`sha256 '[^']*: commitment' [0-9a-f]+ text:custody/event/v1 [0-9a-f]{63}`,
		`sha256 'node' [0-9a-f]+ 01 [0-9a-f]{63}`,
		`signed '[^']*' '[^']*' \S+ '[^']*' \S{20}`,
		`ed25519 '[^']*: cosignature[^']*' [0-9a-f]+ \S{40}`,
		`copy 'file/2 of [^']*' '[^']*' '' \d+ [0-9a-f]{9}`,
	}
	script := explained(t, s)
	for _, c := range changes {
		script = flip(t, script, c)
	}
	out, code := redo(t, script, raw)
	if code != 1 || strings.Count(out, "DIFFERS") != len(changes) {
		t.Errorf("exit %d, want %d steps that differ:\n%s", code, len(changes), differing(out))
	}
}

// A copy that is not what was sealed, and an event that is not shown, show
// themselves.
func TestExplainOfWhatFails(t *testing.T) {
	s, raw := packed(t, "fails")
	out, code := redo(t, explained(t, s), raw)
	for _, want := range []string{"DIFFERS  file/2 of", "DIFFERS  event 3 of"} {
		if !strings.Contains(out, want) {
			t.Errorf("no line %q:\n%s", want, differing(out))
		}
	}
	if code != 1 {
		t.Errorf("exit %d", code)
	}
}

// Large copies have more than one chunk, and an odd number of them.
func TestExplainComputesTrees(t *testing.T) {
	s := collected()
	for _, size := range []int{0, 1, 1 << 20, 1<<20 + 1, 3 << 20, 5<<20 + 17, 7 << 20} {
		s.files = append(s.files, file(size))
	}
	s.item = s.ann.Collect(recordOf(s.files))
	sub := s.package_(t, nil)
	if out, code := redo(t, explained(t, sub), s.bytes); code != 0 || !strings.Contains(out, "file/9 of") {
		t.Errorf("exit %d:\n%s", code, differing(out))
	}
}

// A name, an origin, a value of a record or a file cannot become a command.
func TestExplainIsNoCommand(t *testing.T) {
	s, raw := packed(t, "hostile")
	script := explained(t, s)
	_, body, ok := strings.Cut(script, explainEnd)
	_, body, _ = strings.Cut(body, "\n")
	if !ok {
		t.Fatal("the functions of the script do not end as they should")
	}
	command := regexp.MustCompile(`^(#.*|sha256 .*|sha3 .*|is .*|signed .*|ed25519 .*|keyof .*|copy .*|echo "\$steps.*|\[ "\$wrong" = 0 \]|)$`)
	for line := range strings.Lines(body) {
		if !command.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("line %q", line)
		}
	}
	out, _ := redo(t, script, raw)
	if strings.Contains(out, "owned") || strings.Contains(out, "DIFFERS") {
		t.Errorf("output:\n%s", out)
	}
}

const explainEnd = "\n# ----------"

// packed returns a world and the bytes of its package.
func packed(t *testing.T, name string) (subject, []byte) {
	t.Helper()
	s := worlds[name](t)
	return s, s.raw
}

func explained(t testing.TB, s subject) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Explain(&b, s.o.Dossier, s.t); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// redo runs a script where a package was unzipped and returns what it printed
// and its exit code.
func redo(t *testing.T, script string, raw []byte) (string, int) {
	t.Helper()
	dir := t.TempDir()
	unzip(t, dir, raw)
	cmd := exec.Command("bash", "-s")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if exit, ok := err.(*exec.ExitError); ok {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

func unzip(t *testing.T, dir string, raw []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
}

// flip changes the character after the first match of a pattern.
func flip(t *testing.T, script, pattern string) string {
	t.Helper()
	at := regexp.MustCompile(pattern).FindStringIndex(script)
	if at == nil {
		t.Fatalf("no line like %s", pattern)
	}
	other := byte('A')
	if script[at[1]] == 'A' {
		other = 'B'
	}
	if strings.HasPrefix(pattern, "sha256") || strings.HasPrefix(pattern, "copy") {
		other = 'a'
		if script[at[1]] == 'a' {
			other = 'b'
		}
	}
	return script[:at[1]] + string(other) + script[at[1]+1:]
}

func differing(out string) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "ok ") {
			b.WriteString(line)
		}
	}
	return b.String()
}
