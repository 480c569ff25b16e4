package rules

import (
	"errors"
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"example.org/custody/evidence"
)

// Pack is a standard that was checked and can be evaluated: with the packs that
// it includes, every field, and every rule compiled. It does not change; several
// goroutines may use it.
type Pack struct {
	*Standard
	Included []*Standard // in the order of Includes

	fields []*Field
	rules  []compiled
	model  *model
}

// compiled is a rule ready to run.
type compiled struct {
	*Rule
	from  *Standard
	when  cel.Program // nil: always
	holds cel.Program
}

// Find returns the pack of a name and a digest, or an error that says that there
// is none.
type Find func(Name, evidence.Hash) (*Standard, error)

// Compile takes in what a pack includes, and checks every expression: its types,
// that only the language of spec/standards.md is used, the codes that fields are
// compared with, and what it can cost. What it refuses is a [*LoadError].
func Compile(s *Standard, find Find) (*Pack, error) {
	p := &Pack{Standard: s}
	for i, inc := range s.Includes {
		path := fmt.Sprintf("includes[%d]", i)
		one, err := find(inc.Standard, inc.SHA256)
		if err != nil {
			return nil, s.place.fault(path, "%v", err)
		}
		if len(one.Includes) > 0 {
			return nil, s.place.fault(path, "%s includes packs itself", inc.Standard)
		}
		p.Included = append(p.Included, one)
	}
	if err := p.gather(); err != nil {
		return nil, err
	}
	var err error
	if p.model, err = newModel(p.fields); err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	env, err := newEnv(p.model)
	if err != nil {
		return nil, fmt.Errorf("internal error: the expression language: %w", err)
	}
	for i := range p.rules {
		if err := p.rules[i].compile(env, p.model); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// gather lists fields and rules, those of included packs first, and refuses two
// of one name.
func (p *Pack) gather() error {
	idents, ids := map[string]Name{}, map[string]Name{}
	for _, s := range append(slices.Clone(p.Included), p.Standard) {
		for i := range s.Fields {
			f := &s.Fields[i]
			if from, twice := idents[f.Ident()]; twice {
				return s.place.fault(fmt.Sprintf("fields[%d].name", i), "the field %s is in %s already", f.Name, from)
			}
			idents[f.Ident()] = s.Name()
			p.fields = append(p.fields, f)
		}
		for i := range s.Rules {
			r := &s.Rules[i]
			if from, twice := ids[r.ID]; twice {
				return s.place.fault(fmt.Sprintf("rules[%d].id", i), "the rule %s is in %s already", r.ID, from)
			}
			ids[r.ID] = s.Name()
			p.rules = append(p.rules, compiled{Rule: r, from: s})
		}
	}
	return nil
}

// index returns where the rule stands in its own file.
func (c *compiled) index() int {
	return slices.IndexFunc(c.from.Rules, func(r Rule) bool { return r.ID == c.ID })
}

func (c *compiled) compile(env *cel.Env, m *model) (err error) {
	path := fmt.Sprintf("rules[%d]", c.index())
	if c.When != "" {
		if c.when, err = program(env, m, c.When); err != nil {
			return c.from.place.fault(path+".when", "rule %s: %v", c.ID, err)
		}
	}
	if c.holds, err = program(env, m, c.Holds); err != nil {
		return c.from.place.fault(path+".holds", "rule %s: %v", c.ID, err)
	}
	return nil
}

// program compiles one expression.
func program(env *cel.Env, m *model, expression string) (cel.Program, error) {
	checked, issues := env.Compile(expression)
	if issues != nil && issues.Err() != nil {
		e := issues.Errors()[0]
		return nil, fmt.Errorf("column %d: %s", e.Location.Column()+1, plainMessage(e.Message))
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("is a %s, not true or false", checked.OutputType())
	}
	if err := allowed(checked.NativeRep(), m); err != nil {
		return nil, err
	}
	estimate, err := env.EstimateCost(checked, sizes{m})
	if err != nil {
		return nil, err
	}
	if estimate.Max > MaxCost {
		return nil, fmt.Errorf("could cost %d, the limit is %d: it goes over too many values", estimate.Max, MaxCost)
	}
	return env.Program(checked, cel.CostLimit(MaxRunCost), cel.CostTracking(nil))
}

// language is the functions and operators that expressions may use; CEL has more.
var language = map[string]bool{
	operators.LogicalAnd: true, operators.LogicalOr: true, operators.LogicalNot: true, operators.Conditional: true,
	operators.Equals: true, operators.NotEquals: true, operators.Less: true, operators.LessEquals: true,
	operators.Greater: true, operators.GreaterEquals: true, operators.Add: true, operators.Subtract: true,
	operators.Multiply: true, operators.Divide: true, operators.Modulo: true, operators.Negate: true,
	operators.Index: true, operators.In: true, operators.NotStrictlyFalse: true,
	"size": true, "startsWith": true, "endsWith": true, "contains": true, "matches": true,
	"duration": true, "int": true, "string": true,
	"before": true, "not_before": true, "not_after": true, "covers": true, "within": true, "between": true, "later": true,
	"lasted": true, "imei": true, "iccid": true, "luhn": true, "strong": true, "personal": true, "mrz": true,
	"distinct": true, "sum": true, "in_order": true, "contiguous": true, "contains_word": true,
	fnOverdue: true, fnSealed: true, fnDigestOf: true, fnSameDigest: true, fnSizeOf: true, "seconds": true, fnContinuous: true,
}

// allowed refuses what the language of standards leaves out of CEL, and codes
// that a field cannot have.
func allowed(tree *ast.AST, m *model) (err error) {
	refuse := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(format, args...)
		}
	}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.MapKind, ast.StructKind:
			refuse("maps and messages are not used here")
		case ast.LiteralKind:
			switch e.AsLiteral().(type) {
			case types.String, types.Int, types.Bool:
			default:
				refuse("only texts, whole numbers and true or false are written here")
			}
		case ast.CallKind:
			if name := e.AsCall().FunctionName(); !language[name] {
				refuse("the function %s is not used here", name)
			}
			if bad := wrongCode(tree, m, e); bad != nil {
				refuse("%w", bad)
			}
		}
	}))
	return err
}

