package paper

import (
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
)

// Format is the format of spec/instruments/README.md, "Paper".
const Format = "custody/paper/v1"

// Document is one copy of a form, for one side.
type Document struct {
	Complete   bool      `json:"complete"` // as far as this copy shows it
	Fallback   string    `json:"fallback,omitempty"`
	For        mla.Side  `json:"for"`
	Form       Pin       `json:"form"`
	HeldBack   bool      `json:"held-back,omitempty"` // some of it is: what is not answered may be
	Format     string    `json:"format"`
	Instrument Pin       `json:"instrument"`
	Language   string    `json:"language"` // of the form's words
	Law        string    `json:"law"`
	LeftOut    int       `json:"left-out"`         // sections that are for another side alone
	Others     []Field   `json:"others,omitempty"` // what the form has no field for, in the copy of the issuing side
	Request    string    `json:"request,omitempty"`
	Reviewed   string    `json:"reviewed,omitempty"` // by whom and when; "": by nobody
	Sections   []Section `json:"sections"`
	Signed     bool      `json:"signed"` // false: a draft
	Title      string    `json:"title"`
	Wanted     []Wanted  `json:"wanted"` // what it still wants

	words words
}

// Pin names a file of the law that a form rests on.
type Pin struct {
	Name   string `json:"name"` // "<id>/<version>"
	SHA256 string `json:"sha256"`
	Title  string `json:"title"`
}

// Section is a section of the form.
type Section struct {
	Fields []Field  `json:"fields"`
	ID     string   `json:"id"`
	Only   mla.Side `json:"only,omitempty"` // the one side beside the issuing one that has it
	Title  string   `json:"title"`
}

// Field is what a form asks for, and what is answered.
type Field struct {
	Answers  []Answer   `json:"answers"` // none: not filled in
	Label    string     `json:"label"`
	List     bool       `json:"list,omitempty"` // several answers may be given
	Name     string     `json:"name"`
	Required bool       `json:"required,omitempty"`
	Type     rules.Type `json:"type,omitempty"`    // "": Unknown
	Unknown  bool       `json:"unknown,omitempty"` // the form has no field of that name; what stands in it is shown all the same

	Boxes []Box `json:"boxes,omitempty"` // of a code: everything that can be ticked
}

// Answer is one answer, as text or, of a group, as fields.
type Answer struct {
	Cannot bool    `json:"cannot,omitempty"` // the field cannot have it
	Fields []Field `json:"fields,omitempty"` // of a group
	Text   string  `json:"text,omitempty"`   // as it is shown
	Value  any     `json:"value,omitempty"`  // as the record has it; of a group: absent
}

// Box is something that can be ticked.
type Box struct {
	Code   string `json:"code"`
	Label  string `json:"label"`
	Ticked bool   `json:"ticked"`
}

// Wanted is one thing that a form still wants before it can be signed.
type Wanted struct {
	Field    string         `json:"field"`
	Label    string         `json:"label"`
	Section  string         `json:"section,omitempty"`
	Severity rules.Severity `json:"severity"`
	Text     string         `json:"text"`
}

// Draft reports whether nobody has signed what it shows.
func (d *Document) Draft() bool { return !d.Signed }

// Nothing says that a field has no answer, as far as that is known.
func (d *Document) Nothing(f Field) string {
	switch {
	case d.HeldBack:
		return d.Say("empty-held")
	case f.Required:
		return d.Say("empty-required")
	}
	return d.Say("empty")
}

// Empty reports whether nothing is answered.
func (f *Field) Empty() bool { return len(f.Answers) == 0 }

// Want says what one thing is that the form still wants, and where.
func (d *Document) Want(w Wanted) string {
	if w.Section == "" { // the form has no such field
		return d.Say("wanted-elsewhere", "label", w.Label, "text", w.Text)
	}
	return d.Say("wanted-at", "section", w.Section, "label", w.Label, "text", w.Text)
}
