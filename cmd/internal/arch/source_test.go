package arch

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// source is one Go file of the module.
type source struct {
	path  string // from the top of the repository, with /
	lines int
	test  bool // a _test.go file
	tree  *ast.File
	at    *token.FileSet
}

// folder returns the folder of the package the file belongs to.
func (s source) folder() string { return filepath.ToSlash(filepath.Dir(s.path)) }

// span returns how many lines a part of the file takes.
func (s source) span(n ast.Node) int {
	return s.at.Position(n.End()).Line - s.at.Position(n.Pos()).Line + 1
}

// sources returns every Go file of the module, whatever system it is for.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := readSources()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var readSources = sync.OnceValues(func() (all []source, err error) {
	for path, err := range treeFiles() {
		if err != nil {
			return nil, err
		}
		if !strings.HasSuffix(path, ".go") {
			continue
		}
		s, err := readSource(path)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
})

func readSource(path string) (source, error) {
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return source{}, err
	}
	s := source{path: path, lines: bytes.Count(b, []byte("\n")), test: strings.HasSuffix(path, "_test.go"), at: token.NewFileSet()}
	s.tree, err = parser.ParseFile(s.at, path, b, parser.ParseComments|parser.SkipObjectResolution)
	return s, err
}

// treeFiles yields the path of every file of the repository below its agreed
// folders, and those at its top.
func treeFiles() func(yield func(string, error) bool) {
	return func(yield func(string, error) bool) {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			rel, _ := filepath.Rel(root, path)
			rel = filepath.ToSlash(rel)
			switch {
			case err != nil:
			case d.IsDir() && rel != "." && !wanted(rel):
				return filepath.SkipDir
			case d.IsDir():
				return nil
			}
			if !yield(rel, err) {
				return filepath.SkipAll
			}
			return nil
		})
	}
}

// wanted says whether a folder is part of what we write: below an agreed
// top-level folder, and not a place where tests leave what they found.
func wanted(folder string) bool {
	top, _, _ := strings.Cut(folder, "/")
	return topFolders[top] && !strings.HasSuffix(folder, "testdata/rapid")
}
