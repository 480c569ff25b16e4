package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// topFolders are the folders at the top of the repository. No others are added:
// a reader finds every noun where the design says it is.
var topFolders = map[string]bool{
	"cmd": true, "evidence": true, "ledger": true, "signing": true, "spec": true, "verify": true,
}

// topFiles are the files beside them.
var topFiles = map[string]bool{
	"go.mod": true, "go.sum": true, "README.md": true, "LICENSE": true, "Makefile": true,
	"CHANGELOG.md": true, "SECURITY.md": true, "CONTRIBUTING.md": true,
}

func TestTopLevelIsFixed(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	ignored := gitIgnored(t)
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, "."), ignored[name]:
		case e.IsDir() && !topFolders[name]:
			t.Errorf("folder %s is not one of those the design names", name)
		case !e.IsDir() && !topFiles[name]:
			t.Errorf("file %s does not belong at the top", name)
		}
	}
}

// gitIgnored returns the folders at the top that git ignores: what builds leave.
func gitIgnored(t *testing.T) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "/") {
			names[strings.Trim(line, "/")] = true
		}
	}
	return names
}

// neverSaid are claims that only a court or a supervised service can make. The
// program says which rule held, which did not, and which was not decided.
var neverSaid = regexp.MustCompile(`(?i)admissib|qualified (electronic )?ledger`)

func TestNeverSaid(t *testing.T) {
	for path, err := range treeFiles() {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			continue // a test has to name what it forbids
		}
		b, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if at := neverSaid.FindIndex(b); at != nil {
			t.Errorf("%s:%d says %q", path, 1+strings.Count(string(b[:at[0]]), "\n"), b[at[0]:at[1]])
		}
	}
}
