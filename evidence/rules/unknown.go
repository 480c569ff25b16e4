package rules

import (
	"cmp"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Cause is why a rule is undecided; the list is closed.
type Cause string

// The causes of spec/standards.md, "Expressions".
const (
	Withheld  Cause = "withheld"
	Absent    Cause = "absent"
	Malformed Cause = "malformed"
	Uncertain Cause = "uncertain"
	NotYetDue Cause = "not-yet-due"
	NotShown  Cause = "not-shown"
	Failed    Cause = "error"
)

// Why is one cause, and what it is about: a path such as f.power_state, or words.
type Why struct {
	Cause Cause  `json:"cause"`
	What  string `json:"what"`
}

// unknown returns the value of what is not known. CEL carries the trail through
// every operator, and merges trails where two unknowns meet.
func unknown(c Cause, what string) ref.Val {
	return types.NewUnknown(0, types.NewAttributeTrail(string(c)+" "+what))
}

// causes returns what made a value unknown, sorted, each once.
func causes(u *types.Unknown) []Why {
	var out []Why
	for _, id := range u.IDs() {
		trails, _ := u.GetAttributeTrails(id)
		for _, t := range trails {
			cause, what, _ := strings.Cut(t.Variable(), " ")
			out = append(out, Why{Cause(cause), what})
		}
	}
	return sortedWhy(out)
}

func sortedWhy(list []Why) []Why {
	slices.SortFunc(list, func(a, b Why) int {
		return cmp.Or(cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.What, b.What))
	})
	return slices.Compact(list)
}
