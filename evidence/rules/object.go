package rules

import (
	"fmt"
	"reflect"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// object is a value with members. What stands in vals is known; any other member
// is absent.
type object struct {
	typ     *types.Type
	path    string // as an expression names it, for causes
	vals    map[string]ref.Val
	has     map[string]ref.Val // only what differs from "there when in vals"
	absence elsewhere
}

// elsewhere says what an absent member is.
type elsewhere struct {
	hidden bool   // a name may be among those held back: absence is not known
	absent bool   // the object itself is absent, which is known
	model  *model // for the empty values of lists and groups
}

func newObject(typ, path string, m *model) *object {
	return &object{
		typ: types.NewObjectType(typ, traits.IndexerType), path: path,
		vals: map[string]ref.Val{}, has: map[string]ref.Val{}, absence: elsewhere{model: m},
	}
}

// Get implements traits.Indexer: a member, or whether it is there.
func (o *object) Get(index ref.Val) ref.Val {
	name, ok := index.(types.String)
	if !ok {
		return types.NewErr("no such member")
	}
	if bare, presence := strings.CutPrefix(string(name), presenceMark); presence {
		return o.present(bare)
	}
	if v, ok := o.vals[string(name)]; ok {
		return v
	}
	return o.missing(string(name))
}

func (o *object) present(name string) ref.Val {
	if v, ok := o.has[name]; ok {
		return v
	}
	_, ok := o.vals[name]
	if !ok && o.absence.hidden {
		return unknown(Withheld, o.path+"."+name)
	}
	return types.Bool(ok)
}

func (o *object) missing(name string) ref.Val {
	path := o.path + "." + name
	if o.absence.hidden {
		return unknown(Withheld, path)
	}
	switch m := o.absence.model.structs[o.typ.TypeName()][name]; m.typ.Kind() {
	case types.ListKind:
		return types.DefaultTypeAdapter.NativeToValue([]ref.Val{})
	case types.StructKind:
		inner := newObject(m.typ.TypeName(), path, o.absence.model)
		inner.absence.absent = true
		return inner
	}
	return unknown(Absent, path)
}

// ConvertToNative implements ref.Val; no expression needs it.
func (o *object) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("a %s has no other form", o.typ.TypeName())
}

// ConvertToType implements ref.Val; no expression needs it.
func (o *object) ConvertToType(ref.Type) ref.Val {
	return types.NewErr("a %s has no other type", o.typ.TypeName())
}

// Equal implements ref.Val: objects are not compared.
func (o *object) Equal(ref.Val) ref.Val { return types.NewErr("values with members are not compared") }

// Type implements ref.Val.
func (o *object) Type() ref.Type { return o.typ }

// Value implements ref.Val.
func (o *object) Value() any { return o }
