package arch

import (
	"go/ast"
	"go/token"
	"testing"
)

// Every exported name of every package says what it is. A group of constants,
// variables or types is documented by one comment above it or by one for each.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, name := range undocumented(s.tree) {
			t.Errorf("%s: %s has no comment", s.at.Position(name.Pos()), name.Name)
		}
	}
}

// undocumented returns the exported names of a file that have no comment.
func undocumented(file *ast.File) (names []*ast.Ident) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && reachable(d.Recv) {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, undocumentedSpec(spec, d.Doc != nil)...)
			}
		}
	}
	return names
}

// reachable says whether a method's receiver is of an exported type; a function
// has none and is.
func reachable(receiver *ast.FieldList) bool {
	if receiver == nil {
		return true
	}
	reached := false
	ast.Inspect(receiver.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			reached = reached || id.IsExported()
		}
		return true
	})
	return reached
}

func undocumentedSpec(spec ast.Spec, group bool) (names []*ast.Ident) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		if !group && s.Doc == nil && s.Comment == nil {
			names = exported(s.Names)
		}
	case *ast.TypeSpec:
		if !group && s.Doc == nil && s.Comment == nil {
			names = exported([]*ast.Ident{s.Name})
		}
		if in, ok := s.Type.(*ast.InterfaceType); ok && s.Name.IsExported() {
			names = append(names, undocumentedMethods(in)...)
		}
	}
	return names
}

// undocumentedMethods returns the methods of an interface that have no comment
// of their own, if it has several: the comment of an interface with one method
// is about that method.
func undocumentedMethods(in *ast.InterfaceType) (names []*ast.Ident) {
	if in.Methods.NumFields() < 2 {
		return nil
	}
	for _, m := range in.Methods.List {
		if m.Doc == nil && m.Comment == nil {
			names = append(names, exported(m.Names)...)
		}
	}
	return names
}

func exported(ids []*ast.Ident) (names []*ast.Ident) {
	for _, id := range ids {
		if id.IsExported() {
			names = append(names, id)
		}
	}
	return names
}

// No file reaches C: the verifier runs without a C library, and so does what
// is shipped.
func TestNoCgo(t *testing.T) {
	for _, s := range sources(t) {
		for _, im := range s.tree.Imports {
			if im.Path.Kind == token.STRING && im.Path.Value == `"C"` {
				t.Errorf("%s imports C", s.path)
			}
		}
	}
}
