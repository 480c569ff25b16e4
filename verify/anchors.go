package verify

import (
	"time"

	"example.org/custody/signing/trust"
)

// anchorCase is what an event's anchors show: it cannot be older.
type anchorCase struct {
	finding *Finding  // time.after; nil when the event names no anchor
	lower   time.Time // latest T of the anchors that count; zero when none does
}

// anchorsOf judges an event's anchors: whole notes, each under the receipt policy
// of its own ledger; others are ignored (rule P9).
func (s *session) anchorsOf(e *eventCase) anchorCase {
	if len(e.event.Anchors) == 0 {
		return anchorCase{}
	}
	var lower time.Time
	var best *checkpoint
	for _, a := range e.event.Anchors {
		c := s.checkpoint(a)
		if c.policy[trust.Receipt].Status == Holds && c.timed && c.lower.After(lower) {
			lower, best = c.lower, c
		}
	}
	if best == nil {
		return anchorCase{finding: conclude(checkAfter, e.subject, undecided("none of %s counts", count(len(e.event.Anchors), "anchor", "anchors")), e.included)}
	}
	f := conclude(checkAfter, e.subject, holds("it rests on the checkpoint of %s cosigned at %s", best.subject(), stamp(lower)), e.form)
	if f.Status != Holds {
		lower = time.Time{}
	}
	return anchorCase{finding: f, lower: lower}
}
