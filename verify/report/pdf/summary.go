package pdf

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"example.org/custody/verify"
	"example.org/custody/verify/report"
)

// Bounds that keep the summary on one page whatever a package holds.
const (
	summaryReasons = 3   // reasons on it; the others stand with their questions
	summaryLetters = 220 // of one text on it
	summaryItems   = 12  // rows of an overview of several items
	codeSize       = 30.0
	mostNames      = 54.0 // mm of the names of what it was checked against: a digest fits beside them
)

// summary is the first page: answer, reasons, the ten answers, what it was checked
// against, and the code that ties paper and file together.
func (s *sheet) summary(d *report.Document, v *verify.Verdict) {
	s.SetAutoPageBreak(false, 0)
	s.text("", 7.5, 0, short(d.Notice))
	s.text("B", 16, 0, d.Title)
	s.gap(2)
	s.lead(&d.Lead)
	s.overview(&d.Overview)
	y := s.GetY() + 3
	s.SetXY(margin, y)
	s.SetRightMargin(margin + codeSize + 4)
	s.basis(&d.Basis)
	s.SetRightMargin(margin)
	if v.Package != nil && v.Package.Manifest != "" {
		s.square("SHA256:"+strings.ToUpper(v.Package.Manifest), 210-margin-codeSize, y)
	}
	s.SetXY(margin, max(s.GetY(), y+codeSize)+2)
	s.text("B", 8.5, 0, d.Limits.Number+". "+d.Limits.Title)
	s.text("", 8, 0, d.Limits.Sentence)
	s.text("B", 8.5, 0, d.Summary)
	s.SetAutoPageBreak(true, bottom)
}

func (s *sheet) lead(l *report.Lead) {
	from := s.GetY()
	s.SetX(margin + 3)
	s.SetY(from + 3)
	s.SetX(margin + 3)
	s.mark(l.Mark, 15)
	s.Ln(10)
	s.framed("B", 11, short(l.Sentence))
	s.framed("", 7.5, short(l.Original))
	s.framed("", 8.5, l.Means)
	s.framed("B", 8.5, l.Do)
	for i := range l.Reasons[:min(summaryReasons, len(l.Reasons))] {
		r := &l.Reasons[i]
		s.framed("B", 8.5, fmt.Sprintf("%s %s  %s", r.Mark.Sign, r.Mark.Word, short(r.Title)))
		s.framed("", 8, short(r.Detail.String()))
	}
	thick := map[verify.Status]float64{verify.Fails: 1.6, verify.Undecided: 0.8}[l.Mark.Status]
	s.SetLineWidth(max(thick, 0.4))
	if l.Mark.Status == verify.Undecided {
		s.SetDashPattern([]float64{3, 2}, 0)
	}
	s.Rect(margin, from, width, s.GetY()-from+2.5, "D")
	s.SetDashPattern(nil, 0)
	s.Ln(6)
}

// framed writes a paragraph inside the frame of the answer.
func (s *sheet) framed(style string, points float64, text string) {
	if text == "" {
		return
	}
	s.font("sans", style, points)
	s.SetX(margin + 3)
	s.MultiCell(width-6, points*lineUnit, printable(text), "", "L", false)
	s.Ln(0.6)
}

func (s *sheet) overview(t *report.Table) {
	rows := t.Rows[:min(len(t.Rows), summaryItems)]
	for _, row := range rows {
		y := s.GetY()
		s.SetLineWidth(0.15)
		s.Line(margin, y, margin+width, y)
		x := margin
		for i, cell := range row {
			w := cellWidth(i, len(row))
			s.SetXY(x, y+0.7)
			if cell.Mark != nil {
				s.smallMark(*cell.Mark, cell.Text)
			} else {
				s.font("sans", "", 8.5)
				s.CellFormat(w, 4.6, s.fit(cell.Text, w-1), "", 0, "L", false, 0, "")
			}
			x += w
		}
		s.SetXY(margin, y+6)
	}
	if more := len(t.Rows) - len(rows); more > 0 {
		s.text("", 8, 0, fmt.Sprintf("+ %d …", more))
	}
}

// cellWidth shares a line among the columns of an overview: number, question and
// answer of one item, or item, name and ten signs of several.
func cellWidth(column, columns int) float64 {
	switch {
	case columns == 3:
		return []float64{8, width - 8 - 48, 48}[column]
	case column == 0:
		return 26
	case columns == 12 && column == 1:
		return 46
	case columns >= 11 && column == columns-10:
		return 38
	}
	return (width - 26 - 46 - 38) / 9
}

func (s *sheet) smallMark(m report.Mark, word string) {
	m.Word = word
	s.mark(m, 8.5)
}

// nameColumn is how wide the names of facts are in the font in use, in mm.
func (s *sheet) nameColumn(list []report.Fact) float64 {
	column := 44.0
	for _, x := range list {
		column = min(max(column, s.GetStringWidth(printable(x.Name))+2), mostNames)
	}
	return column
}

func (s *sheet) basis(f *report.Facts) {
	s.text("B", 9, 0, f.Title)
	s.font("sans", "", 7.5)
	names := s.nameColumn(f.List)
	for _, x := range f.List {
		s.SetX(margin)
		s.font("sans", "", 7.5)
		s.CellFormat(names, 3.8, s.fit(x.Name, names-1), "", 0, "L", false, 0, "")
		if x.Code {
			s.font("mono", "", 6.2)
		}
		s.CellFormat(width-names-codeSize-4, 3.8, s.fit(x.Value, width-names-codeSize-4), "", 1, "L", false, 0, "")
	}
}

// square draws a QR code and, below it, what it says.
func (s *sheet) square(text string, x, y float64) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		panic("internal error: a digest does not fit a QR code: " + err.Error())
	}
	unit := codeSize / float64(code.Size+8) // a quiet zone of four modules on every side
	s.SetFillColor(0, 0, 0)
	for row := range code.Size {
		for column := range code.Size {
			if code.Black(column, row) {
				s.Rect(x+unit*float64(column+4), y+unit*float64(row+4), unit, unit, "F")
			}
		}
	}
}

// short cuts a text for the summary.
func short(text string) string {
	letters := []rune(text)
	if len(letters) <= summaryLetters {
		return text
	}
	return string(letters[:summaryLetters]) + " …"
}
