package rules

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.org/custody/evidence"
)

// RecordFields are the entries of a collect's record that every item may have,
// whatever the standard asks for (spec/record.md, "Fields").
func RecordFields() []string {
	return []string{
		"again", "authority", "case", "collector", "custody.before", "description", "exhibit", "label", "note", "object",
		FieldPersonalChecked, evidence.FieldPhysicalSeal, "place", "standard", "tools", "use-limits",
	}
}

// Answers checks what is given for the fields of the pack, as flags, a file or a
// form give it, and returns it in the types of the record: "3" for an integer
// becomes 3, one text for a list a list of one. Other fields of a record pass as
// they are. An unknown name, or a value that the field does not take, is a
// [*FieldError], which names the nearest field that there is.
func (p *Pack) Answers(given map[string]any) (map[string]any, error) {
	out := map[string]any{}
	names := RecordFields()
	for _, f := range p.fields {
		names = append(names, f.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		f := p.field(name)
		switch {
		case f == nil && slices.Contains(names, name):
			out[name] = given[name]
			continue
		case f == nil:
			return nil, &FieldError{name, "the standard asks for no such field" + meant(names, name)}
		}
		v, err := f.typed(given[name])
		if err != nil {
			return nil, err
		}
		if _, err := p.model.value(f, v, typeFields, varFields+"."+f.Ident(), f.Name); err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

func (p *Pack) field(name string) *Field {
	for _, f := range p.fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// typed turns what was given into what JSON of the record decodes to.
func (f *Field) typed(v any) (any, error) {
	if s, ok := v.(string); ok {
		one, err := f.fromText(s)
		if err != nil || !f.List {
			return one, err
		}
		return []any{one}, nil
	}
	v, err := f.inner(v)
	if err != nil {
		return nil, err
	}
	raw, err := evidence.Canonical(v)
	if err != nil {
		return nil, &FieldError{f.Name, "has no form in a record: " + err.Error()}
	}
	return decodeValue(raw)
}

// inner turns the texts inside a list or a group into what their fields take.
func (f *Field) inner(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return f.fromText(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = f.inner(v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		if f.Type == Moment {
			return v, nil // from, to: texts
		}
		out := maps.Clone(v)
		for name := range v {
			member := f.inGroup(name)
			if member == nil {
				continue // said where the type is checked
			}
			one, err := member.typed(v[name])
			if at := (*FieldError)(nil); errors.As(err, &at) {
				return nil, &FieldError{f.Name + "." + at.Field, at.Problem}
			}
			out[name] = one
		}
		return out, nil
	}
	return v, nil
}

// FromText reads one value of the field as a person types it, a group as JSON,
// or returns a [*FieldError].
func (f *Field) FromText(s string) (any, error) {
	v, err := f.fromText(s)
	if err != nil || f.Type == Group {
		return v, err
	}
	if s, ok := v.(string); ok && f.Type != Moment {
		if problem := f.textProblem(s); problem != "" {
			return nil, &FieldError{f.Name, problem}
		}
	}
	if _, problem := parseMoment(v); f.Type == Moment && problem != "" {
		return nil, &FieldError{f.Name, problem}
	}
	return v, nil
}

func (f *Field) fromText(s string) (any, error) {
	switch f.Type {
	case Integer:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, &FieldError{f.Name, "is not a whole number"}
		}
		return n, nil
	case Boolean:
		switch strings.ToLower(s) {
		case "true", "yes":
			return true, nil
		case "false", "no":
			return false, nil
		}
		return nil, &FieldError{f.Name, "is not true or false"}
	case Group:
		var v any
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			return nil, &FieldError{f.Name, "is a group: give it as JSON"}
		}
		raw, err := evidence.Canonical(v)
		if err != nil {
			return nil, &FieldError{f.Name, "has no form in a record: " + err.Error()}
		}
		return decodeValue(raw)
	}
	return s, nil
}

// Missing returns the fields that must be there when sealing and are not.
func (p *Pack) Missing(given map[string]any) (out []*Field) {
	for _, f := range p.fields {
		if _, ok := given[f.Name]; f.Required && !ok {
			out = append(out, f)
		}
	}
	return out
}
