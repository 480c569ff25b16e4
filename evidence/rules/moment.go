package rules

import (
	"fmt"
	"reflect"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Interval is a moment that is known to lie between two, both included, in
// reference time. From is not after To.
type Interval struct {
	From time.Time
	To   time.Time
}

// At returns the interval of one exact moment.
func At(t time.Time) Interval { return Interval{t, t} }

// moment is an [Interval] as expressions see it, and where it stands.
type moment struct {
	Interval
	path string
}

// tell is true when that is sure, false when it is ruled out, and uncertain when
// a and b overlap so that it is neither.
func (a moment) tell(b moment, sure, ruledOut bool) ref.Val {
	switch {
	case sure:
		return types.True
	case ruledOut:
		return types.False
	}
	return unknown(Uncertain, a.path+" and "+b.path)
}

// before: a ends before b begins, or meets it.
func (a moment) before(b moment) ref.Val {
	return a.tell(b, !a.To.After(b.From), a.From.After(b.To))
}

// notBefore: a lies after the moment at which b begins.
func (a moment) notBefore(b moment) ref.Val {
	return a.tell(b, !a.From.Before(b.From), a.To.Before(b.From))
}

// notAfter: a lies before the moment at which b ends.
func (a moment) notAfter(b moment) ref.Val {
	return a.tell(b, !a.To.After(b.To), a.From.After(b.To))
}

// within: from a to b it is at most d and not below zero.
func (a moment) within(b moment, d time.Duration) ref.Val {
	shortest, longest := b.From.Sub(a.To), b.To.Sub(a.From)
	return a.tell(b, shortest >= 0 && longest <= d, longest < 0 || shortest > d)
}

// equal: both are one exact moment, and the same.
func (a moment) equal(b moment) ref.Val {
	if a.From.Equal(a.To) && b.From.Equal(b.To) {
		return types.Bool(a.From.Equal(b.From))
	}
	return a.tell(b, false, a.To.Before(b.From) || b.To.Before(a.From))
}

// Equal implements ref.Val.
func (a moment) Equal(other ref.Val) ref.Val {
	b, ok := other.(moment)
	if !ok {
		return types.False
	}
	return a.equal(b)
}

// ConvertToNative implements ref.Val; no expression needs it.
func (a moment) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("a time has no other form")
}

// ConvertToType implements ref.Val; no expression needs it.
func (a moment) ConvertToType(ref.Type) ref.Val { return types.NewErr("a time has no other type") }

// Type implements ref.Val.
func (a moment) Type() ref.Type { return celTime }

// Value implements ref.Val.
func (a moment) Value() any { return a.Interval }
