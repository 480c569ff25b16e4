package rules

import (
	"strings"

	"cel.dev/cel-go/common/types"
)

// member is one member of a type of the expression language.
type member struct {
	typ   *types.Type
	most  int      // members of a list; 0 when it is none
	chars int      // characters of a string, or of each in a list
	codes []string // of a code
}

// model is the types that expressions see: spec/standards.md, "Variables", and
// one type for the fields of a pack and for each of its groups. It is the
// provider that CEL asks while it checks an expression.
type model struct {
	*types.Registry
	structs map[string]map[string]member
}

// Bounds for what no pack bounds. They are what costs are estimated with, and
// what a run reads at most; a longer history is over the cost limit when it runs.
const (
	mostFiles  = 10000
	mostEvents = 100
	mostRefs   = 256 // characters of a text in an event
	mostPath   = 1024
)

// Names of the types. No expression can write them, so that f.x is never read as a type.
const (
	typeFields  = "@f"
	typeItem    = "@Item"
	typeFile    = "@File"
	typeEvent   = "@Event"
	typeHandoff = "@Handoff"
	typeSpan    = "@Span"
	typeTime    = "Time"
)

var celTime = types.NewOpaqueType(typeTime)

// presenceMark begins the hidden member that has(e.x) reads: whether x is there,
// which may be unknown too. CEL's own presence test knows only yes and no.
const presenceMark = "?"

func text(chars int) member { return member{typ: types.StringType, chars: chars} }
func texts(most, chars int) member {
	return member{typ: types.NewListType(types.StringType), most: most, chars: chars}
}
func listOf(typ *types.Type, most int) member {
	return member{typ: types.NewListType(typ), most: most}
}

var (
	aTime = member{typ: celTime}
	anInt = member{typ: types.IntType}
	aBool = member{typ: types.BoolType}
	aCode = text(64)
)

// fixed is the types that do not depend on the pack.
func fixed() map[string]map[string]member {
	return map[string]map[string]member{
		typeItem: {
			"id": aCode, "files": listOf(types.NewObjectType(typeFile), mostFiles), "derived": aBool, "derivation": aCode,
			"sealed": aTime, "visible": texts(mostEvents, mostRefs), "rooted": aBool, "parent_held": aBool,
			"children": texts(mostEvents, 64), "tokens": listOf(celTime, mostMembers),
		},
		typeFile: {
			"path": text(mostPath), "kind": aCode, "sha256": aCode, "sha512": text(128), "size": anInt, "modified": aTime,
		},
		typeEvent: eventMembers(),
		typeHandoff: {
			"seq": anInt, "answer": aCode, "distinct": aBool, "reason": text(mostText), "attending": text(mostText), "to_kind": aCode, "due": aTime,
		},
		typeSpan: {"kind": aCode, "key": aCode, "role": aCode, "from": aTime, "to": aTime},
	}
}

// RecordTexts are the entries of an event's record that expressions read as texts.
func RecordTexts() []string {
	return []string{
		"reason", "place", "purpose", "note", "case", "order", "carrier", "tracking", "attending", "acting", "approval",
		"confirms", "memo", "written-receipt", "inventory", "lab-taken", "lab-notified", "contact-log",
	}
}

func eventMembers() map[string]member {
	m := map[string]member{
		"seq": anInt, "action": aCode, "clock": aCode, "occurred": aTime, "recorded": aTime, "logged": aTime, "due": aTime,
		"role": aCode, "authority": aCode, "appointment": text(mostRefs), "key": aCode, "signers": anInt,
		"to_kind": aCode, "to_state": aCode, "to_reference": text(mostRefs),
		"rechecked": aBool, "analysis": aBool, "inventory_due": aTime,
		"seals_before": texts(mostMembers, mostReference), "seals_after": texts(mostMembers, mostReference),
	}
	for _, name := range RecordTexts() {
		m[ident(name)] = text(mostListed)
	}
	return m
}

// newModel returns the types for a pack with these fields.
func newModel(fields []*Field) (*model, error) {
	r, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	m := &model{Registry: r, structs: fixed()}
	m.structs[typeFields] = m.members(typeFields, fields)
	return m, nil
}

// members returns the members for fields, and adds the types of groups.
func (m *model) members(owner string, fields []*Field) map[string]member {
	out := map[string]member{}
	for _, f := range fields {
		most, chars := f.Limit()
		one := m.one(owner, f, chars)
		if f.List {
			one.typ, one.most = types.NewListType(one.typ), most
		}
		out[f.Ident()] = one
	}
	return out
}

func (m *model) one(owner string, f *Field, chars int) member {
	switch f.Type {
	case Integer:
		return anInt
	case Boolean:
		return aBool
	case Moment:
		return aTime
	case Group:
		name := owner + "." + f.Ident()
		inner := make([]*Field, len(f.Fields))
		for i := range f.Fields {
			inner[i] = &f.Fields[i]
		}
		m.structs[name] = m.members(name, inner)
		return member{typ: types.NewObjectType(name)}
	case File:
		return text(mostPath)
	case Digest:
		return text(140)
	case Country:
		return text(3)
	case Code:
		one := text(64)
		for _, v := range f.Values {
			one.codes = append(one.codes, v.Code)
		}
		return one
	}
	return text(chars)
}

// FindStructType implements types.Provider.
func (m *model) FindStructType(name string) (*types.Type, bool) {
	if _, ok := m.structs[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return nil, false
}

// FindStructFieldNames implements types.Provider.
func (m *model) FindStructFieldNames(name string) ([]string, bool) {
	s, ok := m.structs[name]
	if !ok {
		return nil, false
	}
	names := make([]string, 0, len(s))
	for n := range s {
		names = append(names, n)
	}
	return names, true
}

// FindStructFieldType implements types.Provider.
func (m *model) FindStructFieldType(owner, name string) (*types.FieldType, bool) {
	bare, presence := strings.CutPrefix(name, presenceMark)
	found, ok := m.structs[owner][bare]
	switch {
	case !ok:
		return nil, false
	case presence:
		return &types.FieldType{Type: types.BoolType}, true
	}
	return &types.FieldType{Type: found.typ}, true
}
