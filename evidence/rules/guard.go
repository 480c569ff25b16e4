package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// FieldPersonalChecked is the entry of a record that lists the fields of which a
// person confirmed that they identify nobody, though they look like it.
const FieldPersonalChecked = "personal-checked"

// VisibleFields are the entries of a record that are also printed, spoken or
// written where others than its holders see them.
func VisibleFields() []string { return []string{"case", "exhibit", "label"} }

// Guard keeps what identifies a person out of what others than the holders of a
// record see (spec/standards.md, "Personal data guard").
type Guard struct {
	Pack    *Pack    // nil: only what every record has
	Names   []string // a desk's dictionary of protected names
	Checked []string // fields of which a person confirmed that they identify nobody
}

// Check returns a [*FieldError] for the first field, by name, that must not
// identify a person and looks like it. It never repeats the value.
func (g *Guard) Check(fields map[string]any) error {
	return g.refuse(g.texts(fields), append(slices.Clone(g.Names), g.persons(fields)...))
}

// refuse returns a [*FieldError] for the first guarded text that nobody confirmed
// and that looks like a person, or mentions one of the names.
func (g *Guard) refuse(texts []placedText, names []string) error {
	for _, t := range texts {
		if !t.guarded || slices.Contains(g.Checked, t.field) {
			continue
		}
		kind := Identifies(t.text)
		if kind == ipAddress && dotted(t.path) {
			kind = ""
		}
		if kind == "" && mentions(t.text, names) {
			kind = "what another field says of a person"
		}
		if kind != "" {
			return &FieldError{t.path, fmt.Sprintf("looks like %s, and may be seen by others than the holders of the record", kind)}
		}
	}
	return nil
}

// placedText is one text of a record: in which field, where, and whether it must
// identify nobody.
type placedText struct {
	field, path, text string
	guarded           bool
}

// texts lists what people wrote into the fields, by path: of those of the pack,
// and of those that are seen elsewhere.
func (g *Guard) texts(fields map[string]any) (out []placedText) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		visible := slices.Contains(VisibleFields(), name)
		var f *Field
		if g.Pack != nil {
			f = g.Pack.field(name)
		}
		if f == nil && !visible {
			continue
		}
		walkTexts(f, name, fields[name], visible || f.Guarded(), func(path, text string, guarded bool) {
			out = append(out, placedText{name, path, text, guarded || visible})
		})
	}
	return out
}

// walkTexts visits every text that people wrote inside a value. What the members
// of a group say of personal data goes before what the group says.
func walkTexts(f *Field, path string, v any, guarded bool, visit func(path, text string, guarded bool)) {
	switch v := v.(type) {
	case string:
		if f == nil || f.Type == Text || f.Type == Reference {
			visit(path, v, guarded)
		}
	case []string:
		for i, s := range v {
			walkTexts(f, fmt.Sprintf("%s[%d]", path, i), s, guarded, visit)
		}
	case []any:
		for i, s := range v {
			walkTexts(f, fmt.Sprintf("%s[%d]", path, i), s, guarded, visit)
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			inner, inside := guarded, (*Field)(nil)
			if f != nil {
				inside = f.inGroup(k)
			}
			if inside != nil && inside.Personal != "" {
				inner = inside.Guarded()
			}
			walkTexts(inside, path+"."+k, v[k], inner, visit)
		}
	}
}

// persons returns what the fields that may be personal say, but for what every
// record has: who acted, under which reference.
func (g *Guard) persons(fields map[string]any) (names []string) {
	all := g.texts(fields)
	var common []string
	for _, t := range all {
		if slices.Contains(RecordFields(), t.field) {
			common = append(common, t.text)
		}
	}
	for _, t := range all {
		if !t.guarded && !slices.Contains(common, t.text) {
			names = append(names, t.text)
		}
	}
	return names
}

// dotted reports fields whose values look like IP addresses and are none.
func dotted(path string) bool {
	return strings.HasSuffix(path, "version") || strings.HasSuffix(path, "build") || strings.HasSuffix(path, "firmware")
}

// shortest is how long a text must be before finding it in another means anything.
const shortest = 4

// mentions reports whether a text has one of the names as whole words.
func mentions(s string, names []string) bool {
	in := " " + strings.Join(wordList(s), " ") + " "
	for _, n := range names {
		if utf8.RuneCountInString(n) < shortest {
			continue
		}
		if words := wordList(n); len(words) > 0 && strings.Contains(in, " "+strings.Join(words, " ")+" ") {
			return true
		}
	}
	return false
}
