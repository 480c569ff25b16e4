package verify

import (
	"time"

	"example.org/custody/evidence"
)

// When an event may have been of which nothing tells by when it was logged, or that it is
// no older: later, and earlier, than any limit or deadline.
var (
	farAhead = time.Date(2199, 12, 31, 0, 0, 0, 0, time.UTC)
	farBack  = time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)
)

// when returns when an event's envelope was made, as stated or where a proof contradicts
// that the proven bound, and the latest moment at which it can have been made: when its
// ledger had it. What a signer says of the time is the word of whoever may gain by it.
func (s *session) when(e *eventCase) (made, latest time.Time) {
	made, latest = e.event.Made(), s.notAfter(e)
	if latest.IsZero() {
		latest = farAhead
	}
	if made.After(latest.Add(evidence.ClockSlack)) {
		made = latest
	}
	return later(made, e.notAge.lower), latest
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
