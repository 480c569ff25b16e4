package evidence

import "time"

// Link is one event of an item's history as a caller has proven it.
//
// An erased event (rule P7) is a Link without Event: its leaf is known, its body
// is destroyed. It needs an erasure, in a dispose event of the same history or
// in Erasure.
type Link struct {
	Leaf    Hash     // leaf hash, recomputed, never carried
	Event   *Event   // nil when erased
	View    *View    // verified view of its record; nil when nothing of it is known
	Closes  Seal     // erased only: the seal that its leaf closes
	Erasure *Erasure // erased only: what a dispose event of another history says of it

	// Moved says that the trust list names Event.Origin as the successor of the
	// retired ledger in which the closed seal was opened (rule P13).
	Moved bool

	// Bounds that do not rest on the signers' word; zero when there are none.
	NotBefore time.Time // from anchors (rule P9)
	NotAfter  time.Time // from the receipt
}

// ItemState is where an item stands after its last event; the list is closed.
type ItemState string

// The states of an item (spec/event.md, "Roles and acts").
const (
	StateHeld     ItemState = "held"
	StateOffered  ItemState = "offered"  // an offer is open and its time has not run out
	StateDisputed ItemState = "disputed" // an offer was not answered when due
	StateReturned ItemState = "returned"
	StateDisposed ItemState = "disposed"
	StateEnrolled ItemState = "enrolled" // a key
	StateRevoked  ItemState = "revoked"  // a key
	StateUnknown  ItemState = "unknown"  // erased events hide it
)

// SpanKind says how an item was held during a span; the list is closed.
type SpanKind string

// The kinds of a span.
const (
	SpanHeld     SpanKind = "held"
	SpanOffered  SpanKind = "offered"      // the giver answers until the accept (rule P14)
	SpanCarrier  SpanKind = "with-carrier" // in transit; whoever is named as custodian answers
	SpanDisputed SpanKind = "disputed"     // an offer past its due time
	SpanUnknown  SpanKind = "unknown"      // not shown: events were erased
	SpanEnded    SpanKind = "ended"        // returned, disposed of, or how is not shown
)

// Span is an interval in which one custodian answered for the item in one way.
// Times are reference time: each clock's stated offset is taken off.
type Span struct {
	Kind      SpanKind      `json:"kind"`
	Custodian *Signer       `json:"custodian,omitempty"`  // who answers; nil when unknown or ended
	OfferedTo *Counterparty `json:"offered_to,omitempty"` // while an offer is open
	Begin     time.Time     `json:"begin,omitzero"`       // zero when erased events hide it
	BeginSeq  int64         `json:"begin_seq"`            // the event it begins with; for disputed, the offer
	End       time.Time     `json:"end,omitzero"`         // zero while it goes on
	EndSeq    *int64        `json:"end_seq,omitempty"`    // the event it ends with; nil while it goes on, or when a due time ended it
}

// Purpose is what an open seal waits for.
type Purpose string

// The purposes of an open seal (rule P2).
const (
	PurposeNext   Purpose = "next"   // the item's next event
	PurposeChild  Purpose = "child"  // the first event of another item
	PurposeErased Purpose = "erased" // opened by an erased event; which of the two is not shown
)

// OpenSeal is a seal that the history opens and does not close. A verifier must
// account for each: unbroken in its ledger, or gone on as another item (rule P2).
type OpenSeal struct {
	Seal    Seal    `json:"seal"`
	Origin  Origin  `json:"origin,omitempty"` // the ledger it lives in; "" when an erased event opened it
	Purpose Purpose `json:"purpose"`
	Seq     int64   `json:"seq"` // the event that opened it
}

// PendingOffer is an offer that no event answers.
type PendingOffer struct {
	Seq   int64        `json:"seq"`
	Giver Signer       `json:"giver"`
	To    Counterparty `json:"to"`
	Due   time.Time    `json:"due"`
}

// Timeline is what an item's history says of its custody.
type Timeline struct {
	Item      ItemID        `json:"item"`
	State     ItemState     `json:"state"`
	Custodian *Signer       `json:"custodian,omitempty"` // who answers now; nil when ended, unknown, or a key
	Pending   *PendingOffer `json:"pending,omitempty"`   // while offered or disputed
	Holds     int           `json:"holds"`               // hold events not released
	Erased    int           `json:"erased"`              // events that are erased
	Spans     []Span        `json:"spans"`
	Open      []OpenSeal    `json:"open"`      // in the order opened
	Gaps      []Gap         `json:"gaps"`      // in the order of the events
	Undecided []Gap         `json:"undecided"` // comparisons that a held-back value prevents
}

// Fold turns an item's events, in order, into its timeline as of a moment. It
// is pure: the moment is an input, and decides only whether an open offer is
// past due; a zero asOf leaves it open.
//
// A history that cannot be one item's chain of seals, or an act that custody
// did not allow, gives a [*ChainError] together with the timeline up to the
// event before. A history that can be but leaves a doubt gives gaps. Nothing is
// sorted by time: the order is that of the seals.
//
// Fold checks neither signatures nor the signers' entitlement, except that
// custody moves only between the keys it names.
func Fold(links []Link, asOf time.Time) (*Timeline, error) {
	f := newFoldState(links)
	for i, l := range links {
		if err := f.add(int64(i), l); err != nil {
			f.finish(asOf)
			return f.t, err
		}
	}
	f.finish(asOf)
	if len(links) == 0 {
		return f.t, &ChainError{0, CheckSeq, "there is no event"}
	}
	return f.t, nil
}
