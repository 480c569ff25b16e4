package pdf

import (
	"io"
	"strings"

	"example.org/custody/evidence/mla/paper"
)

// otherScript stands in place of a text that the fonts of this package cannot set,
// or would set in the wrong order: a name that is printed wrongly is worse than one
// that is not.
const otherScript = "(in a script that this PDF does not set: see the form in HTML)"

// WriteForm writes a form of a request, one copy for one side: every section and
// field in the order of the form, with each box that could be ticked. A draft says
// so on every page. It returns [ErrDirection] or the error of w.
func WriteForm(w io.Writer, d *paper.Document) error {
	if d.Direction() == "rtl" {
		return ErrDirection
	}
	s := newSheet(d.Title, d.Language, d.Running())
	s.formHead(d)
	for i := range d.Sections {
		s.formSection(d, &d.Sections[i])
	}
	s.formOthers(d)
	s.formWants(d)
	s.gap(4)
	s.pin(d.Say("form"), d.Form)
	s.pin(d.Say("instrument"), d.Instrument)
	return s.Output(w)
}

func (s *sheet) formHead(d *paper.Document) {
	if d.Draft() {
		s.text("B", 18, 0, d.Say("draft"))
		s.text("B", 9, 0, d.Say("draft-note"))
	} else {
		s.text("B", 12, 0, d.Say("signed"))
		s.text("", 9, 0, d.Say("signed-note"))
	}
	s.gap(1)
	s.text("B", 15, 0, d.Title)
	s.gap(1)
	s.text("", 9, 0, d.Say("copy")+": "+d.Say("side-"+string(d.For)))
	s.text("", 9, 0, d.Say("rests-on")+": "+d.Instrument.Title)
	s.text("", 9, 0, d.Say("law")+": "+d.Law)
	if d.Request != "" {
		s.text("", 9, 0, d.Say("request")+":")
		s.code(8, 1, d.Request)
	}
	s.gap(1)
	for _, notice := range d.Notices() {
		s.text("", 8, 0, notice)
	}
}

func (s *sheet) formSection(d *paper.Document, section *paper.Section) {
	s.formHeading(d.Say("section", "id", section.ID, "title", section.Title))
	if section.Only != "" {
		s.text("B", 8, 0, d.Say("only", "side", d.Say("side-"+string(section.Only))))
	}
	s.formFields(d, section.Fields, 0)
}

// formHeading begins a section.
func (s *sheet) formHeading(title string) {
	s.room(24)
	s.gap(4)
	s.SetLineWidth(0.3)
	s.Line(margin, s.GetY(), margin+width, s.GetY())
	s.Ln(1.5)
	s.text("B", 11, 0, title)
}

// formOthers sets what stands in no section.
func (s *sheet) formOthers(d *paper.Document) {
	if len(d.Others) > 0 {
		s.formHeading(d.Say("others"))
		s.formFields(d, d.Others, 0)
	}
}

func (s *sheet) formFields(d *paper.Document, fields []paper.Field, indent int) {
	for i := range fields {
		f := &fields[i]
		s.room(12)
		s.gap(1.2)
		label := f.Label
		if f.Required {
			label += " (" + d.Say("required") + ")"
		}
		s.text("B", 8.5, indent, label)
		s.formAnswers(d, f, indent+1)
	}
}

func (s *sheet) formAnswers(d *paper.Document, f *paper.Field, indent int) {
	if f.Empty() {
		s.text("", 9, indent, d.Nothing(*f))
	}
	for _, box := range f.Boxes {
		s.text(map[bool]string{true: "B"}[box.Ticked], 9, indent, map[bool]string{true: "☒ ", false: "☐ "}[box.Ticked]+box.Label)
	}
	for n, a := range f.Answers {
		switch {
		case a.Cannot:
			s.text("B", 9, indent, d.Say("cannot", "value", settable(a.Text)))
		case a.Fields != nil:
			s.text("B", 8.5, indent, d.Numbered(*f, n))
			s.formFields(d, a.Fields, indent+1)
		case f.Boxes == nil:
			s.text("", 9, indent, settable(a.Text))
		}
	}
}

func (s *sheet) formWants(d *paper.Document) {
	s.room(16)
	s.gap(4)
	switch {
	case len(d.Wanted) > 0:
	case d.Complete:
		s.text("B", 9, 0, d.Say("complete"))
		return
	default:
		return // some of it is held back
	}
	s.text("B", 10, 0, d.Say("wanted"))
	for _, want := range d.Wanted {
		s.text("", 8.5, 1, d.Want(want))
	}
}

func (s *sheet) pin(name string, p paper.Pin) {
	s.text("", 7.5, 0, name+": "+p.Name)
	s.code(7, 1, "sha256:"+p.SHA256)
}

// settable returns the text, or what stands in its place where one of its characters
// is none that the fonts of this package set.
func settable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !sets(r) }) {
		return otherScript
	}
	return text
}
