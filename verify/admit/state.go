package admit

import (
	"time"

	"example.org/custody/evidence"
)

// Phase is the state of custody that decides what may come next.
type Phase uint8

// The phases. The zero value is that of an item without events.
const (
	Birth    Phase = iota // no event yet
	Held                  // a custodian answers for it
	Offered               // an offer waits for its answer; the giver still answers
	Ended                 // returned, disposed of, or a key revoked
	Enrolled              // a key: enrolled and not revoked
	Unknown               // the event before was erased (rule P7)
)

// String returns the phase as words.
func (p Phase) String() string {
	return [...]string{"not begun", "held", "offered", "ended", "enrolled", "not known"}[p]
}

// State is what the acts so far have made of an item.
type State struct {
	Phase     Phase
	Custodian evidence.KeyID // who answers; the giver while Offered
	Receiver  evidence.KeyID // Offered: the key the offer names; zero when it names none
	Due       time.Time      // Offered: by when an answer is due
	Other     evidence.KeyID // the other side of a request: the key that its latest step named; zero: none
	Holds     int            // holds not yet released
	Ordered   int            // those of Holds that a prosecutor or a court put on
	// Blurred is set once an event was erased: it may have been a hold or a release.
	Blurred bool
	// Authority is that of an enrolled key; only it may revoke (rule P8).
	Authority evidence.StateCode

	// The chain: what the next event must be. Leaf is the zero hash when the
	// caller does not know it; then Previous is not compared.
	Seq  int64              // of the next event
	Leaf evidence.Hash      // leaf hash of the event before
	Next *evidence.NextSeal // the open seal; nil at birth, after the end, and after an erased event
}

// Replay returns the state after events, which the caller has found to be one
// item's history in order. leaves are their leaf hashes; it may be shorter or nil.
func Replay(events []*evidence.Event, leaves []evidence.Hash) State {
	var s State
	for i, e := range events {
		var leaf evidence.Hash
		if i < len(leaves) {
			leaf = leaves[i]
		}
		s = s.After(e, leaf)
	}
	return s
}

// After returns the state that e, with that leaf hash, makes of s. It does not
// ask whether e was allowed: a history that a ledger took is followed as it is.
func (s State) After(e *evidence.Event, leaf evidence.Hash) State {
	s.Seq, s.Leaf, s.Next = e.Seq+1, leaf, e.Opens.Next
	actor := e.Signer().Key
	switch e.Action {
	case evidence.Enrol:
		s.Phase, s.Authority = Enrolled, e.Signer().Authority
		return s
	case evidence.Collect, evidence.Accept:
		s.Phase, s.Custodian, s.Other = Held, actor, evidence.KeyID{}
	case evidence.Step:
		s.Other = s.other(e)
	case evidence.Offer:
		s.Phase, s.Due, s.Receiver = Offered, e.Due, evidence.KeyID{}
		if s.Custodian == (evidence.KeyID{}) {
			s.Custodian = actor // after an erased event: the giver says so
		}
		if e.Counterparty != nil && e.Counterparty.Kind == evidence.PartyKey {
			s.Receiver = e.Counterparty.Key
		}
		return s
	case evidence.Decline, evidence.Withdraw:
		s.Phase = Held
		if s.Custodian == (evidence.KeyID{}) {
			s.Phase = Unknown // who gave is not known either
		}
	case evidence.Examine, evidence.Derive, evidence.Disclose, evidence.Correct, evidence.Return, evidence.Dispose:
		if s.Phase == Unknown {
			s.Phase, s.Custodian = Held, actor // only a custodian may: after an erased event, it says who that is
		}
	case evidence.Hold:
		s.Holds++
		if ordering(e) {
			s.Ordered++
		}
	case evidence.Release:
		s.Holds = max(0, s.Holds-1)
		if ordering(e) {
			s.Ordered-- // theirs first
		}
		s.Ordered = min(max(0, s.Ordered), s.Holds)
	}
	s.Due, s.Receiver = time.Time{}, evidence.KeyID{}
	if e.Ends() {
		s.Phase = Ended
	}
	return s
}

// other is the other side after a step: whom it names, unless that is the custodian.
func (s State) other(e *evidence.Event) evidence.KeyID {
	if e.Counterparty == nil || e.Counterparty.Kind != evidence.PartyKey || e.Counterparty.Key == s.Custodian {
		return s.Other
	}
	return e.Counterparty.Key
}

// Erased returns the state after an event whose body was erased: nobody can say
// what it did, so the next act cannot be decided.
func (s State) Erased(leaf evidence.Hash) State {
	return State{Phase: Unknown, Blurred: true, Seq: s.Seq + 1, Leaf: leaf}
}
