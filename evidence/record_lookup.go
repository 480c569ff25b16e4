package evidence

import (
	"encoding/json"
	"fmt"
	"iter"
)

// Presence is the answer to "what does the record say under this name?" when
// some of it may be held back (rule P5). The zero value is the careful one.
type Presence uint8

// The three answers. Unknown never holds: a rule that needs the value is
// undecided.
const (
	Unknown Presence = iota // held back, or absent while any name is held back
	Present                 // shown
	Absent                  // the record has no entry of this name, for sure
)

// String returns the answer as a word.
func (p Presence) String() string {
	switch p {
	case Present:
		return "present"
	case Absent:
		return "absent"
	}
	return "unknown"
}

// Lookup returns the canonical value under name when it is shown. A nil view,
// of a record of which nothing is known, answers [Unknown].
func (v *View) Lookup(name string) (json.RawMessage, Presence) {
	if v == nil {
		return nil, Unknown
	}
	answer := Absent
	for i := range v.Entries {
		switch e := &v.Entries[i]; {
		case e.Form == NameWithheld:
			answer = Unknown
		case e.Name != name:
		case e.Form == Shown:
			return e.Value, Present
		default:
			return nil, Unknown
		}
	}
	return nil, answer
}

// Value decodes the value under name into a T when it is shown. It returns an
// error when a shown value is no T; the presence is then Unknown, because
// nothing can be said.
func Value[T any](v *View, name string) (value T, p Presence, err error) {
	raw, p := v.Lookup(name)
	if p != Present {
		return value, p, nil
	}
	if err := ParseCanonical(raw, &value); err != nil {
		var none T
		return none, Unknown, fmt.Errorf("%s: %w", name, err)
	}
	return value, Present, nil
}

// Files yields the entries of files whose names are shown, by file number from 1.
func (v *View) Files() iter.Seq2[int, ViewEntry] {
	return func(yield func(int, ViewEntry) bool) {
		for _, e := range v.Entries {
			if n := fileNumber(e.Name); n > 0 && !yield(n, e) {
				return
			}
		}
	}
}

// Withheld returns how many entries are held back.
func (v *View) Withheld() int {
	n := 0
	for i := range v.Entries {
		if v.Entries[i].Form != Shown {
			n++
		}
	}
	return n
}
