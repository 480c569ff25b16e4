package phrase

import "strings"

// Bounds of what is looked at: texts that come from outside are long when somebody
// wants them to be. What is beyond is nobody's sentence.
const (
	maxLetters = 16 << 10 // bytes of a text
	maxSteps   = 4000     // gaps tried for one text
	maxDepth   = 5        // sentences in sentences
)

// Said is a text taken apart: a message of the catalogue with what stands in its gaps,
// or somebody's own words.
type Said struct {
	Key   string           // of the message; "" when there is none
	Text  string           // the English words
	Gaps  map[string]*Said // of the message, by name
	List  []*Said          // instead of a message: several, one after the other
	Join  string           // what stands between them
	Quote bool             // the message is a title, to be shown in quotation marks
	Raw   bool             // no message: words that stay English, of a program or a person
}

// Parse recognises a detail. It returns nil for one that the catalogue does not have.
func (b *Book) Parse(text string) *Said { return b.ParseIn(DetailGroup, text) }

// ParseIn recognises a text as a phrase of a group.
func (b *Book) ParseIn(group, text string) *Said {
	m := &matching{book: b, steps: maxSteps}
	return m.in(group, text, maxDepth)
}

// matching is the search for one text.
type matching struct {
	book  *Book
	steps int
}

// in finds the most exact sentence of a group that a text is, or nil.
func (m *matching) in(name, text string, deep int) (found *Said) {
	g := m.book.groups[name]
	if g == nil || deep == 0 || len(text) > maxLetters {
		return nil
	}
	g.candidates(text, func(p *pattern) bool {
		found = m.is(p, text, deep)
		return found != nil
	})
	return found
}

// is reads a text as one sentence.
func (m *matching) is(p *pattern, text string, deep int) *Said {
	rest, ok := strings.CutPrefix(text, p.between[0])
	if !ok || len(p.gaps) > 0 && !strings.HasSuffix(rest, p.between[len(p.gaps)]) {
		return nil
	}
	s := &Said{Key: p.key, Text: text, Gaps: make(map[string]*Said, len(p.gaps))}
	if !m.fill(p, 0, rest, s.Gaps, deep) {
		return nil
	}
	return s
}

// fill finds what stands in the gaps from number n on. A gap ends where the words
// after it begin; where these come more than once, at the first place that makes
// everything fit.
func (m *matching) fill(p *pattern, n int, rest string, gaps map[string]*Said, deep int) bool {
	if n == len(p.gaps) {
		return rest == ""
	}
	after := p.between[n+1]
	if n == len(p.gaps)-1 {
		text, ok := strings.CutSuffix(rest, after)
		return ok && m.gap(p.gaps[n], text, gaps, deep)
	}
	for from := 1; from < len(rest); {
		at := strings.Index(rest[from:], after)
		if at < 0 {
			return false
		}
		end := from + at
		if m.gap(p.gaps[n], rest[:end], gaps, deep) && m.fill(p, n+1, rest[end+len(after):], gaps, deep) {
			return true
		}
		from = end + 1
	}
	return false
}

// gap holds a text against what may stand in a gap.
func (m *matching) gap(name, text string, gaps map[string]*Said, deep int) bool {
	if m.steps--; m.steps < 0 || text == "" {
		return false
	}
	k, ok := kinds[KindOf(name)]
	if !ok {
		return false
	}
	s := k(m, text, deep-1)
	if s == nil {
		return false
	}
	gaps[name] = s
	return true
}

// KindOf returns the kind of a gap: its name up to the first hyphen.
func KindOf(gap string) string {
	kind, _, _ := strings.Cut(gap, "-")
	return kind
}
