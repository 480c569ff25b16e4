package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// Parse reads a pack (spec/standards.md, "Pack") and checks everything but its
// expressions and what it includes, which is [Compile]'s. The name of the file
// is for errors only, each of which is a [*LoadError].
func Parse(file string, b []byte) (*Standard, error) {
	var s Standard
	p, err := decode(file, b, &s)
	if err != nil {
		return nil, err
	}
	s.digest, s.place = sha256.Sum256(b), p
	if err := s.validate(); err != nil {
		return nil, err
	}
	return &s, nil
}

// decode reads a document into a struct as strictly as a canonical one is read,
// though it is laid out for people.
func decode(file string, b []byte, into any) (*places, error) {
	if len(b) > MaxStandard {
		return nil, &LoadError{File: file, Reason: fmt.Sprintf("%d bytes, at most %d are read", len(b), MaxStandard)}
	}
	p, err := locate(file, b)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return nil, p.mistyped(err)
	}
	canonical, err := evidence.Canonical(json.RawMessage(b))
	if err != nil {
		return nil, &LoadError{File: file, Reason: err.Error()}
	}
	again, err := evidence.Canonical(into)
	if err != nil {
		return nil, &LoadError{File: file, Reason: err.Error()}
	}
	if !bytes.Equal(canonical, again) {
		at := differs("", document(canonical), document(again))
		return nil, p.fault(at, "a member is missing, or written in another way than the format has it: %s", firstDifference(canonical, again))
	}
	return p, nil
}

// mistyped finds the line of what encoding/json refused.
func (p *places) mistyped(err error) error {
	e := &LoadError{File: p.file, Reason: err.Error()}
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) {
		e.Line, e.Reason = p.line(t.Offset), fmt.Sprintf("%s is a %s where the format has another type", t.Field, t.Value)
		return e
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		e.Reason = "the format has no member " + name
		if at := bytes.Index(p.bytes, []byte(name)); at >= 0 {
			e.Line = p.line(int64(at))
		}
	}
	return e
}

// document decodes canonical JSON into maps, lists and scalars.
func document(b []byte) (v any) {
	if json.Unmarshal(b, &v) != nil {
		return nil
	}
	return v
}

// differs returns the path of the first member, in order of names, that one
// document has and the other has not or has otherwise; "" when that is the whole.
func differs(path string, a, b any) string {
	switch a := a.(type) {
	case map[string]any:
		other, _ := b.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if v, ok := other[name]; !ok || !reflect.DeepEqual(a[name], v) {
				return differs(strings.TrimPrefix(path+"."+name, "."), a[name], v)
			}
		}
	case []any:
		other, _ := b.([]any)
		for i := range a {
			if i >= len(other) || !reflect.DeepEqual(a[i], other[i]) {
				return differs(fmt.Sprintf("%s[%d]", path, i), a[i], at(other, i))
			}
		}
	}
	return path
}

// at is one of a list, nil behind its end.
func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// firstDifference shows where two canonical documents part.
func firstDifference(a, b []byte) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	from := max(0, n-30)
	return fmt.Sprintf("%q here, %q expected", a[from:min(len(a), n+30)], b[from:min(len(b), n+30)])
}

var (
	idForm     = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	nameForm   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}/[1-9][0-9]{0,5}$`)
	fieldForm  = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,39}$`)
	codeForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)
	ruleForm   = regexp.MustCompile(`^[A-Z][A-Z0-9-]{0,15}$`)
	tongueForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// ParseName reads "<id>/<version>".
func ParseName(s string) (Name, error) {
	if !nameForm.MatchString(s) {
		return "", fmt.Errorf("%.80q is not <id>/<version> of a standard", s)
	}
	return Name(s), nil
}
