package paper

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/report/plain"
)

// Filled is a form as it stands.
type Filled struct {
	Instrument *mla.Instrument
	Form       *mla.Form
	Fields     map[string]any // as a record has them
	Request    string         // the item's id; "": it is no item yet
	Signed     bool           // exactly these fields were signed
	HeldBack   bool           // and some more, which are held back
}

// New lays one copy of a form out: the one for a side, in a language or, where the
// form has no words in it, in its own. now is the moment for which it is judged
// what the form still wants.
func New(l *mla.Library, f Filled, side mla.Side, language string, now time.Time) (*Document, error) {
	if !slices.Contains(mla.Sides(), side) {
		return nil, fmt.Errorf("%q is not a side: %w", side, mla.ErrUnknown)
	}
	pack, err := l.Pack(f.Form)
	if err != nil {
		return nil, err
	}
	text := l.Forms().Words(pack.Standard, language)
	own, err := wordsIn(text.Language)
	if err != nil { // the words around it are in fewer languages than the form's may be
		text = l.Forms().Words(pack.Standard, pack.Language)
		if own, err = wordsIn(text.Language); err != nil {
			return nil, err
		}
	}
	d := &Document{
		Format: Format, For: side, Language: text.Language, Title: f.Form.Title, Law: f.Instrument.Law, Request: f.Request, Signed: f.Signed, HeldBack: f.HeldBack,
		Instrument: Pin{f.Instrument.Name(), f.Instrument.Digest().String(), f.Instrument.Title},
		Form:       Pin{string(f.Form.Form), f.Form.SHA256.String(), text.Title},
		Sections:   []Section{}, Wanted: []Wanted{}, words: own,
	}
	if language != "" && language != text.Language {
		d.Fallback = own.say("language-missing", "asked", language, "language", text.Language)
	}
	if r := pack.Reviewed; r != nil {
		d.Reviewed = own.say("reviewed", "by", r.By, "date", r.Date)
	}
	b := &builder{text: text, words: own, given: f.Form.Copy(f.Fields, side)}
	for i := range f.Form.Sections {
		s := &f.Form.Sections[i]
		if !s.For(side) {
			d.LeftOut++
			continue
		}
		d.Sections = append(d.Sections, b.section(s, pack))
	}
	d.Others = b.unknown(b.given, func(name string) bool { return f.Form.SectionOf(name) != nil })
	return d, d.want(l, f, side, now)
}

// want says what the form still wants, of what this copy shows. Where some of it is
// held back that is not known.
func (d *Document) want(l *mla.Library, f Filled, side mla.Side, now time.Time) error {
	if f.HeldBack {
		return nil
	}
	all, err := l.Check(f.Form, f.Fields, now)
	if err != nil {
		return err
	}
	d.Complete = true
	for _, p := range all {
		if s := f.Form.SectionOf(p.Field); s != nil && !s.For(side) || s == nil && side != mla.Issuing {
			continue
		}
		d.Wanted = append(d.Wanted, Wanted{Field: p.Field, Label: cmp.Or(p.Label, plain.Text(p.Field)), Section: p.Section, Severity: p.Severity, Text: p.Text})
		d.Complete = d.Complete && p.Severity != rules.Block
	}
	return nil
}

// builder lays fields out.
type builder struct {
	text  *rules.Translation
	words words
	given map[string]any
}

func (b *builder) section(s *mla.Section, pack *rules.Pack) Section {
	out := Section{ID: s.ID, Title: s.Title, Only: s.Only, Fields: []Field{}}
	for _, name := range s.Fields {
		i := slices.IndexFunc(pack.Fields, func(f rules.Field) bool { return f.Name == name })
		v, ok := b.given[name]
		out.Fields = append(out.Fields, b.field(&pack.Fields[i], name, v, ok))
	}
	return out
}

// field lays one field out; path is that of its words.
func (b *builder) field(f *rules.Field, path string, v any, given bool) Field {
	out := Field{Name: f.Name, Label: b.text.Fields[path].Label, Type: f.Type, List: f.List, Required: f.Required, Answers: []Answer{}}
	if given {
		all, ok := v.([]any)
		if !f.List || !ok {
			all = []any{v}
		}
		for _, one := range all {
			a := b.answer(f, path, one)
			a.Cannot = a.Cannot || f.List && !ok
			out.Answers = append(out.Answers, a)
		}
	}
	for _, value := range f.Values {
		ticked := slices.ContainsFunc(out.Answers, func(a Answer) bool { return a.Value == value.Code })
		out.Boxes = append(out.Boxes, Box{value.Code, b.text.Values[path][value.Code], ticked})
	}
	return out
}

func (b *builder) answer(f *rules.Field, path string, v any) Answer {
	if f.Type != rules.Group {
		text, ok := b.show(f, path, v)
		return Answer{Text: text, Value: v, Cannot: !ok}
	}
	members, ok := v.(map[string]any)
	if !ok {
		return Answer{Text: visible(Shown(v)), Value: v, Cannot: true}
	}
	var a Answer
	for i := range f.Fields {
		member := &f.Fields[i]
		one, given := members[member.Name]
		a.Fields = append(a.Fields, b.field(member, path+"."+member.Name, one, given))
	}
	a.Fields = append(a.Fields, b.unknown(members, func(name string) bool {
		return slices.ContainsFunc(f.Fields, func(m rules.Field) bool { return m.Name == name })
	})...)
	return a
}

// unknown lays out, by name, what is given and the form has no field for: another
// program may have signed it, and whoever reads the form must see all that was signed.
func (b *builder) unknown(given map[string]any, known func(name string) bool) (all []Field) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !known(name) {
			a := Answer{Cannot: true, Text: visible(Shown(given[name])), Value: given[name]}
			all = append(all, Field{Name: name, Label: b.words.say("unknown", "name", plain.Text(name)), Unknown: true, Answers: []Answer{a}})
		}
	}
	return all
}
