package evidence

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// GapCode names a kind of doubt about custody; the list is closed.
type GapCode string

// The gap codes. [Fold] reports the first eight; the others need what it does
// not see (signatures, trust, standards) and are for its callers.
const (
	GapTime     GapCode = "GAP-TIME"     // no custodian is shown for a time
	GapOneSided GapCode = "GAP-ONESIDED" // an offer without, or only with a late, answer
	GapOverlap  GapCode = "GAP-OVERLAP"  // two custodians at once
	GapSeal     GapCode = "GAP-SEAL"     // physical seal numbers do not match
	GapHash     GapCode = "GAP-HASH"     // bytes checked again were not the same
	GapSeq      GapCode = "GAP-SEQ"      // an event of the chain is not there
	GapLate     GapCode = "GAP-LATE"     // recorded long after it occurred
	GapClock    GapCode = "GAP-CLOCK"    // times contradict each other or a proof
	GapAuth     GapCode = "GAP-AUTH"     // no legal authority, or expired
	GapRole     GapCode = "GAP-ROLE"     // no appointment
	GapTool     GapCode = "GAP-TOOL"     // a tool without validation
	GapSet      GapCode = "GAP-SET"      // a count or inventory does not match
	GapLimit    GapCode = "GAP-LIMIT"    // used outside its purpose
	GapSig      GapCode = "GAP-SIG"      // a signature is missing
	GapTS       GapCode = "GAP-TS"       // a timestamp is missing
)

// Gap is one doubt about custody, with one plain sentence.
type Gap struct {
	Code   GapCode   `json:"code"`
	Seq    int64     `json:"seq"` // the event it stands at
	Detail string    `json:"detail"`
	Begin  time.Time `json:"begin,omitzero"` // of the time in doubt, when it is one
	End    time.Time `json:"end,omitzero"`   // zero while it goes on
}

const (
	// LateAfter is how long after an act its envelope may be made before that
	// is shown as a gap.
	LateAfter = 24 * time.Hour
	// ClockSlack is how far two clocks may disagree before the times they
	// show are a contradiction: cosigners count whole seconds, and no offset
	// is measured exactly.
	ClockSlack = 10 * time.Second
)

func (f *foldState) gap(g Gap) { f.t.Gaps = append(f.t.Gaps, g) }

// doubts looks for gaps at an event that has its place in the chain.
func (f *foldState) doubts(l Link) {
	e := l.Event
	if e.Continues != (ItemID{}) {
		f.gap(Gap{Code: GapSeq, Seq: e.Seq, Detail: fmt.Sprintf("goes on from item %s, whose last seal was closed by no valid event", e.Continues)})
	}
	if e.Offer != (Hash{}) {
		f.gap(Gap{Code: GapOneSided, Seq: e.Seq, Detail: fmt.Sprintf("received under offer %s, which the giver's ledger had not closed", e.Offer)})
	}
	f.clocks(l)
	f.physicalSeals(l)
	f.digests(l)
}

// clockState is what is known of time so far, in reference time.
type clockState struct {
	latest time.Time // latest moment at which an event began
	last   time.Time // when the last event shown was over
}

// clocks compares the event's times with each other, with what is proven, and
// with the events before. Intervals that overlap are no contradiction.
func (f *foldState) clocks(l Link) {
	e := l.Event
	o := e.Occurred
	from, to := o.Reference()
	recorded := e.Recorded.Add(from.Sub(o.From))
	clock := func(format string, args ...any) {
		f.gap(Gap{Code: GapClock, Seq: e.Seq, Detail: fmt.Sprintf(format, args...)})
	}
	if e.Recorded.Before(o.To) {
		clock("was recorded at %s, before it was over at %s", stamp(e.Recorded), stamp(o.To))
	}
	if late := e.Recorded.Sub(o.To); late > LateAfter {
		f.gap(Gap{Code: GapLate, Seq: e.Seq, Detail: fmt.Sprintf("was recorded %s after it was over", late)})
	}
	if !l.NotAfter.IsZero() && recorded.After(l.NotAfter.Add(ClockSlack)) {
		clock("says it was recorded at %s, but its ledger had it by %s", stamp(recorded), stamp(l.NotAfter))
	}
	if !l.NotBefore.IsZero() && recorded.Before(l.NotBefore.Add(-ClockSlack)) {
		clock("says it was recorded at %s, but it rests on a checkpoint of %s", stamp(recorded), stamp(l.NotBefore))
	}
	if to.Before(f.clock.latest.Add(-ClockSlack)) {
		code, detail := GapClock, "was over at %s, before an earlier event began at %s"
		if e.Action == Accept {
			code, detail = GapOverlap, "took the item over by %s, while the giver still acted on it at %s"
		}
		f.gap(Gap{Code: code, Seq: e.Seq, Begin: to, End: f.clock.latest, Detail: fmt.Sprintf(detail, stamp(to), stamp(f.clock.latest))})
	}
	if from.After(f.clock.latest) {
		f.clock.latest = from
	}
	f.clock.last = to
}

// sealState is what is known of the numbers on the bag.
type sealState struct {
	stated  bool // an event before said what they are
	hidden  bool // an event before may have changed them, but does not show it
	numbers []string
}

// physicalSeals compares the numbers found with those left before.
func (f *foldState) physicalSeals(l Link) {
	if l.Event.Action == Enrol || l.Event.Action == Revoke {
		return
	}
	if l.Event.Action == Collect {
		f.leave(l, FieldPhysicalSeal)
		return
	}
	found, p := numbers(l, FieldSealBefore)
	switch {
	case p == Present && f.seals.stated && !slices.Equal(found, f.seals.numbers):
		f.gap(Gap{Code: GapSeal, Seq: l.Event.Seq, Detail: fmt.Sprintf("physical seals found: %s; left before: %s", list(found), list(f.seals.numbers))})
	case p == Present && f.seals.hidden, p == Unknown && f.seals.stated:
		f.t.Undecided = append(f.t.Undecided, Gap{Code: GapSeal, Seq: l.Event.Seq, Detail: "physical seal numbers are not all shown and cannot be compared"})
	}
	if p == Present {
		f.seals = sealState{stated: true, numbers: found}
	}
	f.leave(l, FieldSealAfter)
}

// leave notes the numbers that an event says it left.
func (f *foldState) leave(l Link, field string) {
	left, p := numbers(l, field)
	switch p {
	case Present:
		f.seals = sealState{stated: true, numbers: left}
	case Unknown:
		f.seals = sealState{hidden: true}
	}
}

// numbers reads a field of physical seal numbers as a sorted set.
func numbers(l Link, field string) ([]string, Presence) {
	numbers, p, _ := Value[[]string](l.View, field) // what is not a list is unknown
	slices.Sort(numbers)
	return slices.Compact(numbers), p
}

func list(numbers []string) string {
	if len(numbers) == 0 {
		return "none"
	}
	return strings.Join(numbers, ", ")
}

// digests reports bytes that were checked again and were not the same.
func (f *foldState) digests(l Link) {
	check, p, err := Value[DigestCheck](l.View, FieldDigests)
	switch {
	case err != nil:
		f.t.Undecided = append(f.t.Undecided, Gap{Code: GapHash, Seq: l.Event.Seq, Detail: "digests is not a list of what was checked"})
	case p == Present && len(check.Different) > 0:
		f.gap(Gap{Code: GapHash, Seq: l.Event.Seq, Detail: fmt.Sprintf("checked again, %d of %d files were not the same: %s", len(check.Different), check.Checked, list(check.Different))})
	}
}
