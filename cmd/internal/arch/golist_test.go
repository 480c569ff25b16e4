package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// root is the top of the repository, seen from the folder of this package.
const root = "../../.."

// system is one GOOS and GOARCH.
type system struct{ os, arch string }

// listed is what `go list` tells of one package.
type listed struct {
	ImportPath string
	Doc        string
	Imports    []string
	Deps       []string // everything reached, the standard library included
	DepsErrors []struct{ Err string }
}

// path returns the folder of the package, without the module.
func (p listed) path() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// list returns the packages of the module as built for a system. Cgo is off, as
// it is for what is shipped: with it on, crypto/x509 alone reaches runtime/cgo.
func list(t *testing.T, s system) []listed {
	t.Helper()
	sources(t) // opens every file, so that a cached result never hides a change
	args := []string{"list", "-e", "-json=ImportPath,Doc,Imports,Deps,DepsErrors"}
	for folder := range topFolders { // not ./...: what git ignores is not ours to judge
		args = append(args, "./"+folder+"/...")
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+s.os, "GOARCH="+s.arch)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &complaint)
	}
	return parseList(t, out)
}

func parseList(t *testing.T, out []byte) (packages []listed) {
	t.Helper()
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages
		case err != nil:
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
