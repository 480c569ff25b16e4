package mla

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
)

// ErrIncomplete is what every [Incomplete] is.
var ErrIncomplete = errors.New("the form is not complete")

// Problem is one thing that a form still wants.
type Problem struct {
	Field    string         `json:"field"`             // the first field that would mend it
	Label    string         `json:"label"`             // of that field
	Rule     string         `json:"rule,omitempty"`    // "": the field itself is missing or malformed
	Section  string         `json:"section,omitempty"` // of the form
	Severity rules.Severity `json:"severity"`
	Source   string         `json:"source,omitempty"`
	Text     string         `json:"text"`
}

// Incomplete says what a form still wants before it can be signed.
type Incomplete struct {
	Form     string
	Problems []Problem // those that block, at least one
}

// Error implements error.
func (e *Incomplete) Error() string {
	p := e.Problems[0]
	s := fmt.Sprintf("%s, section %s, field %s: %s", e.Form, p.Section, p.Field, p.Text)
	if n := len(e.Problems) - 1; n > 0 {
		s += fmt.Sprintf("; and %d more", n)
	}
	return s
}

// Is reports whether target is [ErrIncomplete].
func (e *Incomplete) Is(target error) bool { return target == ErrIncomplete }

// Check returns everything that a form wants, in the order of its sections: what
// blocks it, and warnings. now is the moment for which it is judged.
func (l *Library) Check(f *Form, fields map[string]any, now time.Time) ([]Problem, error) {
	pack, err := l.Pack(f)
	if err != nil {
		return nil, err
	}
	result, err := evaluate(pack, fields, now)
	if err != nil {
		return nil, err
	}
	var out []Problem
	for _, name := range unknownFields(pack, fields) {
		out = append(out, Problem{Field: name, Severity: rules.Block, Text: "The form has no such field."})
	}
	for _, why := range result.Fields {
		name, _, _ := strings.Cut(strings.TrimPrefix(why.What, "f."), ".")
		text := "The field is required."
		if why.Cause != rules.Absent {
			text = "The value is not one that the field can have."
		}
		out = append(out, f.problem(pack, name, Problem{Severity: rules.Block, Text: text}))
	}
	for _, r := range result.Results {
		if r.Status == rules.Holds || r.Status == rules.NotApplicable || followsFrom(r, result.Fields) {
			continue
		}
		rule, _ := pack.Rule(r.Rule)
		p := Problem{Rule: r.Rule, Severity: r.Severity, Text: rule.Text, Source: rule.Source[0].String()}
		out = append(out, f.problem(pack, reads(pack, rule), p))
	}
	slices.SortStableFunc(out, func(a, b Problem) int { return f.order(a.Field) - f.order(b.Field) })
	return out, nil
}

// Complete returns an [*Incomplete] unless the form can be signed.
func (l *Library) Complete(f *Form, fields map[string]any, now time.Time) error {
	all, err := l.Check(f, fields, now)
	if err != nil {
		return err
	}
	blocking := slices.DeleteFunc(all, func(p Problem) bool { return p.Severity != rules.Block })
	if len(blocking) == 0 {
		return nil
	}
	return &Incomplete{f.Title, blocking}
}

// evaluate runs a pack over fields as if they were a record.
func evaluate(pack *rules.Pack, fields map[string]any, now time.Time) (*rules.Result, error) {
	view := &evidence.View{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		raw, err := evidence.Canonical(fields[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		view.Entries = append(view.Entries, evidence.ViewEntry{Form: evidence.Shown, Name: name, Value: raw})
	}
	draft := &evidence.Event{Action: evidence.Collect}
	return pack.Evaluate(&rules.Input{Links: []evidence.Link{{Event: draft, View: view}}, Timeline: &evidence.Timeline{}, Now: now})
}

// unknownFields are names that the form does not have, sorted.
func unknownFields(pack *rules.Pack, fields map[string]any) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fieldOf(pack, name) == nil {
			names = append(names, name)
		}
	}
	return names
}

func fieldOf(pack *rules.Pack, name string) *rules.Field {
	for _, f := range pack.AllFields() {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// followsFrom says whether a rule is undecided only because of fields that are
// reported themselves.
func followsFrom(r rules.RuleResult, missing []rules.Why) bool {
	if r.Status != rules.Undecided {
		return false
	}
	for _, why := range r.Why {
		if !slices.ContainsFunc(missing, func(m rules.Why) bool { return "f."+rules.Ident(m.What) == why.What }) {
			return false
		}
	}
	return len(r.Why) > 0
}

// readsField finds the fields that an expression names.
var readsField = regexp.MustCompile(`\bf\.([a-z][a-z0-9_]*)`)

// reads returns the first field that a rule asks for and its condition does not,
// else the first that it asks for: the one that mends it.
func reads(pack *rules.Pack, r *rules.Rule) string {
	var when []string
	for _, m := range readsField.FindAllStringSubmatch(r.When, -1) {
		when = append(when, m[1])
	}
	first := ""
	for _, m := range readsField.FindAllStringSubmatch(r.Holds, -1) {
		name := named(pack, m[1])
		if !slices.Contains(when, m[1]) {
			return name
		}
		if first == "" {
			first = name
		}
	}
	return first
}

// named returns the name of the field of an identifier.
func named(pack *rules.Pack, ident string) string {
	for _, f := range pack.AllFields() {
		if f.Ident() == ident {
			return f.Name
		}
	}
	return ident
}

// problem places a problem at a field.
func (f *Form) problem(pack *rules.Pack, name string, p Problem) Problem {
	p.Field = name
	if field := fieldOf(pack, name); field != nil {
		p.Label = field.Label
	}
	if s := f.SectionOf(name); s != nil {
		p.Section = s.ID
	}
	return p
}

// SectionOf returns the section that a field stands in, or nil.
func (f *Form) SectionOf(field string) *Section {
	for i := range f.Sections {
		if slices.Contains(f.Sections[i].Fields, field) {
			return &f.Sections[i]
		}
	}
	return nil
}

// order is where a field stands in the form; fields it does not have come last.
func (f *Form) order(field string) (n int) {
	for _, s := range f.Sections {
		if i := slices.Index(s.Fields, field); i >= 0 {
			return n + i
		}
		n += len(s.Fields)
	}
	return n
}

// Copy returns what of a form a side may see: everything but the sections that
// are for another one. The issuing side sees all.
func (f *Form) Copy(fields map[string]any, side Side) map[string]any {
	out := map[string]any{}
	for name, v := range fields {
		if s := f.SectionOf(name); side == Issuing || s != nil && s.For(side) {
			out[name] = v
		}
	}
	return out
}

// Apart reports whether a field is for one side beside the issuing one: it stands in a
// section that is, or in none of a form that has such a section.
func (f *Form) Apart(field string) bool {
	if s := f.SectionOf(field); s != nil {
		return s.Only != ""
	}
	return slices.ContainsFunc(f.Sections, func(s Section) bool { return s.Only != "" })
}

// For reports whether a side may see the section; the issuing side sees all.
func (s *Section) For(side Side) bool { return side == Issuing || s.Only == "" || s.Only == side }
