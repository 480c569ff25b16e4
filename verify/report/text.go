package report

import (
	"io"
	"strings"

	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// minColumns is the narrowest text that is laid out as asked.
const minColumns = 40

// Text writes the report for a terminal: the verdict in one sentence and why,
// what it was checked against, the answers at a glance, then each question.
//
// Of one to three items every question is described; of more, only what does not
// hold. Facts, tables and checks that hold are written in full with
// [Options.All]. It returns the error of w alone.
func Text(w io.Writer, v *verify.Verdict, o Options) error {
	which := describeTerminal
	if o.All {
		which = describeAll
	}
	b := newBuilder(v, o)
	d := b.document(which)
	t := &textLayout{o: o, width: o.Width, known: map[string]bool{}, terse: b.noList() && !o.All}
	if t.width == 0 {
		t.width = 80
	}
	t.width = max(t.width, minColumns)
	t.document(d)
	_, err := io.WriteString(w, t.out.String())
	return err
}

// textLayout lays a document out in columns.
type textLayout struct {
	out   strings.Builder
	o     Options
	width int
	terse bool            // leave out names of checks and rules
	known map[string]bool // kinds of findings described before
}

func (t *textLayout) document(d *Document) {
	t.paragraph("", d.Notice)
	t.lead(&d.Lead)
	if len(d.Overview.Rows) > 0 && (len(d.Items) != 1 || t.o.All) {
		t.heading(d.Glance)
		t.table("", &d.Overview)
	}
	t.paragraph("", d.Legend)
	t.paragraph("", d.Brief)
	t.paragraph("", d.LeftOut)
	t.heading(d.Basis.Title)
	t.facts("  ", d.Basis.List)
	if d.Package != nil {
		t.heading("")
		t.question(d.Package)
	}
	for i := range d.Items {
		t.item(&d.Items[i])
	}
	t.heading("")
	t.question(&d.Limits)
	t.line("", "")
	for _, f := range d.Footer {
		t.paragraph("", f)
	}
	t.line("", "")
	for _, l := range plain.Wrap(d.Summary, t.width) {
		t.line("", t.style(LookHeading, l))
	}
}

// lead writes the answer, what it means and why.
func (t *textLayout) lead(l *Lead) {
	t.marked("", l.Mark, l.Sentence)
	t.paragraph("  ", l.Original)
	t.paragraph("  ", l.Means)
	t.paragraph("  ", l.Do)
	if len(l.Reasons) > 0 {
		t.heading(l.Why)
	}
	for i := range l.Reasons {
		t.finding("  ", &l.Reasons[i], false)
	}
	t.paragraph("  ", l.More)
}

func (t *textLayout) item(i *Item) {
	t.line("", "")
	t.marked("", i.Mark, i.Title)
	t.facts("  ", []Fact{i.ID})
	if len(i.Shown.List) > 0 {
		t.paragraph("  ", i.Shown.Title+":")
		t.facts("    ", i.Shown.List)
	}
	for n := range i.Questions {
		t.line("", "")
		t.question(&i.Questions[n])
	}
}

// question writes one question: always its answer and what does not hold, and
// what it rests on when asked for, or when it does not hold.
func (t *textLayout) question(q *Question) {
	t.numbered(q)
	t.paragraph("    ", q.Sentence)
	t.paragraph("    ", q.Original)
	for n := range q.Findings {
		t.finding("    ", &q.Findings[n], true)
	}
	t.paragraph("    ", q.More)
	t.paragraph("    ", q.Stated)
	t.paragraph("    ", q.Resting)
	if q.Timeline != nil {
		if t.o.All {
			t.paragraph("    ", q.Timeline.Note)
		}
		t.table("", &q.Timeline.Table)
	}
	if t.o.All && len(q.Facts.List) > 0 {
		t.paragraph("    ", q.Facts.Title+":")
	}
	t.facts("      ", q.Facts.List)
	for n := range q.Tables {
		if t.o.All || q.Tables[n].Open {
			t.table("", &q.Tables[n])
		}
	}
	if t.o.All {
		t.counted(q.Holding)
		t.counted(q.Idle)
	}
	if t.o.ByHand && q.ByHand.Value != "" {
		t.paragraph("    ", q.ByHand.Name+":")
		t.paragraph("      ", q.ByHand.Value)
	}
}

// numbered writes mark, number and title of a question.
func (t *textLayout) numbered(q *Question) {
	mark := q.Mark.Sign + " " + q.Mark.Word
	const column = 16 // "– NOT APPLICABLE"
	lines := plain.Wrap(strings.TrimSpace(q.Number+" "+q.Title), max(t.width-column-2, 16))
	for n, l := range lines {
		head := strings.Repeat(" ", column)
		if n == 0 {
			head = t.style(lookOf(q.Mark.Status), mark) + strings.Repeat(" ", max(0, column-plain.Width(mark)))
		}
		t.line("", head+"  "+t.style(LookHeading, l))
	}
}

func (t *textLayout) counted(c Counted) {
	if c.Title != "" {
		t.paragraph("    ", c.Title+":")
		t.facts("      ", c.List)
	}
}

// finding writes what does not hold; full adds check, subject and the values
// that contradict. What it means and what to do is said once.
func (t *textLayout) finding(indent string, f *Finding, full bool) {
	known := t.known[f.Title+f.Means]
	t.known[f.Title+f.Means] = true
	t.marked(indent, f.Mark, f.Title)
	inner := indent + "  "
	if !known || t.o.All {
		t.paragraph(inner, f.Means)
	}
	t.paragraph(inner, f.Rule)
	t.paragraph(inner, f.Detail.String())
	t.paragraph(inner, f.Original)
	if !known || t.o.All {
		t.paragraph(inner, f.Do)
	}
	if !full {
		return
	}
	if !t.terse {
		t.paragraph(inner, f.Context)
	}
	if len(f.Proof.List) > 0 {
		t.paragraph(inner, f.Proof.Title+":")
		list := f.Proof.List
		if !t.o.All {
			list = shortened(list, 2*t.width)
		}
		t.facts(inner+"  ", list)
	}
}

func shortened(list []Fact, columns int) []Fact {
	out := make([]Fact, len(list))
	for i, f := range list {
		f.Value = plain.Shorten(f.Value, columns)
		out[i] = f
	}
	return out
}

// marked writes a mark and, beside it, a text.
func (t *textLayout) marked(indent string, m Mark, text string) {
	if m.Sign == "" {
		t.paragraph(indent, text)
		return
	}
	mark := m.Sign + " " + m.Word
	hang := plain.Width(mark) + 2
	for n, l := range plain.Wrap(text, t.width-len(indent)-hang) {
		if n == 0 {
			t.line(indent, t.style(lookOf(m.Status), mark)+"  "+t.style(LookHeading, l))
			continue
		}
		t.line(indent, strings.Repeat(" ", hang)+t.style(LookHeading, l))
	}
}

// heading writes an empty line and a heading, if there is one.
func (t *textLayout) heading(s string) {
	t.line("", "")
	if s != "" {
		t.line("", t.style(LookHeading, s))
	}
}

// paragraph writes wrapped text, or nothing when there is none.
func (t *textLayout) paragraph(indent, s string) {
	if s == "" {
		return
	}
	for _, l := range plain.Wrap(s, t.width-len(indent)) {
		t.line(indent, l)
	}
}

// facts writes names and values in two columns.
func (t *textLayout) facts(indent string, list []Fact) {
	column, word := 0, 0
	for _, f := range list {
		column = max(column, plain.Width(f.Name))
		for _, w := range strings.Fields(f.Name) {
			word = max(word, plain.Width(w))
		}
	}
	// As wide as the longest name if that is not much, and no word breaks as long
	// as half of the line is left for the values.
	column = min(column, max(26, t.width/4, word), t.width/2)
	for _, g := range grouped(list) {
		names := plain.Wrap(g[0].Name, column)
		var values []string
		for _, f := range g {
			values = append(values, plain.Wrap(f.Value, t.width-len(indent)-column-2)...)
			if f.Original != "" {
				values = append(values, plain.Wrap(f.Original, t.width-len(indent)-column-2)...)
			}
		}
		for n := range max(len(names), len(values)) {
			t.line(indent, t.style(LookDim, plain.Pad(at(names, n), column))+"  "+at(values, n))
		}
	}
}

func at(list []string, n int) string {
	if n < len(list) {
		return list[n]
	}
	return ""
}

func (t *textLayout) line(indent, s string) {
	t.out.WriteString(strings.TrimRight(indent+s, " "))
	t.out.WriteByte('\n')
}

func (t *textLayout) style(look Look, s string) string {
	if t.o.Style == nil || strings.TrimSpace(s) == "" {
		return s
	}
	return t.o.Style(look, s)
}
