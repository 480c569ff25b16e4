package pdf

import (
	"strings"

	"example.org/custody/verify/report"
)

// details is everything, in the document's order, from the second page on.
func (s *sheet) details(d *report.Document) {
	s.AddPage()
	for i := range d.Lead.Reasons {
		s.finding(&d.Lead.Reasons[i], 0)
	}
	s.text("", 8, 0, d.Lead.More)
	s.table(&d.Overview)
	s.text("", 8, 0, d.Legend)
	s.text("", 8, 0, d.LeftOut)
	s.facts(&d.Basis)
	if d.Package != nil {
		s.question(d.Package)
	}
	for i := range d.Items {
		s.item(&d.Items[i])
	}
	s.question(&d.Limits)
	s.gap(4)
	for _, line := range d.Footer {
		s.text("", 8, 0, line)
	}
	s.text("B", 9, 0, d.Summary)
}

func (s *sheet) item(i *report.Item) {
	s.AddPage()
	s.mark(i.Mark, 13)
	s.font("sans", "B", 13)
	s.CellFormat(0, 6.5, printable(i.Title), "", 1, "L", false, 0, "")
	s.gap(1)
	s.fact(i.ID, 0)
	s.facts(&i.Shown)
	for n := range i.Questions {
		s.question(&i.Questions[n])
	}
}

func (s *sheet) question(q *report.Question) {
	s.room(26)
	s.gap(4)
	s.SetLineWidth(0.2)
	s.Line(margin, s.GetY(), margin+width, s.GetY())
	s.Ln(2)
	s.SetX(margin)
	s.mark(q.Mark, 9.5)
	s.Ln(6)
	s.text("B", 10.5, 0, strings.TrimPrefix(q.Number+". ", ". ")+q.Title)
	s.text("", 9, 0, q.Sentence)
	s.text("", 7.5, 1, q.Original)
	for i := range q.Findings {
		s.finding(&q.Findings[i], 1)
	}
	for _, note := range []string{q.More, q.Stated, q.Resting} {
		s.text("", 8, 0, note)
	}
	if q.Timeline != nil {
		s.table(&q.Timeline.Table)
	}
	s.facts(&q.Facts)
	for i := range q.Tables {
		s.table(&q.Tables[i])
	}
	for _, c := range []report.Counted{q.Holding, q.Idle} {
		s.text("", 8, 0, c.Title)
	}
}

func (s *sheet) finding(f *report.Finding, indent int) {
	s.room(20)
	s.gap(1.5)
	s.text("B", 9, indent, f.Mark.Sign+" "+f.Mark.Word+"  "+f.Title)
	s.text("", 8.5, indent, f.Means)
	s.text("", 8.5, indent, f.Rule)
	s.text("", 8.5, indent, f.Detail.String())
	s.text("", 7.5, indent+1, f.Original)
	s.text("B", 8.5, indent, f.Do)
	s.text("", 7.5, indent, f.Context)
	for _, x := range f.Proof.List {
		s.fact(x, indent+1)
	}
}

func (s *sheet) facts(f *report.Facts) {
	if len(f.List) == 0 {
		return
	}
	s.room(12)
	s.gap(1)
	s.text("B", 8.5, 0, f.Title)
	for _, x := range f.List {
		s.fact(x, 1)
	}
}

func (s *sheet) fact(x report.Fact, indent int) {
	if x.Code {
		s.text("", 8, indent, x.Name+":")
		s.code(7, indent+1, x.Value)
		return
	}
	s.text("", 8, indent, x.Name+": "+x.Value)
}

// table writes a table row by row, each value with the name of its column: paper
// has no room for what a page can scroll.
func (s *sheet) table(t *report.Table) {
	if len(t.Rows) == 0 {
		return
	}
	s.room(16)
	s.gap(1)
	s.text("B", 8.5, 0, t.Caption)
	for _, row := range t.Rows {
		s.gap(0.8)
		for i, cell := range row {
			text := cell.Text
			if cell.Mark != nil {
				text = strings.TrimSpace(cell.Mark.Sign + " " + text)
			}
			if text == "" {
				continue
			}
			if cell.Below != "" {
				text += "; " + cell.Below
			}
			s.text(map[bool]string{true: "B"}[i == 0], 8, 1+min(i, 1), t.Head[i]+": "+text)
		}
	}
	s.text("", 8, 1, t.More)
}
