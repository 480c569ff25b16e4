package verify

import (
	"bytes"
	"io"
	"slices"

	"example.org/custody/evidence"
)

// findingsAtOnce is how many findings are put into JSON together.
const findingsAtOnce = 256

// WriteTo writes the one encoding of the verdict (spec/verdict.md) piece by piece: of many
// files it has tens of megabytes, which are nowhere as a whole. It returns the number of
// bytes, [evidence.ErrNotCanonical] for a verdict that has no such form, and w's error. It
// implements [io.WriterTo].
func (v *SenderVerdict) WriteTo(w io.Writer) (int64, error) {
	p := &pieces{w: w}
	p.verdict(*v)
	return p.n, p.err
}

// is reports whether b is the one encoding of the verdict, when each of its findings is
// put as says does.
func (v *SenderVerdict) is(b []byte, says func(Finding) Finding) bool {
	rest := expected(b)
	p := &pieces{w: &rest, says: says}
	p.verdict(*v)
	return p.err == nil && len(rest) == 0
}

// pieces writes canonical JSON, lists in it part by part: what is canonical by itself is so
// in its place. After an error nothing more is written.
type pieces struct {
	w    io.Writer
	says func(Finding) Finding // puts a finding in other words; nil: it stays as it is
	n    int64
	err  error
}

func (p *pieces) verdict(v SenderVerdict) {
	items := v.Items
	v.Items = []ItemVerdict{}
	p.around(v, "items", len(items), func(i int) { p.item(items[i]) })
}

func (p *pieces) item(v ItemVerdict) {
	questions := v.Questions
	v.Questions = []Question{}
	p.around(v, "questions", len(questions), func(i int) { p.question(questions[i]) })
}

func (p *pieces) question(q Question) {
	parts := slices.Collect(slices.Chunk(q.Findings, findingsAtOnce))
	q.Findings = []Finding{}
	p.around(q, "findings", len(parts), func(i int) {
		b := p.canonical(p.said(parts[i]))
		p.write(bytes.TrimSuffix(bytes.TrimPrefix(b, []byte{'['}), []byte{']'}))
	})
}

// said puts findings as they are to be written.
func (p *pieces) said(list []Finding) []Finding {
	if p.says == nil {
		return list
	}
	list = slices.Clone(list)
	for i, f := range list {
		list[i] = p.says(f)
	}
	return list
}

// around writes v, whose list of that name is empty and the first of the name, and writes
// n parts in its place.
func (p *pieces) around(v any, list string, n int, part func(i int)) {
	b := p.canonical(v)
	empty := []byte(`"` + list + `":[`) // no text has it: its quotation marks would be escaped
	before, after, _ := bytes.Cut(b, append(empty, ']'))
	if p.err != nil {
		return
	}
	p.write(before)
	p.write(empty)
	for i := range n {
		if i > 0 {
			p.write([]byte{','})
		}
		part(i)
	}
	p.write([]byte{']'})
	p.write(after)
}

func (p *pieces) canonical(v any) (b []byte) {
	if p.err == nil {
		b, p.err = evidence.Canonical(v)
	}
	return b
}

func (p *pieces) write(b []byte) {
	if p.err == nil {
		var n int
		n, p.err = p.w.Write(b)
		p.n += int64(n)
	}
}

// expected takes one text in pieces, and nothing else.
type expected []byte

// Write implements [io.Writer].
func (e *expected) Write(p []byte) (int, error) {
	rest, same := bytes.CutPrefix(*e, p)
	if !same {
		return 0, io.ErrShortWrite
	}
	*e = rest
	return len(p), nil
}
