package mla

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/custody/evidence"
)

// ErrLimits reports bytes that are no list of use limits.
var ErrLimits = errors.New("not a list of use limits")

// MostLimits is how many limits an item can carry.
const MostLimits = 64

// Limit is how evidence may be used, as who gave it has laid down (spec/request.md,
// "Use limits").
type Limit struct {
	Confidential bool             `json:"confidential"`
	Exceptions   []LimitException `json:"exceptions"`
	Expires      time.Time        `json:"expires,omitzero"`
	Giver        string           `json:"giver"` // alpha-2
	Handling     []string         `json:"handling"`
	ID           string           `json:"id"`    // says which request it comes from
	Never        []string         `json:"never"` // states, alpha-2
	Onward       Decision         `json:"onward"`
	OtherUse     Decision         `json:"other-use"`
	Proceedings  []string         `json:"proceedings"`
	Purposes     []string         `json:"purposes"`
	Source       string           `json:"source"`
	States       []string         `json:"states"`
}

// LimitException is a use beside the purposes.
type LimitException struct {
	Kind   ExceptionKind `json:"kind"`
	Notice bool          `json:"notice"`
}

// Limits are those of one item: sorted, each once. The zero value is none.
type Limits struct {
	list  []Limit
	bytes [][]byte // canonical, in the same order
}

// NewLimits returns the limits of an item. Errors are [ErrLimits].
func NewLimits(list ...Limit) (Limits, error) {
	var out Limits
	for _, one := range list {
		if err := one.check(); err != nil {
			return Limits{}, err
		}
		b, err := evidence.Canonical(one)
		if err != nil {
			return Limits{}, fmt.Errorf("%w: %v", ErrLimits, err)
		}
		at, there := slices.BinarySearchFunc(out.bytes, b, bytes.Compare)
		if !there {
			out.bytes, out.list = slices.Insert(out.bytes, at, b), slices.Insert(out.list, at, one)
		}
	}
	if len(out.list) > MostLimits {
		return Limits{}, fmt.Errorf("%w: %d, at most %d", ErrLimits, len(out.list), MostLimits)
	}
	return out, nil
}

// ParseLimits reads the entry "limits" of a record, in its one encoding.
func ParseLimits(b []byte) (Limits, error) {
	var list []Limit
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&list); err != nil {
		return Limits{}, fmt.Errorf("%w: %v", ErrLimits, err)
	}
	out, err := NewLimits(list...)
	if err != nil {
		return Limits{}, err
	}
	if again, err := out.Marshal(); err != nil || !bytes.Equal(again, b) {
		return Limits{}, fmt.Errorf("%w: not in canonical form, or not sorted, each once", ErrLimits)
	}
	return out, nil
}

// Marshal returns the one encoding.
func (l Limits) Marshal() ([]byte, error) {
	if len(l.list) == 0 {
		return []byte("[]"), nil
	}
	return evidence.Canonical(l.list)
}

// List returns the limits, which must not be changed.
func (l Limits) List() []Limit { return l.list }

// Derived returns the limits of an item derived from parents: all of theirs, so
// that a use is allowed only where every parent allows it. Errors are [ErrLimits].
func Derived(parents ...Limits) (Limits, error) {
	var all []Limit
	for _, p := range parents {
		all = append(all, p.list...)
	}
	return NewLimits(all...)
}

// Limit returns the limit that a request's instrument lays on what it brings,
// for one proceeding. The state that is asked gives, the one that asks may have it.
func (r *Request) Limit(proceeding string, purposes ...string) Limit {
	use := &r.Instrument.Use
	l := Limit{
		ID: r.Instrument.Name() + " " + proceeding, Giver: r.To, States: []string{r.From}, Proceedings: []string{proceeding}, Purposes: []string{},
		OtherUse: use.OtherUse, Onward: use.Onward, Confidential: use.Confidential, Exceptions: []LimitException{}, Handling: []string{}, Never: []string{},
		Source: use.Source,
	}
	for _, p := range use.Purposes {
		if p == purposeStated {
			l.Purposes = append(l.Purposes, purposes...)
		} else {
			l.Purposes = append(l.Purposes, p)
		}
	}
	for _, x := range use.Exceptions {
		l.Exceptions = append(l.Exceptions, LimitException{x.Kind, x.Notice})
	}
	return l
}

// purposeStated stands in an instrument for the purposes of the request.
const purposeStated = "stated"

func (l *Limit) check() error {
	for name, codes := range map[string][]string{"giver": {l.Giver}, "states": l.States, "never": l.Never} {
		for _, c := range codes {
			if !stateForm.MatchString(c) {
				return fmt.Errorf("%w: %s: %q is not a code of two letters", ErrLimits, name, c)
			}
		}
	}
	decisions := []Decision{Allow, Ask, Deny}
	if l.ID == "" || l.Source == "" || !slices.Contains(decisions, l.OtherUse) || !slices.Contains(decisions, l.Onward) {
		return fmt.Errorf("%w: id or source is empty, or a decision is none of %v", ErrLimits, decisions)
	}
	for _, list := range [][]string{l.Handling, l.Never, l.Proceedings, l.Purposes, l.States} {
		if list == nil || slices.Contains(list, "") {
			return fmt.Errorf("%w: a list is missing, or has an empty text", ErrLimits)
		}
	}
	if l.Exceptions == nil {
		return fmt.Errorf("%w: exceptions are missing", ErrLimits)
	}
	for i, x := range l.Exceptions {
		twice := slices.ContainsFunc(l.Exceptions[:i], func(o LimitException) bool { return o.Kind == x.Kind })
		if twice || !slices.Contains([]ExceptionKind{Exculpatory, Threat, Related}, x.Kind) {
			return fmt.Errorf("%w: %q is not a kind of exception, or stands there twice", ErrLimits, x.Kind)
		}
	}
	if _, offset := l.Expires.Zone(); offset != 0 || l.Expires.Nanosecond()%int(time.Millisecond) != 0 {
		return fmt.Errorf("%w: expires is not in UTC, or finer than a millisecond", ErrLimits)
	}
	return nil
}
