package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// ParseView reads the canonical JSON form of a view: the array of
// spec/record.md, "View". It returns [ErrView] for anything else, including
// another encoding of the same view. Values alias b, which must not be changed
// afterwards: a view of 100,000 files costs little more memory than its bytes.
func ParseView(b []byte) (*View, error) {
	v, rest, err := CutView(b)
	if err == nil && len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after it", ErrView, len(rest))
	}
	return v, err
}

// CutView is [ParseView] for a view with something behind it, which is returned:
// it reads a view out of a larger document without a copy.
func CutView(b []byte) (v *View, rest []byte, err error) {
	s := scanner{b: b[:min(len(b), MaxCanonical)]}
	v = &View{}
	if !s.lit("[") {
		return nil, nil, fmt.Errorf("%w: %w", ErrView, s.fail("want '['"))
	}
	for n := 0; !s.lit("]"); n++ {
		if n > 0 && !s.lit(",") {
			return nil, nil, fmt.Errorf("%w: %w", ErrView, s.fail("want ',' or ']'"))
		}
		if n == MaxEntries {
			return nil, nil, fmt.Errorf("%w: more than %d entries", ErrView, MaxEntries)
		}
		e, err := s.viewEntry()
		if err != nil {
			return nil, nil, fmt.Errorf("%w: entry %d: %w", ErrView, n, err)
		}
		v.Entries = append(v.Entries, e)
	}
	if err := v.validate(); err != nil {
		return nil, nil, err
	}
	return v, b[s.i:], nil
}

// viewEntry consumes one entry. The three forms differ in their first member,
// and canonical order fixes everything else but the value.
func (s *scanner) viewEntry() (e ViewEntry, err error) {
	c := entryCursor{scanner: s}
	switch {
	case s.lit(`{"name":"`):
		e.Name = c.name(`","salt":"`)
		e.Salt = Salt(c.hash(`","value":`))
		e.Value = c.value()
	case s.lit(`{"hash":"`):
		e.Form = ValueWithheld
		e.Hash = c.hash(`","hash3":"`)
		e.Hash3 = c.hash(`","name":"`)
		e.Name = c.name(`","withheld":`)
		c.decode(&e.Withheld)
	case s.lit(`{"leaf":"`):
		e.Form = NameWithheld
		e.Hash = c.hash(`","leaf3":"`)
		e.Hash3 = c.hash(`","withheld":`)
		c.decode(&e.Withheld)
	default:
		return e, s.fail("not one of the three forms of an entry")
	}
	c.want("}")
	return e, c.err
}

// entryCursor reads the members of an entry; after the first failure it reads
// nothing more.
type entryCursor struct {
	*scanner
	err error
}

func (c *entryCursor) want(text string) {
	if c.err == nil && !c.lit(text) {
		c.err = c.fail("want " + text)
	}
}

// name reads a name, whose bytes need no escapes, and the text behind it.
func (c *entryCursor) name(behind string) string {
	if c.err != nil {
		return ""
	}
	n := bytes.IndexByte(c.b[c.i:], '"')
	if n < 0 || n > 255 {
		c.err = c.fail("no name")
		return ""
	}
	name := string(c.b[c.i : c.i+n])
	c.i += n
	c.want(behind)
	return name
}

// hash reads 64 digits and the text behind them.
func (c *entryCursor) hash(behind string) (h Hash) {
	if c.err != nil {
		return Hash{}
	}
	digits := c.b[c.i:min(len(c.b), c.i+2*len(h))]
	if len(digits) < 2*len(h) || !unhex(h[:], digits) {
		_, c.err = ParseHash(string(digits)) // says what is wrong
	}
	c.i += len(digits)
	c.want(behind)
	return h
}

// value reads a JSON value and returns its bytes, not copied.
func (c *entryCursor) value() json.RawMessage {
	if c.err != nil {
		return nil
	}
	start := c.i
	c.err = c.scanner.value()
	return json.RawMessage(c.b[start:c.i:c.i])
}

func (c *entryCursor) decode(into any) {
	if raw := c.value(); c.err == nil {
		c.err = ParseCanonical(raw, into)
	}
}

// UnmarshalJSON implements [json.Unmarshaler]; it is as strict as [ParseView].
func (v *View) UnmarshalJSON(b []byte) error {
	parsed, err := ParseView(bytes.Clone(b))
	if err != nil {
		return err
	}
	*v = *parsed
	return nil
}

// MarshalJSON implements [json.Marshaler] with the canonical form.
func (v View) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	if _, err := v.WriteTo(&buf); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// WriteTo writes the canonical JSON form, entry by entry, and returns the number
// of bytes. It returns [ErrView], before it writes anything, when the view is not
// valid. It implements [io.WriterTo].
func (v *View) WriteTo(w io.Writer) (n int64, err error) {
	if err := v.Validate(); err != nil {
		return 0, err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	put := func(b []byte) {
		m, _ := out.Write(b) // the writer keeps its first error for Flush
		n += int64(m)
	}
	var buf []byte
	put([]byte("["))
	for i := range v.Entries {
		buf = buf[:0]
		if i > 0 {
			buf = append(buf, ',')
		}
		if buf, err = v.Entries[i].append(buf); err != nil {
			return n, err
		}
		put(buf)
	}
	put([]byte("]"))
	return n, out.Flush()
}

// append appends the canonical JSON of a valid entry. Names and hashes need no
// escapes; members stand in canonical order.
func (e *ViewEntry) append(b []byte) ([]byte, error) {
	if e.Form == Shown {
		b = fmt.Appendf(b, `{"name":"%s","salt":"%s","value":`, e.Name, e.Salt)
		return append(append(b, e.Value...), '}'), nil
	}
	if e.Form == ValueWithheld {
		b = fmt.Appendf(b, `{"hash":"%s","hash3":"%s","name":"%s","withheld":`, e.Hash, e.Hash3, e.Name)
	} else {
		b = fmt.Appendf(b, `{"leaf":"%s","leaf3":"%s","withheld":`, e.Hash, e.Hash3)
	}
	why, err := Canonical(e.Withheld)
	return append(append(b, why...), '}'), err
}
