package evidence

import (
	"fmt"
	"time"
)

const (
	// LateAfter is how long before its envelope was made an act may count from;
	// one stated earlier than that is shown as a gap.
	LateAfter = 24 * time.Hour
	// UnloggedAfter is how long an envelope that takes custody may be in no
	// ledger, as a desk in the field is, before that is shown as a gap.
	UnloggedAfter = 7 * 24 * time.Hour
	// OffsetLimit is by how much a clock may be off, as measured, before its
	// times are in doubt.
	OffsetLimit = 24 * time.Hour
	// ClockSlack is how far two clocks may disagree before the times they
	// show are a contradiction: cosigners count whole seconds, and no offset
	// is measured exactly.
	ClockSlack = 10 * time.Second
)

// clockState is what is known of time so far, in reference time.
type clockState struct {
	latest time.Time // latest moment at which an act or a span began
	last   time.Time // when the last event shown was over
}

// clocks compares the event's times with each other, with what is proven, and
// with the events before (spec/event.md, "Times"). It returns the moment from
// which the event counts, which is never later than that at which its envelope
// was made, nor long before.
func (f *foldState) clocks(l Link) time.Time {
	from, to := l.Event.Occurred.Reference()
	made := f.made(l)
	stated := to
	if l.Event.Action.handoff() {
		stated = from
	}
	f.order(l.Event, stated)
	f.clock.latest = latest(f.clock.latest, earliest(from, made))
	f.clock.last = earliest(to, made)
	return f.counts(l, stated, made)
}

// handoff reports whether the action is one of those between giver and receiver,
// which count from when they began (rule P14); all others from when they were over.
func (a Action) handoff() bool {
	return a == Offer || a == Accept || a == Decline || a == Withdraw
}

// takes reports whether the action makes its signer answer for the item.
func (a Action) takes() bool { return a == Collect || a == Accept }

// made returns when the event's envelope was made: as stated, or where a proof
// contradicts that, the proven bound.
func (f *foldState) made(l Link) time.Time {
	e := l.Event
	made := e.Made()
	clock := func(format string, args ...any) {
		f.gap(Gap{Code: GapClock, Seq: e.Seq, Detail: fmt.Sprintf(format, args...)})
	}
	if off := e.Occurred.Offset(); off.Abs() > OffsetLimit {
		clock("its clock was off by %s, more than %s", off, OffsetLimit)
	}
	if _, to := e.Occurred.Reference(); made.Add(ClockSlack).Before(to) {
		clock("was recorded at %s, before it was over at %s", stamp(made), stamp(to))
	}
	switch {
	case !l.NotAfter.IsZero() && made.After(l.NotAfter.Add(ClockSlack)):
		clock("says it was recorded at %s, but its ledger had it by %s", stamp(made), stamp(l.NotAfter))
		return l.NotAfter
	case !l.NotBefore.IsZero() && made.Before(l.NotBefore.Add(-ClockSlack)):
		clock("says it was recorded at %s, but it rests on a checkpoint of %s", stamp(made), stamp(l.NotBefore))
		return l.NotBefore
	}
	return made
}

// order reports an event that counts from before an earlier one began. Intervals
// that overlap are no contradiction.
func (f *foldState) order(e *Event, stated time.Time) {
	if !stated.Before(f.clock.latest.Add(-ClockSlack)) {
		return
	}
	code, detail := GapClock, "was over at %s, before an earlier event at %s"
	switch {
	case e.Action == Accept:
		code, detail = GapOverlap, "took the item over from %s, while the giver still acted on it at %s"
	case e.Action.handoff():
		detail = "began at %s, before an earlier event at %s"
	}
	f.gap(Gap{Code: code, Seq: e.Seq, Begin: stated, End: f.clock.latest, Detail: fmt.Sprintf(detail, stamp(stated), stamp(f.clock.latest))})
}

// counts returns the moment from which an event counts: the stated one, unless
// that is after its envelope was made or so long before that it is its signer's
// word alone.
func (f *foldState) counts(l Link, stated, made time.Time) time.Time {
	e, at := l.Event, earliest(stated, made)
	late := func(at time.Time, format string, args ...any) time.Time {
		f.gap(Gap{Code: GapLate, Seq: e.Seq, Begin: stated, End: at, Detail: fmt.Sprintf(format, args...)})
		return at
	}
	if d := made.Sub(stated); d > LateAfter {
		format := "was recorded %s after it was over"
		if e.Action.handoff() {
			format = "was recorded %s after it began"
		}
		at = late(made, format, d)
	}
	if d := l.NotAfter.Sub(made); e.Action.takes() && !l.NotAfter.IsZero() && d > UnloggedAfter {
		at = late(l.NotAfter, "came into its ledger %s after it says it was recorded", d)
	}
	return at
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
