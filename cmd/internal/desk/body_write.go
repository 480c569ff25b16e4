package desk

import (
	"bytes"
	"fmt"
	"io"

	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
)

// marshal returns the body's canonical bytes.
func (b *Body) marshal() ([]byte, error) {
	var buf bytes.Buffer
	_, err := b.WriteTo(&buf)
	return buf.Bytes(), err
}

// WriteTo implements [io.WriterTo] with the body's canonical bytes. Values and
// view are canonical already and may be tens of megabytes: they are written as
// they are, without a second copy.
func (b *Body) WriteTo(w io.Writer) (int64, error) {
	b.Format = bodyFormat
	short := *b
	short.Values, short.View = nil, nil
	head, err := evidence.Canonical(&short)
	if err != nil {
		return 0, err
	}
	out := &countingWriter{w: w}
	put := func(text []byte) {
		if err == nil {
			_, err = out.Write(text)
		}
	}
	put(head[:len(head)-1]) // what follows comes last in canonical order
	if len(b.Values) > 0 || b.files != nil {
		put([]byte(membersValues))
		if err == nil {
			err = bodyValues(out, b.Values, b.files)
		}
		put([]byte("]"))
	}
	if b.View != nil {
		put([]byte(memberView))
		put(*b.View)
	}
	put([]byte("}"))
	return out.n, err
}

// How the last members of a body begin. Inside a string they cannot stand: its
// quotation marks would be escaped.
const (
	membersValues = `,"values":[`
	memberView    = `,"view":`
)

// countingWriter counts what it writes.
type countingWriter struct {
	w io.Writer
	n int64
}

// Write implements [io.Writer].
func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// allValues returns the values of a body, those too that are not in memory.
func (b *Body) allValues() ([]Value, error) {
	if b.files == nil {
		return b.Values, nil
	}
	var buf bytes.Buffer
	buf.WriteByte('[')
	if err := bodyValues(&buf, b.Values, b.files); err != nil {
		return nil, err
	}
	buf.WriteByte(']')
	return evidence.ParseEntries(buf.Bytes())
}

// bodyValues writes the values of a body.
func bodyValues(w io.Writer, values []Value, files *vault.Spool) error {
	skip := 1 // the comma before the first
	for _, v := range values {
		text := fmt.Appendf(nil, `,{"name":"%s","value":%s}`, v.Name, v.Value)
		if _, err := w.Write(text[skip:]); err != nil {
			return err
		}
		skip = 0
	}
	if files == nil {
		return nil
	}
	_, err := files.WriteTo(&skipping{w, skip})
	return err
}

// skipping leaves the first bytes out.
type skipping struct {
	w io.Writer
	n int
}

// Write implements [io.Writer].
func (s *skipping) Write(p []byte) (int, error) {
	skip := min(s.n, len(p))
	s.n -= skip
	n, err := s.w.Write(p[skip:])
	return skip + n, err
}
