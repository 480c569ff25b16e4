package rules

import (
	"strings"

	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// What an expression may cost (spec/standards.md, "Expressions"). One is about
// one step. Files and events are estimated as a large item has them; one that is
// larger still may cost more when it runs.
const (
	MaxCost    = 1_000_000  // as CEL estimates it
	MaxRunCost = 10_000_000 // of one run
)

// sizes tells CEL how large things can get, from what the fields allow.
type sizes struct{ m *model }

// EstimateSize implements cost.Estimator.
func (s sizes) EstimateSize(e cost.AstNode) *cost.SizeEstimate {
	if n := e.ComputedSize(); n != nil {
		return n
	}
	path := e.Path()
	if len(path) == 0 {
		return nil
	}
	return s.along(path)
}

// along follows a path such as f, tool, @items, version.
func (s sizes) along(path []string) *cost.SizeEstimate {
	list := map[string]uint64{varEvents: mostEvents, varHandoffs: mostEvents, varSpans: mostEvents}
	if n, ok := list[path[0]]; ok && len(path) == 1 {
		return &cost.SizeEstimate{Max: n}
	}
	owner := map[string]string{varFields: typeFields, varItem: typeItem, varEvents: typeEvent, varHandoffs: typeHandoff, varSpans: typeSpan}[path[0]]
	var last member
	inside := false
	for _, name := range path[1:] {
		if name == "@items" {
			inside = true
			continue
		}
		found, ok := s.m.structs[owner][strings.TrimPrefix(name, presenceMark)]
		if !ok {
			return nil
		}
		last, owner, inside = found, structOf(found.typ), false
	}
	if last.most > 0 && !inside {
		return &cost.SizeEstimate{Max: uint64(last.most)}
	}
	return &cost.SizeEstimate{Max: uint64(max(1, last.chars))}
}

// structOf names the type of which a member, or each of its members, is.
func structOf(t *types.Type) string {
	if t.Kind() == types.ListKind {
		t = t.Parameters()[0]
	}
	return t.TypeName()
}

// EstimateCallCost implements cost.Estimator: a function of ours reads each of
// its arguments once, the personal data guard about three times as slowly.
func (s sizes) EstimateCallCost(function, overload string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if !strings.HasSuffix(overload, "_custody") {
		return nil
	}
	total := uint64(1)
	for _, a := range args {
		size := s.EstimateSize(a)
		switch {
		case size != nil:
			total += size.Max
		case a.Type().Kind() == types.StringKind || a.Type().Kind() == types.ListKind:
			total += mostFiles // made in the expression, of what is no larger
		}
	}
	if function == "personal" {
		total *= 3
	}
	return &cost.CallEstimate{CostEstimate: cost.CostEstimate{Min: 1, Max: total}}
}
