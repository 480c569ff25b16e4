package rules

import (
	"fmt"
	"slices"
	"time"
)

// Limits of a pack (spec/schema/standard.schema.json).
const (
	maxFields      = 200
	maxGroup       = 40
	maxValues      = 100
	maxRules       = 200
	maxIncludes    = 8
	maxShort       = 256  // bytes of a title or label
	maxLong        = 2000 // bytes of a sentence or help
	maxExpression  = 4000 // bytes
	maxMost        = 10000
	maxTranslation = 40
)

// validation gathers the first thing that is wrong with a pack.
type validation struct {
	p   *places
	err *LoadError
}

func (v *validation) that(ok bool, path, format string, args ...any) {
	if !ok && v.err == nil {
		v.err = v.p.fault(path, format, args...)
	}
}

func (v *validation) text(s string, most int, path string) {
	v.that(0 < len(s) && len(s) <= most, path, "a text of %d bytes, 1 to %d are allowed", len(s), most)
}

func (v *validation) day(s, path string) {
	_, err := time.Parse(time.DateOnly, s)
	v.that(err == nil, path, "%q is not a day as 2026-11-26", s)
}

func (s *Standard) validate() error {
	v := validation{p: s.place}
	v.head(s)
	v.that(len(s.Fields) <= maxFields, "fields", "%d fields, at most %d", len(s.Fields), maxFields)
	v.fields(s.Fields, "fields", false)
	v.rules(s.Rules)
	if v.err != nil { // a typed nil must not become a non-nil error
		return v.err
	}
	return nil
}

func (v *validation) head(s *Standard) {
	v.that(s.Format == Format, "format", "the format is %q, this reads %q", s.Format, Format)
	v.that(idForm.MatchString(s.ID), "id", "%q is not an id: a–z 0–9 -, beginning with a letter", s.ID)
	v.that(1 <= s.Version && s.Version <= 999999, "version", "version %d is out of range", s.Version)
	v.that(tongueForm.MatchString(s.Language), "language", "%q is not a language tag", s.Language)
	v.text(s.Title, maxShort, "title")
	v.text(s.About, maxLong, "about")
	v.day(s.InForce.From, "in-force.from")
	if s.InForce.To != "" {
		v.day(s.InForce.To, "in-force.to")
		v.that(s.InForce.From <= s.InForce.To, "in-force.to", "ends before it begins")
	}
	v.reviewed(s.Reviewed)
	v.that(len(s.Includes) <= maxIncludes, "includes", "includes %d packs, at most %d", len(s.Includes), maxIncludes)
	for i, inc := range s.Includes {
		path := fmt.Sprintf("includes[%d]", i)
		v.that(nameForm.MatchString(string(inc.Standard)), path, "%q is not <id>/<version>", inc.Standard)
		v.that(!slices.ContainsFunc(s.Includes[:i], func(o Included) bool { return o.Standard == inc.Standard }), path, "%s is included twice", inc.Standard)
	}
	v.that(len(s.Translations) <= maxTranslation, "translations", "too many translations")
	for i, l := range s.Translations {
		path := fmt.Sprintf("translations[%d]", i)
		v.that(tongueForm.MatchString(l) && l != s.Language, path, "%q is not another language's tag", l)
		v.that(!slices.Contains(s.Translations[:i], l), path, "%s stands there twice", l)
	}
}

func (v *validation) reviewed(r *Reviewed) {
	if r != nil {
		v.text(r.By, maxShort, "reviewed.by")
		v.day(r.Date, "reviewed.date")
	}
}

func (v *validation) fields(fields []Field, at string, inGroup bool) {
	idents := map[string]bool{}
	for i := range fields {
		f, path := &fields[i], fmt.Sprintf("%s[%d]", at, i)
		v.that(fieldForm.MatchString(f.Name), path+".name", "%q is not a field's name: a–z 0–9 . -, beginning with a letter", f.Name)
		v.that(!idents[f.Ident()], path+".name", "the field %s is there twice", f.Name)
		v.that(!reservedField(f.Ident()), path+".name", "%s is a word of the expression language", f.Name)
		v.that(inGroup || !recordField(f.Name), path+".name", "%s is an entry of records that is no answer (spec/request.md)", f.Name)
		idents[f.Ident()] = true
		v.field(f, path, inGroup)
	}
}

