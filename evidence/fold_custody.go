package evidence

import (
	"fmt"
	"slices"
	"time"
)

// rule is from which states an act is possible and who must sign it first
// (spec/event.md, "Roles and acts"). Roles and entitlement are not decided here.
type rule struct {
	from      []ItemState
	custodian bool // signed first by who answers for the item
	receiver  bool // signed first by the key the offer names
	noHold    bool // not while a hold is on
}

var (
	held    = []ItemState{StateHeld}
	offered = []ItemState{StateOffered}
)

var rules = map[Action]rule{
	Offer:    {from: held, custodian: true},
	Accept:   {from: offered, receiver: true},
	Decline:  {from: offered, receiver: true},
	Withdraw: {from: offered, custodian: true},
	Examine:  {from: held, custodian: true},
	Derive:   {from: held, custodian: true},
	Disclose: {from: held, custodian: true},
	Correct:  {from: held, custodian: true},
	Hold:     {from: held},
	Release:  {from: held},
	Return:   {from: held, custodian: true, noHold: true},
	Dispose:  {from: held, custodian: true, noHold: true},
	Revoke:   {from: []ItemState{StateEnrolled}},
	Step:     {from: held},
}

// allowed checks the act against where the item stands. After erased events
// little is known, and only what is known is checked.
func (f *foldState) allowed(l Link) error {
	e := l.Event
	if e.Action.First() { // its place was checked with the chain
		return nil
	}
	fail := func(c ChainCheck, format string, args ...any) error {
		return &ChainError{e.Seq, c, fmt.Sprintf(format, args...)}
	}
	r := rules[e.Action]
	if f.first != "" && (f.first == Enrol) != (e.Action == Revoke) {
		return fail(CheckState, "%s of an item that began with %s", e.Action, f.first)
	}
	if f.t.State != StateUnknown && !slices.Contains(r.from, f.t.State) {
		return fail(CheckState, "%s of an item that is %s", e.Action, f.t.State)
	}
	if r.noHold && f.t.Holds > 0 {
		return fail(CheckState, "%s while a hold is on", e.Action)
	}
	if e.Action == Release && f.t.Holds == 0 && f.holds {
		return fail(CheckState, "release without a hold")
	}
	signer := e.Signer()
	if c := f.t.Custodian; r.custodian && c != nil && signer.Key != c.Key {
		return fail(CheckCustodian, "%s signed by key %s; key %s answers for the item", e.Action, signer.Key, c.Key)
	}
	p := f.t.Pending
	if r.receiver && p != nil && (p.To.Key == KeyID{} || signer.Key != p.To.Key) {
		return fail(CheckReceiver, "%s signed by key %s, which the offer does not name", e.Action, signer.Key)
	}
	if e.Action == Withdraw && p != nil && early(l, p.Due) && (p.To.Key == KeyID{} || !e.SignedBy(p.To.Key)) {
		return fail(CheckWithdraw, "withdrawn before %s without the receiver's signature", stamp(p.Due))
	}
	return nil
}

// early reports whether the event was made before due, by its own word or by
// its receipt.
func early(l Link, due time.Time) bool {
	return l.Event.Made().Before(due) || !l.NotAfter.IsZero() && l.NotAfter.Before(due)
}

// custody moves the item on from a moment. The act is allowed.
func (f *foldState) custody(l Link, at time.Time) {
	e := l.Event
	signer := e.Signer()
	if f.t.Pending != nil {
		f.answered(at)
	}
	f.t.Pending = nil
	switch e.Action {
	case Enrol:
		f.t.State = StateEnrolled
		return
	case Revoke:
		f.t.State = StateRevoked
		return
	case Hold:
		f.t.Holds++
	case Release:
		f.t.Holds = max(0, f.t.Holds-1)
	case Offer:
		f.t.Pending = &PendingOffer{e.Seq, signer, *e.Counterparty, e.Due}
	case Accept:
		f.t.Custodian = &signer
	}
	if rules[e.Action].custodian || e.Action == Collect {
		f.t.Custodian = &signer
	}
	f.settle(l, at)
}

