package pdf

import (
	"io"

	"example.org/custody/verify/report/certificate"
)

// WriteCertificate writes a statement that a person is to make; that it is a draft
// stands at its top and at the head of every page. It returns the error of w.
func WriteCertificate(w io.Writer, d *certificate.Document) error {
	s := newSheet(d.Running(), d.Language, d.Running())
	s.text("B", 18, 0, d.Draft)
	s.text("B", 9, 0, d.Note)
	s.gap(1)
	s.text("B", 15, 0, d.Title)
	s.text("", 9, 0, d.Law)
	s.gap(2)
	for i := range d.Parts {
		s.statement(&d.Parts[i])
	}
	s.gap(4)
	s.text("", 7.5, 0, d.Form)
	return s.Output(w)
}

// statement sets one part.
func (s *sheet) statement(p *certificate.Part) {
	if p.Heading != "" {
		s.room(24)
		s.gap(3)
		s.text("B", 10.5, 0, p.Heading)
	}
	if p.Text != "" {
		s.gap(1.5)
		s.text("", 10, 0, p.Text)
	}
	if p.Table != nil {
		s.table(p.Table)
	}
}
