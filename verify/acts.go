package verify

import (
	"example.org/custody/evidence"
	"example.org/custody/verify/admit"
)

// judgeActs asks, for every event in the order of its item, whether its signers
// could do it from where the item stood.
func (s *session) judgeActs() {
	for _, line := range s.d.Items {
		s.judgeHistory(s.items[line.Item])
	}
	for _, e := range s.events { // the items of keys, and any other
		if e.allowed == nil {
			s.judgeHistory(s.items[e.item])
		}
	}
}

func (s *session) judgeHistory(history []*eventCase) {
	var state admit.State
	var before *Finding
	for _, e := range history {
		if e.allowed != nil {
			return // judged already
		}
		if e.event == nil {
			state = state.Erased(e.hash)
			e.allowed = conclude(checkAllowed, e.subject, notApplicable("the event is not shown"))
			if e.line.Erased == nil {
				e.allowed = conclude(checkAllowed, e.subject, undecided("the envelope holds no event"))
			}
			continue
		}
		e.allowed = conclude(checkAllowed, e.subject, s.act(state, e.event), append(e.signatures, e.form, before)...)
		state, before = state.After(e.event, e.hash), e.allowed
	}
}

func (s *session) act(state admit.State, e *evidence.Event) result {
	if x := admit.Act(state, e); x != nil {
		return refused(x)
	}
	if r, ok := s.ownLedger(e); !ok {
		return r
	}
	return holds("%s by the %s is allowed from there", e.Action, signer(e.Signer()))
}

// ownLedger checks that an accept opens the next seal in a ledger of the state
// that enrolled the receiver (spec/event.md, "Handoff").
func (s *session) ownLedger(e *evidence.Event) (result, bool) {
	if e.Action != evidence.Accept || s.list == nil {
		return result{}, true
	}
	in := e.Opens.Next.Origin
	state, ok := s.list.StateOf(string(in))
	switch mine := string(e.Signer().Authority); {
	case !ok:
		return undecided("it opens the next seal in %s, a ledger that the trust list does not name", in), false
	case state != mine:
		return fails(Proof{"receiver_of": mine, "ledger": string(in), "ledger_of": state}, "it opens the next seal in a ledger of %s, and the receiver is of %s", state, mine), false
	}
	return result{}, true
}