// settle sets state and span after an event of an item that is not a key.
func (f *foldState) settle(l Link, at time.Time) {
	e := l.Event
	span := Span{Kind: SpanHeld, Custodian: f.t.Custodian, Begin: at, BeginSeq: e.Seq}
	switch {
	case e.Ends():
		f.t.State = StateReturned
		if e.Action == Dispose {
			f.t.State = StateDisposed
		}
		f.t.Custodian = nil
		span.Kind, span.Custodian = SpanEnded, nil
	case e.Action == Offer:
		f.t.State = StateOffered
		span.Kind, span.OfferedTo = SpanOffered, e.Counterparty
		if _, p := l.View.Lookup(FieldCarrier); p == Present || e.Counterparty.Kind == PartyCarrier {
			span.Kind = SpanCarrier
		}
	case f.t.Custodian == nil: // an erased event hides who holds it
		f.t.State = StateUnknown
		span.Kind = SpanUnknown
	default:
		f.t.State = StateHeld
		if f.t.Custodian.Role == RoleCarrier {
			span.Kind = SpanCarrier
		}
	}
	f.begin(span)
}

// begin starts a span, unless the one before goes on just the same. No span
// begins before the one before it: whatever says so left a gap ([foldState.clocks]).
func (f *foldState) begin(s Span) {
	if n := len(f.t.Spans); n > 0 {
		last := &f.t.Spans[n-1]
		if last.Kind == s.Kind && sameKey(last.Custodian, s.Custodian) && last.OfferedTo == s.OfferedTo {
			return
		}
		s.Begin = latest(s.Begin, last.Begin)
		last.End = s.Begin
		if s.Kind != SpanDisputed {
			last.EndSeq = &s.BeginSeq
		}
		if last.Kind == SpanUnknown {
			f.hidden(*last, s.Begin)
		}
	}
	f.t.Spans = append(f.t.Spans, s)
	f.clock.latest = latest(f.clock.latest, s.Begin)
}

func sameKey(a, b *Signer) bool {
	return a == b || a != nil && b != nil && a.Key == b.Key
}

// answered ends an open offer with an answer at a moment; one after the due
// time leaves a disputed span and a gap behind.
func (f *foldState) answered(at time.Time) {
	p := f.t.Pending
	if !at.After(p.Due) {
		return
	}
	f.gap(Gap{
		Code: GapOneSided, Seq: p.Seq, Begin: f.dispute(p), End: at,
		Detail: fmt.Sprintf("the offer was due by %s and answered at %s", stamp(p.Due), stamp(at)),
	})
}

// expire shows an offer that nothing answers as disputed once it is past due.
func (f *foldState) expire(asOf time.Time) {
	p := f.t.Pending
	if p == nil || !asOf.After(p.Due) {
		return
	}
	f.t.State = StateDisputed
	f.gap(Gap{
		Code: GapOneSided, Seq: p.Seq, Begin: f.dispute(p),
		Detail: fmt.Sprintf("the offer was due by %s and has no answer as of %s", stamp(p.Due), stamp(asOf)),
	})
}

// dispute begins the disputed span of an offer and returns from when on it is.
func (f *foldState) dispute(p *PendingOffer) time.Time {
	f.begin(Span{Kind: SpanDisputed, Custodian: f.t.Custodian, OfferedTo: &p.To, Begin: p.Due, BeginSeq: p.Seq})
	return f.t.Spans[len(f.t.Spans)-1].Begin
}

// erase notes that event seq is erased: from here on custody is not shown.
func (f *foldState) erase(seq int64, x Erasure) {
	f.t.Erased++
	f.gap(Gap{Code: GapSeq, Seq: seq, Detail: fmt.Sprintf("the event was erased by order %q", x.Order)})
	f.t.State, f.t.Custodian, f.t.Pending = StateUnknown, nil, nil
	f.holds = false
	f.seals = sealState{hidden: true}
	kind := SpanUnknown
	if len(x.Opened) == 0 {
		kind = SpanEnded
	}
	f.begin(Span{Kind: kind, Begin: f.clock.last, BeginSeq: seq})
}

// hidden reports the time for which erased events hide the custodian.
func (f *foldState) hidden(s Span, end time.Time) {
	f.gap(Gap{Code: GapTime, Seq: s.BeginSeq, Begin: s.Begin, End: end, Detail: "who held the item is not shown: an event was erased"})
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
