package arch

import (
	"go/ast"
	"testing"
)

// readsClock are the functions of package time that ask what time it is.
var readsClock = map[string]bool{"Now": true, "Since": true, "Until": true, "After": true, "Tick": true, "NewTimer": true, "NewTicker": true, "Sleep": true}

// A verdict depends on its input alone: the moment it is asked for is an input,
// too (rule P3).
func TestVerifierReadsNoClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !within(s.folder(), "verify") {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || !readsClock[sel.Sel.Name] {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
				t.Errorf("%s reads the clock: time.%s", s.at.Position(n.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}
