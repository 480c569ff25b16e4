package rules

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"example.org/custody/evidence"
)

// Status is what became of a rule; the list is that of a verdict's findings.
type Status string

// The statuses of spec/standards.md, "Expressions".
const (
	Holds         Status = "holds"
	Fails         Status = "fails"
	Undecided     Status = "undecided"
	NotApplicable Status = "not applicable"
)

// Result is what a pack says of an item (spec/standards.md, "Result").
type Result struct {
	Fields   []Why         `json:"fields"` // fields that are missing, malformed, or may be missing
	Format   string        `json:"format"`
	Results  []RuleResult  `json:"results"`
	SHA256   evidence.Hash `json:"sha256"`
	Standard Name          `json:"standard"`
}

// RuleResult is what became of one rule.
type RuleResult struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Status   Status   `json:"status"`
	Why      []Why    `json:"why,omitempty"` // when undecided, sorted
}

// Evaluate decides every rule of the pack over what is known of an item. It is
// pure: the same pack and input give the same result.
func (p *Pack) Evaluate(in *Input) (*Result, error) {
	w, err := p.world(in)
	if err != nil {
		return nil, err
	}
	vars, err := w.activation()
	if err != nil {
		return nil, err
	}
	out := &Result{
		Fields: append([]Why{}, sortedWhy(w.problems)...), Format: ResultFormat, Results: make([]RuleResult, len(p.rules)),
		SHA256: p.Digest(), Standard: p.Name(),
	}
	for i := range p.rules {
		out.Results[i] = p.rules[i].decide(vars)
	}
	return out, nil
}

// Marshal returns the result's one encoding.
func (r *Result) Marshal() ([]byte, error) { return evidence.Canonical(r) }

func (c *compiled) decide(vars cel.Activation) RuleResult {
	r := RuleResult{Rule: c.ID, Severity: c.Severity}
	if c.when != nil {
		switch status, why := run(c.when, vars); status {
		case Fails:
			r.Status = NotApplicable
			return r
		case Undecided:
			r.Status, r.Why = status, why
			return r
		}
	}
	r.Status, r.Why = run(c.holds, vars)
	return r
}

// run evaluates one expression.
func run(p cel.Program, vars cel.Activation) (Status, []Why) {
	v, _, err := p.Eval(vars)
	if err != nil {
		reason, _, _ := strings.Cut(plainMessage(err.Error()), "\n")
		return Undecided, []Why{{Failed, reason[:min(len(reason), maxShort)]}}
	}
	switch v := v.(type) {
	case types.Bool:
		if v == types.True {
			return Holds, nil
		}
		return Fails, nil
	case *types.Unknown:
		return Undecided, causes(v)
	}
	return Undecided, []Why{{Failed, "the answer is neither true nor false"}}
}