// wrongCode finds a comparison of a code with a text that is not among its codes.
func wrongCode(tree *ast.AST, m *model, e ast.Expr) error {
	call := e.AsCall()
	if len(call.Args()) != 2 || !slices.Contains([]string{operators.Equals, operators.NotEquals, operators.In}, call.FunctionName()) {
		return nil
	}
	a, b := call.Args()[0], call.Args()[1]
	for _, pair := range [][2]ast.Expr{{a, b}, {b, a}} {
		if err := notAmong(codesOf(tree, m, pair[0]), pair[1]); err != nil {
			return err
		}
	}
	return nil
}

// codesOf returns the codes of the field that an expression reads, if it is one.
func codesOf(tree *ast.AST, m *model, e ast.Expr) []string {
	if e.Kind() != ast.SelectKind {
		return nil
	}
	s := e.AsSelect()
	owner := tree.GetType(s.Operand().ID())
	if owner == nil {
		return nil
	}
	return m.structs[owner.TypeName()][s.FieldName()].codes
}

func notAmong(codes []string, e ast.Expr) error {
	if len(codes) == 0 {
		return nil
	}
	switch e.Kind() {
	case ast.LiteralKind:
		if s, ok := e.AsLiteral().(types.String); ok && !slices.Contains(codes, string(s)) {
			return fmt.Errorf("%q is not a code of the field; it has %v", string(s), codes)
		}
	case ast.ListKind:
		var errs []error
		for _, one := range e.AsList().Elements() {
			errs = append(errs, notAmong(codes, one))
		}
		return errors.Join(errs...)
	}
	return nil
}

// Rule returns the rule of an id and the pack that it stands in, or nil.
func (p *Pack) Rule(id string) (*Rule, *Standard) {
	for i := range p.rules {
		if p.rules[i].ID == id {
			return p.rules[i].Rule, p.rules[i].from
		}
	}
	return nil, nil
}

// AllFields returns the fields that the pack asks for, those of included packs first.
func (p *Pack) AllFields() []*Field { return p.fields }

// AllRules returns the rules of the pack, those of included packs first.
func (p *Pack) AllRules() []*Rule {
	out := make([]*Rule, len(p.rules))
	for i := range p.rules {
		out[i] = p.rules[i].Rule
	}
	return out
}
