//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const repository = "../.."

// The worked case of README.md does what it says: every line of its shell blocks
// is run in one shell, and must exit with the code that stands behind it.
func TestReadmeCase(t *testing.T) {
	script := shellCase(t, readmeText(t))
	if n := strings.Count(script, "custody "); n < 12 {
		t.Fatalf("the case has %d commands", n)
	}
	dir := t.TempDir()
	bin := buildTool(t)
	cmd := exec.Command("sh")
	cmd.Dir = filepath.Join(dir, "work")
	if err := os.Mkdir(cmd.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir, "CUSTODY_HOME=")
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Contains(out, []byte("every byte is what was sealed")) {
		t.Errorf("the evidence was not taken out:\n%s", out)
	}
}

// buildTool builds the tool and the node as they are shipped and returns its folder.
func buildTool(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin, ".", "../custodyd").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return bin
}

func readmeText(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")
	exitsWith  = regexp.MustCompile(`# exits (\d+)\s*$`)
)

// shellCase makes one script of the blocks, which stops at the first line that
// exits otherwise than it says.
func shellCase(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	for _, block := range shellBlock.FindAllStringSubmatch(text, -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			want := "0"
			if m := exitsWith.FindStringSubmatch(line); m != nil {
				want = m[1]
			}
			fmt.Fprintf(&b, "%s\ncode=$?; [ $code = %s ] || { echo 'exit code '$code', not %s, of: '%s; exit 1; }\n", line, want, want, shellWord(line))
		}
	}
	return b.String()
}

// The two commands of README.md are targets, and each claim names tests that are.
func TestReadmeClaims(t *testing.T) {
	text := readmeText(t)
	targets, err := os.ReadFile(filepath.Join(repository, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`make ([a-z]+)`).FindAllStringSubmatch(text, -1) {
		if !bytes.Contains(targets, []byte("\n"+m[1]+":")) {
			t.Errorf("README.md says make %s, and there is no such target", m[1])
		}
	}
	claims := 0
	for _, row := range regexp.MustCompile("(?m)^\\| .* \\| (`.*Test.*) \\|$").FindAllStringSubmatch(text, -1) {
		claims++
		folder := ""
		for _, word := range strings.FieldsFunc(row[1], func(r rune) bool { return r == ' ' || r == ',' }) {
			if strings.HasPrefix(word, "`") {
				folder = strings.Trim(word, "`")
				continue
			}
			if !hasTest(t, folder, word) {
				t.Errorf("README.md names %s in %s, and there is no such test", word, folder)
			}
		}
	}
	if claims < 10 {
		t.Errorf("%d claims name a test", claims)
	}
}

func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("func "+name+"(t *testing.T)")) {
			return true
		}
	}
	return false
}

// Links of README.md lead to files of the repository.
func TestReadmeLinks(t *testing.T) {
	for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(readmeText(t), -1) {
		if _, err := os.Stat(filepath.Join(repository, m[1])); err != nil {
			t.Errorf("README.md links to %s: %v", m[1], err)
		}
	}
}
