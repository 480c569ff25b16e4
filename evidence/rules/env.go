package rules

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// Names of the variables (spec/standards.md, "Variables").
const (
	varFields   = "f"
	varItem     = "item"
	varEvents   = "events"
	varHandoffs = "handoffs"
	varSpans    = "spans"
	varNow      = "now"
)

// newEnv returns the environment in which the rules of a pack are compiled.
func newEnv(m *model) (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.StdLib(),
		cel.CustomTypeProvider(m), cel.CustomTypeAdapter(m),
		cel.ClearMacros(), cel.Macros(macros()...),
		cel.EnableHiddenAccumulatorName(true),
		cel.ParserExpressionSizeLimit(maxExpression), cel.ParserRecursionLimit(60),
		cel.Variable(varFields, cel.ObjectType(typeFields)),
		cel.Variable(varItem, cel.ObjectType(typeItem)),
		cel.Variable(varEvents, cel.ListType(cel.ObjectType(typeEvent))),
		cel.Variable(varHandoffs, cel.ListType(cel.ObjectType(typeHandoff))),
		cel.Variable(varSpans, cel.ListType(cel.ObjectType(typeSpan))),
		cel.Variable(varNow, celTime),
	}
	return cel.NewCustomEnv(append(options, functions()...)...)
}

// macros are CEL's own but for has, and those functions that take a variable
// besides what is written.
func macros() []cel.Macro {
	return []cel.Macro{
		cel.GlobalMacro("has", 1, hasMacro),
		cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.MapMacro, cel.MapFilterMacro, cel.FilterMacro,
		withVariable("overdue", fnOverdue, varNow),
		withVariable("sealed", fnSealed, varItem),
		withVariable("digest_of", fnDigestOf, varItem),
		withVariable("size_of", fnSizeOf, varItem),
		withVariable("continuous", fnContinuous, varItem),
		cel.GlobalMacro("same_digest", 2, withItem),
	}
}

// hasMacro makes has(e.x) a read of the hidden member that says whether x is
// there, so that the answer may be unknown.
func hasMacro(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	if args[0].Kind() != ast.SelectKind {
		return nil, eh.NewError(args[0].ID(), "has() asks for a member, as in has(f.make)")
	}
	s := args[0].AsSelect()
	return eh.NewSelect(s.Operand(), presenceMark+s.FieldName()), nil
}

func withVariable(name, function, variable string) cel.Macro {
	return cel.GlobalMacro(name, 1, func(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		return eh.NewCall(function, eh.NewIdent(variable), args[0]), nil
	})
}

func withItem(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	return eh.NewCall(fnSameDigest, eh.NewIdent(varItem), args[0], args[1]), nil
}

var _ types.Provider = (*model)(nil)
