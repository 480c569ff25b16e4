package report

import "example.org/custody/verify/report/plain"

// Geometry of the picture of custody, in units of the drawing.
const (
	pictureWidth = 420
	barLeft      = 10
	barWidth     = 22
	textLeft     = 48
	lineHeight   = 19
	textColumns  = 46 // that fit beside the bar
	boldColumns  = 41 // of who and gap; Cyrillic is the widest
)

// picture is a timeline as shapes and lines of text, from top to bottom: every
// kind of step has a pattern and a word of its own, so that nothing rests on a
// colour.
type picture struct {
	ID            string // prefix of the names of patterns
	Title         string
	Width, Height int
	Bars          []bar
	Lines         []textLine

	bar, text int // where bars and lines begin
}

// bar is the length of one step.
type bar struct {
	Kind       string
	X, Y, W, H int
}

// textLine is one line of text; Class is when, who, how or gap.
type textLine struct {
	X, Y  int
	Class string
	Text  string
}

// drawing lays the steps of a timeline out.
func drawing(id string, t *Timeline) picture {
	p := picture{ID: id, Title: t.Title, Width: pictureWidth, Height: 8, bar: barLeft, text: textLeft}
	if t.Right { // a line that is written from the right begins at its right end
		p.bar, p.text = pictureWidth-barLeft-barWidth, pictureWidth-textLeft
	}
	for _, s := range t.Steps {
		top := p.Height
		if s.From != "" {
			p.line("when", s.From)
		}
		p.line("who", s.Who)
		p.line(map[bool]string{true: "gap", false: "how"}[s.Kind == gapKind], s.How)
		p.line("how", s.Takes)
		p.line("how", s.Key)
		p.Height += 8
		p.Bars = append(p.Bars, bar{s.Kind, p.bar, top, barWidth, p.Height - top - 2})
	}
	return p
}

// line adds a text below the last one, in as many lines as it needs.
func (p *picture) line(class, text string) {
	if text == "" {
		return
	}
	columns := textColumns
	if class == "who" || class == "gap" {
		columns = boldColumns
	}
	for _, l := range plain.Wrap(text, columns) {
		p.Height += lineHeight
		p.Lines = append(p.Lines, textLine{p.text, p.Height - 5, class, l})
	}
}
