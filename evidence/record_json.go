package evidence

import "fmt"

// ParseEntries reads the canonical JSON array of a record's entries, as a vault
// keeps them: [{"name":…,"value":…},…]. It returns [ErrRecord] for anything
// else, and for an order, a name or a value that is not that of spec/record.md.
// Values alias b, which must not be changed afterwards.
func ParseEntries(b []byte) ([]Entry, error) {
	s := scanner{b: b}
	if !s.lit("[") {
		return nil, fmt.Errorf("%w: %w", ErrRecord, s.fail("want '['"))
	}
	var entries []Entry
	var order nameOrder
	for n := 0; !s.lit("]"); n++ {
		if n > 0 && !s.lit(",") {
			return nil, fmt.Errorf("%w: %w", ErrRecord, s.fail("want ',' or ']'"))
		}
		if n == MaxEntries {
			return nil, fmt.Errorf("%w: more than %d entries", ErrRecord, MaxEntries)
		}
		e, err := s.entry()
		if err == nil {
			err = order.next(n, e.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: entry %d: %w", ErrRecord, n, err)
		}
		entries = append(entries, e)
	}
	if err := s.end(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	return entries, nil
}

// entry consumes one entry.
func (s *scanner) entry() (Entry, error) {
	c := entryCursor{scanner: s}
	c.want(`{"name":"`)
	e := Entry{Name: c.name(`","value":`)}
	e.Value = c.value()
	c.want("}")
	if c.err == nil && len(e.Value) > MaxValue {
		c.err = fmt.Errorf("value of %d bytes, limit %d", len(e.Value), MaxValue)
	}
	return e, c.err
}
