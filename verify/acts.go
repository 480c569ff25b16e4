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
		e.allowed = conclude(checkAllowed, e.subject, act(state, e.event), append(e.signatures, e.form, before)...)
		state, before = state.After(e.event, e.hash), e.allowed
	}
}

func act(state admit.State, e *evidence.Event) result {
	if x := admit.Act(state, e); x != nil {
		return refused(x)
	}
	return holds("%s by the %s is allowed from there", e.Action, signer(e.Signer()))
}