// reservedField reports identifiers that CEL does not let stand behind a point.
func reservedField(ident string) bool {
	return slices.Contains([]string{"in", "true", "false", "null"}, ident)
}

// recordField reports entries that say under what an item is used. A standard's answer of
// that name would be read as one. A field use is published (request-step/1, whose answers
// stand below step/); where it is no use, a reader says that it cannot be read.
func recordField(name string) bool {
	return slices.Contains([]string{"limits", "request", "use-consent"}, name)
}

func (v *validation) field(f *Field, path string, inGroup bool) {
	v.text(f.Label, maxShort, path+".label")
	v.text(f.Help, maxLong, path+".help")
	v.that(0 <= f.Most && f.Most <= maxMost, path+".most", "at most %d is out of range", f.Most)
	v.that(slices.Contains([]Personal{"", PersonalNone, PersonalRecord, PersonalApart}, f.Personal), path+".personal", "%q is not one of none, record, apart", f.Personal)
	types := []Type{Text, Code, Reference, Integer, Boolean, Moment, Country, Digest, File, Group}
	v.that(slices.Contains(types, f.Type), path+".type", "%q is not a type of field", f.Type)
	v.that((f.Type == Code) == (len(f.Values) > 0), path+".values", "a code, and nothing else, has values")
	v.that((f.Type == Group) == (len(f.Fields) > 0), path+".fields", "a group, and nothing else, has fields")
	v.that(len(f.Values) <= maxValues && len(f.Fields) <= maxGroup, path, "too many values or fields")
	v.that(!inGroup || f.Type != Group, path+".type", "a group in a group")
	for i, c := range f.Values {
		at := fmt.Sprintf("%s.values[%d]", path, i)
		v.that(codeForm.MatchString(c.Code), at+".code", "%q is not a code", c.Code)
		v.that(!slices.ContainsFunc(f.Values[:i], func(o Value) bool { return o.Code == c.Code }), at, "the code %s is there twice", c.Code)
		v.text(c.Label, maxShort, at+".label")
	}
	v.fields(f.Fields, path+".fields", true)
}

func (v *validation) rules(list []Rule) {
	v.that(len(list) <= maxRules, "rules", "%d rules, at most %d", len(list), maxRules)
	for i := range list {
		r, path := &list[i], fmt.Sprintf("rules[%d]", i)
		v.that(ruleForm.MatchString(r.ID), path+".id", "%q is not a rule's id: A–Z 0–9 -, beginning with a letter", r.ID)
		v.that(!slices.ContainsFunc(list[:i], func(o Rule) bool { return o.ID == r.ID }), path+".id", "the rule %s is there twice", r.ID)
		v.that(slices.Contains([]Severity{Block, Error, Warning, Information}, r.Severity), path+".severity", "%q is not a severity", r.Severity)
		v.that(r.Severity == Block || len(r.At) == 0, path+".at", "only a blocking rule refuses acts")
		for _, a := range r.At {
			v.that(slices.Contains([]Act{AtSeal, AtDisclose, AtPack}, a), path+".at", "%q is not an act that a rule refuses", a)
		}
		v.text(r.Text, maxLong, path+".text")
		v.text(r.Holds, maxExpression, path+".holds")
		v.that(len(r.When) <= maxExpression, path+".when", "an expression of %d bytes, at most %d", len(r.When), maxExpression)
		v.that(len(r.Source) > 0, path, "the rule %s names no source", r.ID)
		for j, s := range r.Source {
			v.text(s.Standard, maxShort, fmt.Sprintf("%s.source[%d].standard", path, j))
			v.that(len(s.Section) <= maxShort, path, "a section of %d bytes", len(s.Section))
		}
	}
}
