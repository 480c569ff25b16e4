package verify

import (
	"fmt"
	"strconv"
	"time"
)

// complete answers question 4: is the history complete, and up to when?
func (c *itemCase) complete() Question {
	a := newAnswer(4)
	erased := 0
	for _, e := range c.history {
		a.add(e.included, e.closes)
		if e.line.Erased != nil {
			erased++
			a.add(e.form, c.erased(e))
		}
	}
	var open []*logCase
	for _, e := range c.history {
		for _, o := range c.openings(e) {
			x := c.account(e, o)
			a.add(x.accounted)
			a.add(x.rests()...)
			if x.epoch != nil {
				open = append(open, x.epoch)
			}
			if l := c.logs[o.origin]; l != nil {
				a.add(l.epoch)
			}
		}
	}
	for _, l := range c.logsOf(false) {
		a.add(l.shared.signed, l.court(), l.epoch)
	}
	if len(c.history) == 0 {
		a.add(conclude(checkAccounted, c.line.Item.String(), undecided("no event of this item is in the package")))
	}
	a.add(untimed(open)...)
	a.add(c.freshness(a, open))
	c.completeSentence(a, open, erased)
	return a.question(nil)
}

// packSlack is how far a packer's clock may be behind those of the states that
// cosigned what is in the package. What fell due in between would not show.
const packSlack = 10 * time.Minute

// freshness checks how old the proof is that nothing follows (rule P3).
func (c *itemCase) freshness(a *answer, open []*logCase) *Finding {
	id := c.line.Item.String()
	if len(open) == 0 {
		return conclude(checkFreshness, id, notApplicable("no seal is shown to be open, so nothing can grow old"))
	}
	t, why := earliest(open)
	at := c.asOf()
	a.fact("complete up to", stamp(t))
	for _, l := range open {
		a.fact("checkpoint", fmt.Sprintf("%s size %d, events below %d", l.line.Origin, l.shared.cp.Size, l.commits.Covered))
	}
	a.fact(c.asOfName(), stamp(at))
	switch {
	case t.IsZero():
		r := undecided("the time of completeness is not known: %s", why)
		return want(untimed(open), conclude(checkFreshness, id, r), r)
	case at.IsZero():
		return conclude(checkFreshness, id, undecided("nobody says when the package was made, so its age is not known"))
	case c.list == nil:
		return conclude(checkFreshness, id, undecided("there is no trust list that says how old is too old"))
	}
	if e := c.receivedAfter(t); e != nil {
		return conclude(checkFreshness, id, undecided("the proof is of %s, and %s was received at %s", stamp(t), e.subject, stamp(e.receipt.lower)))
	}
	age := at.Sub(t)
	a.fact("age of the proof", age.String())
	if age > c.list.MaxAge {
		return conclude(checkFreshness, id, undecided("the proof is %s old; the trust list allows %s", age, c.list.MaxAge))
	}
	if age < -c.list.MaxAge || c.opts.AsOf.IsZero() && age < -packSlack {
		return conclude(checkFreshness, id, undecided("the package says it was made %s before the proof in it", -age))
	}
	return conclude(checkFreshness, id, holds("the proof is %s old; the trust list allows %s", max(age, 0), c.list.MaxAge))
}

// receivedAfter returns an event of the item that was received after t, or nil.
func (c *itemCase) receivedAfter(t time.Time) *eventCase {
	for _, e := range c.history {
		if e.receipt.lower.After(t) {
			return e
		}
	}
	return nil
}

// asOfName says whose time completeness is judged for.
func (s *session) asOfName() string {
	if !s.opts.AsOf.IsZero() {
		return "as of"
	}
	if s.stamped {
		return "packed, as a timestamp token says"
	}
	return "packed, as the packer says"
}

// judgedFor is the same in the words of a sentence.
func (s *session) judgedFor() string {
	packed := ""
	if !s.packed.IsZero() {
		packed = "packed at " + stamp(s.packed) + ", " + s.says()
	}
	switch {
	case !s.opts.AsOf.IsZero() && packed != "":
		return "asked for " + stamp(s.opts.AsOf) + "; " + packed
	case !s.opts.AsOf.IsZero():
		return "asked for " + stamp(s.opts.AsOf)
	case packed != "":
		return packed
	}
	return "nobody says when it was put together"
}

// completeSentence always carries T and the time it is judged for (rule P3).
func (c *itemCase) completeSentence(a *answer, open []*logCase, erased int) {
	until := "to its end"
	if t, _ := earliest(open); !t.IsZero() {
		until = "up to " + stamp(t)
	} else if len(open) > 0 {
		until = "up to a moment that is not known"
	}
	gone := ""
	if erased > 0 {
		gone = "; " + strconv.Itoa(erased) + " erased"
		a.fact("erased", strconv.Itoa(erased))
	}
	alone := ""
	for _, l := range c.logsOf(false) {
		if l.shared.alone {
			alone = ", on the word of one state alone"
		}
	}
	a.fact("events", strconv.Itoa(len(c.history)))
	switch statusOf(a.findings) {
	case Holds:
		a.sentence = fmt.Sprintf("Nothing was left out %s%s; %s. Later acts would not show.", until, gone, c.judgedFor())
	case Fails:
		a.sentence = fmt.Sprintf("Something was left out, or is not what the ledger holds (looked at %s%s; %s).", until, gone, c.judgedFor())
	default:
		a.sentence = fmt.Sprintf("It could not be decided whether the history is complete %s%s%s; %s.", until, alone, gone, c.judgedFor())
	}
}

// untimed returns the findings because of which ledgers' checkpoints tell no time.
func untimed(open []*logCase) []*Finding {
	var list []*Finding
	for _, l := range open {
		if l.time.IsZero() && l.timeFrom != nil {
			list = append(list, l.timeFrom)
		}
	}
	return list
}

// earliest returns the T of the ledgers that show an item's seals unbroken, or
// why it is not known.
func earliest(of []*logCase) (time.Time, string) {
	var first time.Time
	for _, l := range of {
		if l.time.IsZero() {
			return time.Time{}, l.timeWhy
		}
		if first.IsZero() || l.time.Before(first) {
			first = l.time
		}
	}
	return first, ""
}
