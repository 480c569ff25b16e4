package verify

import (
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/clock"
)

// clocks says of every deadline that ended whether it was kept.
func (r *requestCase) clocks(a *answer) {
	all, err := mla.Builtin().Clocks(r.read.Law, r.read.History, r.read.Places)
	var counted []mla.Clock
	if err == nil {
		counted, err = mla.Builtin().Clocks(r.read.Law, r.counted(), r.read.Places)
	}
	if err != nil {
		a.add(conclude(checkClock, r.id.String(), undecided("the request cannot be read: %v", err), r.rests...))
		return
	}
	earliest, err := mla.Builtin().Clocks(r.read.Law, r.earliest(), r.read.Places)
	for i := range all {
		said := r.kept(&all[i], &counted[i], err == nil && r.keptAnyway(&all[i], &earliest[i]))
		a.add(conclude(checkClock, r.id.String()+" "+all[i].Rule.ID, said, r.rests...))
	}
}

// counted is the history at the moments that count: a step that was recorded long after
// it is said to have occurred, before that, or behind a checkpoint on which it rests, counts
// from when it was made (spec/event.md, "Times").
func (r *requestCase) counted() mla.History {
	h := slices.Clone(r.read.History)
	for n := range h {
		e := r.event(n)
		made, _ := r.when(e)
		if late := made.Sub(h[n].At); late < 0 || late > evidence.LateAfter || e.notAge.lower.After(h[n].At) {
			h[n].At = made
		}
		if n > 0 {
			h[n].At = later(h[n].At, h[n-1].At)
		}
	}
	return h
}

// earliest is the history at the earliest moments that are not one side's word: a step that
// it signed alone was not before the last step that another side signed, nor before what it
// rests on.
func (r *requestCase) earliest() mla.History {
	h := slices.Clone(r.read.History)
	for n := range h {
		if h[n].Both {
			continue
		}
		bound := later(farBack, r.event(n).notAge.lower)
		for m := range r.read.History[:n] {
			if h[m].Both || r.event(m).event.Signer().Authority != r.event(n).event.Signer().Authority {
				bound = later(bound, h[m].At)
			}
		}
		if bound.Before(h[n].At) {
			h[n].At = bound
		}
	}
	return h
}

// keptAnyway reports whether a deadline was kept though it began as early, and ended as late,
// as can be; of one that was changed that is not asked.
func (r *requestCase) keptAnyway(c, earliest *mla.Clock) bool {
	if c.MetBy < 0 || len(c.Run.Pauses)+len(c.Run.Restarts)+len(c.Changes) > 0 {
		return false
	}
	_, latest := r.when(r.event(c.MetBy))
	return inTime(earliest, latest) == Holds
}

// kept is what is said of a deadline. What one side alone signed, that which owed the act
// or not, is on its word, unless it was kept anyway.
func (r *requestCase) kept(c, counted *mla.Clock, anyway bool) result {
	if c.MetBy < 0 {
		return notApplicable("nothing shown ends the deadline %s", c.Rule.ID)
	}
	_, latest := r.when(r.event(c.MetBy))
	said := kept(c, counted, latest)
	if anyway {
		return said
	}
	for n, s := range slices.Backward(r.read.History[:c.MetBy+1]) {
		if !s.Both && (slices.Contains(c.Rule.Start, s.To) || slices.Contains(c.Rule.Ends, s.To)) {
			return onWord(said, &s, r.event(n))
		}
	}
	return said
}

// kept says whether a deadline that ended was kept: by the times that the steps state, if
// those that count, and the latest at which it can have ended, say the same.
func kept(c, counted *mla.Clock, latest time.Time) result {
	id, said := c.Rule.ID, inTime(c, c.Met)
	if inTime(counted, counted.Met) != said || inTime(counted, later(counted.Met, latest)) != said {
		return undecided("whether the deadline %s was kept rests on the word of who acted: done at %s, as stated", id, stamp(c.Met))
	}
	switch said {
	case Fails:
		return fails(Proof{"from": stamp(c.Computed.From), "done": stamp(c.Met), "source": c.Rule.Source}, "the deadline %s was missed by both readings: done at %s", id, stamp(c.Met))
	case Undecided:
		return undecided("whether the deadline %s was kept depends on the reading: done at %s", id, stamp(c.Met))
	}
	return holds("the deadline %s was kept by both readings: done at %s", id, stamp(c.Met))
}

// inTime says whether an act at a moment would be in time: it holds or fails by both
// readings, or is undecided.
func inTime(c *mla.Clock, at time.Time) Status {
	switch c.Computed.At(at) {
	case clock.Overdue:
		return Fails
	case clock.Disputed, clock.Undecided:
		return Undecided
	}
	return Holds
}
