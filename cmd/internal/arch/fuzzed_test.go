package arch

import (
	"go/ast"
	"strings"
	"testing"
)

// notFuzzed are parsers that need no fuzzing, each with the reason.
var notFuzzed = map[string]string{}

// Whoever hands us bytes may be the adversary: every parser of the pure floors
// is called by a fuzz target of its package.
func TestParsersAreFuzzed(t *testing.T) {
	fuzzed := map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			for _, name := range calledByFuzzTargets(s.tree) {
				fuzzed[s.folder()+"."+name] = true
			}
		}
	}
	parsers := map[string]bool{}
	for _, s := range sources(t) {
		if floor, _ := floorOf(s.folder()); s.test || floor > pureFloors || isSupport(s.folder()) {
			continue
		}
		for _, d := range s.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !isParser(fn) {
				continue
			}
			name := s.folder() + "." + fn.Name.Name
			parsers[name] = true
			if !fuzzed[name] && notFuzzed[name] == "" {
				t.Errorf("%s: no fuzz target calls %s", s.at.Position(fn.Pos()), name)
			}
		}
	}
	for name := range notFuzzed {
		if !parsers[name] || fuzzed[name] {
			t.Errorf("%s is fuzzed, or gone: take it off the list", name)
		}
	}
}

// isParser says whether a function is exported, has the name of one that reads
// a format, and takes bytes or text.
func isParser(fn *ast.FuncDecl) bool {
	name := fn.Name.Name
	if fn.Recv != nil || !strings.HasPrefix(name, "Parse") && !strings.HasPrefix(name, "Decode") || fn.Type.Params.NumFields() == 0 {
		return false
	}
	switch in := fn.Type.Params.List[0].Type.(type) {
	case *ast.Ident:
		return in.Name == "string"
	case *ast.ArrayType:
		of, ok := in.Elt.(*ast.Ident)
		return ok && of.Name == "byte"
	case *ast.MapType:
		return true // the files of a dossier
	}
	return false
}

// calledByFuzzTargets returns the names of what the fuzz targets of a file call.
func calledByFuzzTargets(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(fn.Name.Name, "Fuzz") {
			continue
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names = append(names, id.Name)
			}
			return true
		})
	}
	return names
}
