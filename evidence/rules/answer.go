package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"example.org/custody/evidence"
)

// ErrField is what every [FieldError] is.
var ErrField = errors.New("not what the field takes")

// A FieldError says what is wrong with the value of a field. It never repeats
// the value, which may be personal.
type FieldError struct {
	Field   string // path, e.g. power-state or tool[1].version
	Problem string
}

// Error implements error.
func (e *FieldError) Error() string { return "field " + e.Field + ": " + e.Problem }

// Is reports whether target is [ErrField].
func (e *FieldError) Is(target error) bool { return target == ErrField }

// value turns the JSON of a field into what expressions read. path is that of
// expressions, name that of the record.
func (m *model) value(f *Field, v any, owner, path, name string) (ref.Val, error) {
	if !f.List {
		return m.single(f, v, owner, path, name)
	}
	list, ok := v.([]any)
	most, _ := f.Limit()
	switch {
	case !ok:
		return nil, &FieldError{name, "is not a list"}
	case len(list) == 0 || len(list) > most:
		return nil, &FieldError{name, fmt.Sprintf("a list of %d, 1 to %d are allowed", len(list), most)}
	}
	out := make([]ref.Val, len(list))
	for i, one := range list {
		at := fmt.Sprintf("[%d]", i)
		val, err := m.single(f, one, owner, path+at, name+at)
		if err != nil {
			return nil, err
		}
		out[i] = val
	}
	return types.NewRefValList(types.DefaultTypeAdapter, out), nil
}

func (m *model) single(f *Field, v any, owner, path, name string) (ref.Val, error) {
	switch f.Type {
	case Integer:
		if n, ok := v.(int64); ok && n >= 0 {
			return types.Int(n), nil
		}
		return nil, &FieldError{name, "is not a whole number from 0"}
	case Boolean:
		if b, ok := v.(bool); ok {
			return types.Bool(b), nil
		}
		return nil, &FieldError{name, "is not true or false"}
	case Moment:
		at, problem := parseMoment(v)
		if problem != "" {
			return nil, &FieldError{name, problem}
		}
		return moment{at, path}, nil
	case Group:
		return m.group(f, v, owner+"."+f.Ident(), path, name)
	}
	s, ok := v.(string)
	if !ok {
		return nil, &FieldError{name, "is not a text"}
	}
	if problem := f.textProblem(s); problem != "" {
		return nil, &FieldError{name, problem}
	}
	return types.String(s), nil
}

func (m *model) group(f *Field, v any, typ, path, name string) (ref.Val, error) {
	members, ok := v.(map[string]any)
	if !ok {
		return nil, &FieldError{name, "is not a group of fields"}
	}
	o := newObject(typ, path, m)
	for i := range f.Fields {
		g := &f.Fields[i]
		one, ok := members[g.Name]
		if !ok {
			if g.Required {
				return nil, &FieldError{name + "." + g.Name, "is missing"}
			}
			continue
		}
		val, err := m.value(g, one, typ, path+"."+g.Ident(), name+"."+g.Name)
		if err != nil {
			return nil, err
		}
		o.vals[g.Ident()] = val
	}
	for have := range members {
		if f.inGroup(have) == nil {
			return nil, &FieldError{name + "." + have, "the standard asks for no such field" + meant(f.names(), have)}
		}
	}
	return o, nil
}

func (f *Field) inGroup(name string) *Field {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			return &f.Fields[i]
		}
	}
	return nil
}

func (f *Field) names() (out []string) {
	for _, g := range f.Fields {
		out = append(out, g.Name)
	}
	return out
}

// textProblem says what is wrong with a text of the field, or "".
func (f *Field) textProblem(s string) string {
	_, most := f.Limit()
	switch n := utf8.RuneCountInString(s); {
	case strings.TrimSpace(s) == "":
		return "is empty"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return "has control characters"
	case f.Type == Code:
		return f.codeProblem(s)
	case f.Type == Digest:
		if !digestForm.MatchString(s) || len(s) != digestLength(s) {
			return "is not a digest as sha256:<hex>"
		}
	case f.Type == Country:
		if !countryForm.MatchString(s) {
			return "is not a country's code of two or three capital letters"
		}
	case f.Type == File:
		most = mostPath
		fallthrough
	default:
		if n > most {
			return fmt.Sprintf("has %d characters, at most %d are allowed", n, most)
		}
	}
	return ""
}

func (f *Field) codeProblem(s string) string {
	var codes []string
	for _, v := range f.Values {
		if v.Code == s {
			return ""
		}
		codes = append(codes, v.Code)
	}
	return "has none of the values " + strings.Join(codes, ", ") + meant(codes, s)
}

// parseMoment reads the three forms of a time (spec/standards.md, "Field").
func parseMoment(v any) (Interval, string) {
	switch v := v.(type) {
	case string:
		if t, err := time.Parse(time.DateOnly, v); err == nil {
			return Interval{t, t.Add(24*time.Hour - time.Millisecond)}, ""
		}
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return Interval{}, "is not a time as 2026-11-26T10:00:00Z, nor a day as 2026-11-26"
		}
		return At(evidence.Instant(t)), ""
	case map[string]any:
		from, okFrom := v["from"].(string)
		to, okTo := v["to"].(string)
		if !okFrom || !okTo || len(v) != 2 {
			return Interval{}, `is not {"from":…,"to":…}`
		}
		a, problem := parseMoment(from)
		b, other := parseMoment(to)
		switch {
		case problem+other != "":
			return Interval{}, "is not from a time to a time"
		case b.To.Before(a.From):
			return Interval{}, "ends before it begins"
		}
		return Interval{a.From, b.To}, ""
	}
	return Interval{}, "is not a time"
}

// decodeValue reads a record's value with integers as int64. Most values are one
// plain text, which needs no decoder.
func decodeValue(raw json.RawMessage) (v any, err error) {
	if s, ok := plainText(raw); ok {
		return s, nil
	}
	err = evidence.ParseCanonical(raw, &v)
	return v, err
}

// plainText returns the text of a JSON string that has no escape in it.
func plainText(raw json.RawMessage) (string, bool) {
	n := len(raw)
	if n < 2 || raw[0] != '"' || raw[n-1] != '"' {
		return "", false
	}
	for _, c := range raw[1 : n-1] {
		if c < ' ' || c == '"' || c == '\\' {
			return "", false
		}
	}
	return string(raw[1 : n-1]), utf8.Valid(raw)
}
