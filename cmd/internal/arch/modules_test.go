package arch

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/modfile"
)

// Every module we ask for says in go.mod why it is there, and nothing is
// replaced or excluded: what is built is what the module proxy serves.
func TestModulesHaveReasons(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse("go.mod", b, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range f.Require {
		if !r.Indirect && len(r.Syntax.Suffix) == 0 {
			t.Errorf("%s stands in go.mod without a reason", r.Mod)
		}
	}
	if len(f.Replace)+len(f.Exclude) > 0 {
		t.Errorf("go.mod replaces %d modules and excludes %d", len(f.Replace), len(f.Exclude))
	}
}
