package verify

import (
	"fmt"
	"time"

	"example.org/custody/evidence"
)

// between answers question 5: between which two moments was it sealed?
func (c *itemCase) between() Question {
	a := newAnswer(5)
	first := c.first()
	if first == nil || first.event == nil {
		a.add(conclude(checkBefore, c.line.Item.String(), undecided("the event that sealed the item is not shown")))
		return a.question(unsealedSentences)
	}
	bound := c.before(a, first)
	upper := bound.upper
	lower := c.after(a, first)
	a.add(c.claimed(first, lower, upper))
	for _, e := range c.history[1:] {
		if e.event == nil {
			continue
		}
		a.add(e.receipt.finding, e.notAge.finding)
		a.add(e.receipt.open...)
		a.add(e.receipt.tokens...)
		if e.receipt.finding != nil || e.notAge.finding != nil {
			a.add(c.claimed(e, e.notAge.lower, e.receipt.upper))
		}
	}
	a.fact("not before", stamp(lower))
	a.fact("not after", stamp(upper))
	a.fact("stated by the sealer", fmt.Sprintf("%s, clock: %s", statedTime(first.event), first.event.Occurred.Clock))
	a.sentence = betweenSentence(statusOf(a.findings), lower, bound)
	q := a.question(nil)
	if len(bound.tokens) > 0 {
		q.ByHand += " " + tokenByHand
	}
	return q
}

// statedTime says when an event says it was recorded, and how far off it says the
// clock of the act was.
func statedTime(e *evidence.Event) string {
	off := e.Occurred.Offset()
	switch {
	case off == 0:
		return stamp(e.Recorded)
	case e.Made().Equal(e.Recorded):
		return fmt.Sprintf("%s, the act by another clock that it says was %s off", stamp(e.Recorded), off)
	}
	return fmt.Sprintf("%s, by a clock that it says was %s off: %s", stamp(e.Recorded), off, stamp(e.Made()))
}

// betweenSentence names the two moments, as far as they are proven.
func betweenSentence(s Status, lower time.Time, bound receiptCase) string {
	upper := bound.upper
	moments := "not before " + stamp(lower) + " and not after " + stamp(upper)
	switch {
	case s == Fails:
		return "A time given here contradicts the proofs."
	case s == Holds && bound.stamped:
		return "It was sealed " + moments + "; other states' signatures bound the one, a timestamp token the other."
	case s == Holds:
		return "It was sealed " + moments + "; other states' signatures bound both."
	case lower.IsZero() && upper.IsZero():
		return "Neither bound of the time of sealing is proven."
	case lower.IsZero():
		return "It was sealed not after " + stamp(upper) + "; that it is not older is not proven."
	case upper.IsZero():
		return "It was sealed not before " + stamp(lower) + "; by when is not proven."
	}
	return "It was sealed " + moments + ", but not every time given here agrees."
}

var unsealedSentences = map[Status]string{Undecided: "Neither bound of the time of sealing is proven."}

// before finds the upper bound for the sealing: its own receipt, or else the
// shared checkpoint, which is later and just as sure.
func (c *itemCase) before(a *answer, e *eventCase) receiptCase {
	r := e.receipt
	if r.finding == nil {
		r = c.sharedReceipt(e)
	}
	a.add(r.finding)
	a.add(r.open...)
	a.add(r.tokens...)
	return r
}

// after finds the lower bound for the sealing.
func (c *itemCase) after(a *answer, e *eventCase) time.Time {
	if e.notAge.finding == nil {
		a.add(conclude(checkAfter, e.subject, undecided("it names no anchor, so only its own word says that it is not older")))
		return time.Time{}
	}
	a.add(e.notAge.finding)
	return e.notAge.lower
}

// claimed compares the stated time with the bounds. A clock that is wrong proves
// nothing against the evidence; so this is never more than undecided.
func (c *itemCase) claimed(e *eventCase, lower, upper time.Time) *Finding {
	recorded, off := e.event.Made(), e.event.Occurred.Offset()
	switch {
	case off.Abs() > evidence.OffsetLimit:
		return conclude(checkClaimed, e.subject, undecided("it says its clock was %s off: the clock was wrong", off))
	case !upper.IsZero() && recorded.After(upper.Add(evidence.ClockSlack)):
		return conclude(checkClaimed, e.subject, undecided("it says %s, and was in the ledger by %s: the clock was wrong", stamp(recorded), stamp(upper)))
	case !lower.IsZero() && recorded.Before(lower.Add(-evidence.ClockSlack)):
		return conclude(checkClaimed, e.subject, undecided("it says %s, and rests on a checkpoint of %s: the clock was wrong", stamp(recorded), stamp(lower)))
	case lower.IsZero() && upper.IsZero():
		r := undecided("there is no bound to hold the stated time %s against", stamp(recorded))
		return want([]*Finding{e.receipt.finding, e.notAge.finding}, conclude(checkClaimed, e.subject, r), r)
	}
	return conclude(checkClaimed, e.subject, holds("the stated time %s lies within the bounds", stamp(recorded)))
}
