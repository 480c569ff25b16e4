package pdf

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"example.org/custody/verify"
	"example.org/custody/verify/report"
)

// ErrDirection reports a language that is written from right to left.
var ErrDirection = errors.New("a language that is written from right to left is printed from the page in HTML")

// DejaVu Sans, whose licence lies beside it. It has Latin, Greek and Cyrillic.
var (
	//go:embed font/DejaVuSans.ttf
	regular []byte
	//go:embed font/DejaVuSans-Bold.ttf
	bold []byte
	//go:embed font/DejaVuSansMono.ttf
	mono []byte
)

// Geometry of a page, in millimetres.
const (
	margin    = 16.0
	top       = 20.0
	bottom    = 18.0
	width     = 210 - 2*margin
	lineUnit  = 0.3528 * 1.32 // of a line, for each point of its letters
	indenting = 6.0
)

// sheet is a PDF under way.
type sheet struct {
	*fpdf.Fpdf
}

// Write writes the report on a verdict. It returns [ErrDirection] or the error
// of w.
func Write(w io.Writer, v *verify.Verdict, o report.Options) error {
	d := report.New(v, o)
	if d.Language.Direction == "rtl" {
		return ErrDirection
	}
	s := newSheet(d.Title, d.Language.Code, d.Running)
	s.summary(d, v)
	s.details(d)
	return s.Output(w)
}

// newSheet begins a PDF; running stands at the head of every page.
func newSheet(title, language, running string) *sheet {
	s := &sheet{Fpdf: fpdf.New("P", "mm", "A4", "")}
	s.SetCatalogSort(true)
	s.SetCreationDate(time.Unix(0, 0).UTC()) // a report has no clock
	s.SetModificationDate(time.Unix(0, 0).UTC())
	s.SetProducer("custody", true)
	s.SetTitle(title, true)
	s.SetLang(language)
	s.AddUTF8FontFromBytes("sans", "", regular)
	s.AddUTF8FontFromBytes("sans", "B", bold)
	s.AddUTF8FontFromBytes("mono", "", mono)
	s.SetMargins(margin, top, margin)
	s.SetAutoPageBreak(true, bottom)
	s.SetHeaderFuncMode(func() {
		s.SetXY(margin, 10)
		s.font("mono", "", 6.5)
		s.CellFormat(width, 4, s.fit(running, width), "", 0, "L", false, 0, "")
		s.SetXY(margin, top)
	}, true)
	s.SetFooterFunc(func() {
		s.SetXY(margin, -12)
		s.font("sans", "", 7)
		s.CellFormat(width, 4, fmt.Sprintf("%d / {nb}", s.PageNo()), "", 0, "R", false, 0, "")
	})
	s.AliasNbPages("{nb}")
	s.AddPage()
	return s
}

func (s *sheet) font(family, style string, points float64) { s.SetFont(family, style, points) }

// text writes a paragraph, indented by so many steps.
func (s *sheet) text(style string, points float64, indent int, text string) {
	s.paragraph("sans", style, points, indent, text)
}

// code writes what is read digit by digit.
func (s *sheet) code(points float64, indent int, text string) {
	s.paragraph("mono", "", points, indent, text)
}

func (s *sheet) paragraph(family, style string, points float64, indent int, text string) {
	if text == "" {
		return
	}
	s.font(family, style, points)
	left := margin + indenting*float64(indent)
	s.SetX(left)
	s.MultiCell(width-(left-margin), points*lineUnit, printable(text), "", "L", false)
}

// gap leaves room, not at the head of a page.
func (s *sheet) gap(mm float64) {
	if s.GetY() > top {
		s.Ln(mm)
	}
}

// room begins a new page where less than so much is left of this one.
func (s *sheet) room(mm float64) {
	if s.GetY()+mm > 297-bottom {
		s.AddPage()
	}
}

// fit cuts a text to one line of the font in use.
func (s *sheet) fit(text string, most float64) string {
	text = printable(text)
	if s.GetStringWidth(text) <= most {
		return text
	}
	letters := []rune(text)
	for len(letters) > 0 && s.GetStringWidth(string(letters)+"…") > most {
		letters = letters[:len(letters)-1]
	}
	return string(letters) + "…"
}

// printable writes by its number each character that the fonts do not set: an empty
// box, or letters in the wrong order, would be read as something else.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if !sets(r) {
			fmt.Fprintf(&b, "(U+%04X)", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// mark writes a result: a frame in a shape of its own, sign and word.
func (s *sheet) mark(m report.Mark, points float64) {
	size := points * lineUnit * 1.1
	x, y := s.GetXY()
	s.SetLineWidth(0.4)
	s.SetDashPattern(nil, 0)
	s.SetTextColor(0, 0, 0)
	switch m.Status {
	case verify.Fails:
		s.SetFillColor(0, 0, 0)
		s.Rect(x, y, size, size, "F")
		s.SetTextColor(255, 255, 255)
	case verify.Undecided:
		s.SetDashPattern([]float64{1, 0.7}, 0)
		s.Rect(x, y, size, size, "D")
		s.SetDashPattern(nil, 0)
	case verify.Holds:
		s.Circle(x+size/2, y+size/2, size/2, "D")
	}
	s.font("sans", "B", points)
	s.SetXY(x, y)
	s.CellFormat(size, size, m.Sign, "", 0, "C", false, 0, "")
	s.SetTextColor(0, 0, 0)
	s.CellFormat(s.GetStringWidth(m.Word)+4, size, m.Word, "", 0, "L", false, 0, "")
}
