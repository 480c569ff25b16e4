package arch

import (
	"go/ast"
	"strings"
	"testing"
)

// notFuzzed are parsers that need no fuzzing, each with the reason.
var notFuzzed = map[string]string{
	"evidence/asic.Open":              "FuzzOpen calls it by way of a helper",
	"verify/pack.Open":                "FuzzPackage of verify calls it by way of File",
	"evidence/mla/inventory.Read":     "FuzzParseInventory calls it by way of ParseInventory",
	"ledger.OpenCheckpoint":           "ReadCheckpoint, which is fuzzed, behind a signature",
	"ledger/client.ParseAddress":      "whoever runs a desk types it",
	"cmd/internal/ui.ParseColor":      "whoever runs the tool types it",
	"evidence/store/s3.ParseConfig":   "a file of the desk's own home",
	"evidence/store/s3.ParseLocation": "whoever runs a desk types it",

	"cmd/internal/desk/matches.ReadList":    "a desk's own list of what it holds",
	"cmd/internal/desk/trustlist.OpenDraft": "x/mod opens the note; what is in it was parsed, by a fuzzed parser, to get its other argument",
}

// Whoever hands us bytes may be the adversary: every parser is called by a fuzz target
// of its package.
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
		if s.test || isSupport(s.folder()) {
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
// a format, and takes bytes, text or where they come from.
func isParser(fn *ast.FuncDecl) bool {
	if fn.Recv != nil || fn.Type.Params.NumFields() == 0 {
		return false
	}
	in := fn.Type.Params.List[0].Type
	switch name := fn.Name.Name; {
	case strings.HasPrefix(name, "Parse"), strings.HasPrefix(name, "Decode"):
		return isIdent(in, "string") || isBytes(in) || isSource(in)
	case strings.HasPrefix(name, "Open"), strings.HasPrefix(name, "Read") && !strings.HasPrefix(name, "Reader"):
		return isBytes(in) || isSource(in) // with a string it opens a file
	}
	return false
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func isBytes(e ast.Expr) bool {
	list, ok := e.(*ast.ArrayType)
	return ok && isIdent(list.Elt, "byte")
}

// isSource says whether a type is a reader of the standard library, or the files of a
// dossier.
func isSource(e ast.Expr) bool {
	if _, ok := e.(*ast.MapType); ok {
		return true
	}
	of, ok := e.(*ast.SelectorExpr)
	return ok && isIdent(of.X, "io") && strings.HasPrefix(of.Sel.Name, "Reader")
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
