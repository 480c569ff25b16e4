package verify_test

import (
	"strings"

	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/caseuco"
	"example.org/custody/verify/verifytest"
)

// graphCases are about graphs whose acts name items that the package is not about
// (spec/case.md).
func graphCases() []packageCase {
	var o outcome
	return []packageCase{
		{"x-graph-child-not-enclosed", holding, "The graph has the item that was derived from this one, which is not in the package, as a thing with an id.", func() packed {
			_, d := derivedAlone(false)
			return d.as().wants(o.holds(0, "package.registers", "").shows(4, "holds", "seal.accounted", "goes on as item"))
		}},
		{"x-graph-parent-not-enclosed", holding, "The graph has the item that this one was derived from, which is not in the package, as a thing with an id.", func() packed {
			_, d := derivedAlone(true)
			return d.as().wants(o.holds(0, "package.registers", "").shows(3, "not applicable", "custody.parent", "whose history this package does not show"))
		}},
		{"x-graph-child-unnamed", breaking, "The graph says that an act made something of which it has no node.", func() packed {
			other, d := derivedAlone(false)
			node := `,{"@id":"` + graphNode(d, other) + `","@type":"uco-observable:ObservableObject","uco-core:name":"item ` + other.ID.String() + `"}`
			d.files[pack.GraphName] = replaced(d.files[pack.GraphName], node, "")
			return d.signed(nil, nil).wants(o.fails(0, "package.registers", pack.GraphName))
		}},
	}
}

// derivedAlone is a package with a graph about an item from which another was derived, or
// about that other, and what it is not about.
func derivedAlone(child bool) (*verifytest.Item, *delivery) {
	s, other := derived(nil)
	if child {
		s.item, other = other, s.item
	}
	b := s.w.Package(verifytest.Packing{By: s.ann, Items: []*verifytest.Item{s.item}, Graph: caseuco.Write})
	s.bob = s.ann // who packed
	return other, &delivery{s, verifytest.Files(b)}
}

// graphNode is the name of an item's node in the graph of a package.
func graphNode(d *delivery, i *verifytest.Item) string {
	before, _, _ := strings.Cut(string(d.files[pack.GraphName]), `","@type":"uco-observable:ObservableObject","uco-core:name":"item `+i.ID.String())
	return before[strings.LastIndex(before, `"`)+1:]
}
