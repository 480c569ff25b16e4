package rules

import (
	"fmt"
	"maps"
	"slices"
)

// Translation is the words of a pack in another language than its own
// (spec/standards.md, "Translation").
type Translation struct {
	About    string                       `json:"about"`
	Fields   map[string]FieldText         `json:"fields"` // of a group's as "group.field"
	Format   string                       `json:"format"`
	Language string                       `json:"language"`
	Reviewed *Reviewed                    `json:"reviewed,omitempty"` // nil: nobody has read it
	Rules    map[string]string            `json:"rules"`
	Standard Name                         `json:"standard"`
	Title    string                       `json:"title"`
	Values   map[string]map[string]string `json:"values"` // field, code, label
}

// FieldText is how a field is asked for.
type FieldText struct {
	Help  string `json:"help"`
	Label string `json:"label"`
}

// ParseTranslation reads a translation of s and refuses, as a [*LoadError], one
// that lacks a text or has one for what s does not have.
func ParseTranslation(file string, b []byte, s *Standard) (*Translation, error) {
	var t Translation
	p, err := decode(file, b, &t)
	if err != nil {
		return nil, err
	}
	v := validation{p: p}
	v.that(t.Format == TextFormat, "format", "the format is %q, this reads %q", t.Format, TextFormat)
	v.that(t.Standard == s.Name(), "standard", "is of %s, not of %s", t.Standard, s.Name())
	v.text(t.Title, maxShort, "title")
	v.text(t.About, maxLong, "about")
	v.reviewed(t.Reviewed)
	want := s.original()
	sameKeys(&v, t.Fields, want.Fields, "fields", "field")
	sameKeys(&v, t.Rules, want.Rules, "rules", "rule")
	sameKeys(&v, t.Values, want.Values, "values", "field")
	for _, f := range slices.Sorted(maps.Keys(want.Values)) {
		sameKeys(&v, t.Values[f], want.Values[f], "values."+f, "code")
	}
	t.texts(&v)
	if v.err != nil {
		return nil, v.err
	}
	return &t, nil
}

// texts checks that no text is empty, or longer than the pack's own may be.
func (t *Translation) texts(v *validation) {
	for _, f := range slices.Sorted(maps.Keys(t.Fields)) {
		v.text(t.Fields[f].Label, maxShort, "fields."+f+".label")
		v.text(t.Fields[f].Help, maxLong, "fields."+f+".help")
	}
	for _, f := range slices.Sorted(maps.Keys(t.Values)) {
		for _, code := range slices.Sorted(maps.Keys(t.Values[f])) {
			v.text(t.Values[f][code], maxShort, "values."+f+"."+code)
		}
	}
	for _, r := range slices.Sorted(maps.Keys(t.Rules)) {
		v.text(t.Rules[r], maxLong, "rules."+r)
	}
}

// sameKeys checks that two texts are about the same things.
func sameKeys[V, W any](v *validation, got map[string]V, want map[string]W, path, what string) {
	for _, k := range slices.Sorted(maps.Keys(want)) {
		_, ok := got[k]
		v.that(ok, path, "no translation of the %s %s", what, k)
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		_, ok := want[k]
		v.that(ok, path+"."+k, "a translation of the %s %s, which the standard does not have", what, k)
	}
}

// original returns the pack's own words in the form of a translation.
func (s *Standard) original() *Translation {
	t := &Translation{
		About: s.About, Title: s.Title, Language: s.Language, Reviewed: s.Reviewed, Standard: s.Name(), Format: TextFormat,
		Fields: map[string]FieldText{}, Rules: map[string]string{}, Values: map[string]map[string]string{},
	}
	for f := range s.eachField() {
		t.Fields[f.path] = FieldText{Help: f.Help, Label: f.Label}
		if len(f.Values) > 0 {
			labels := map[string]string{}
			for _, c := range f.Values {
				labels[c.Code] = c.Label
			}
			t.Values[f.path] = labels
		}
	}
	for _, r := range s.Rules {
		t.Rules[r.ID] = r.Text
	}
	return t
}

// placedField is a field and its path: "field", or "group.field".
type placedField struct {
	*Field
	path string
}

// eachField yields all fields, those of a group behind it.
func (s *Standard) eachField() func(yield func(placedField) bool) {
	return func(yield func(placedField) bool) {
		for i := range s.Fields {
			f := &s.Fields[i]
			if !yield(placedField{f, f.Name}) {
				return
			}
			for j := range f.Fields {
				g := &f.Fields[j]
				if !yield(placedField{g, fmt.Sprintf("%s.%s", f.Name, g.Name)}) {
					return
				}
			}
		}
	}
}
