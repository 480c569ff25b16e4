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
	f.physicalSeals(l)
	f.digests(l)
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
	case p == Absent && l.Event.Action == Accept && len(f.seals.numbers) > 0:
		f.gap(Gap{Code: GapSeal, Seq: l.Event.Seq, Detail: fmt.Sprintf("whoever took over compared no physical seal; left before: %s", list(f.seals.numbers))})
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
