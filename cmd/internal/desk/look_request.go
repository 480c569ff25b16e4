package desk

import (
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// StepSummary is where a step of a request led.
type StepSummary struct {
	To      mla.State `json:"to"` // the state, or the note, that it names
	By      mla.Side  `json:"by,omitempty"`
	State   mla.State `json:"state"`             // in which the request stands once it is taken
	Refused string    `json:"refused,omitempty"` // why it does not count: the request stays where it was
}

// addSteps says of each step of a request where it led. What is no request, or one
// that cannot be read here, has nothing added; the latter is said.
func (s *Session) addSteps(h *History, it *Item) {
	r, err := s.Request(it)
	if err != nil {
		if !errors.Is(err, ErrNoRequest) {
			h.Unread = err.Error()
		}
		return
	}
	refused := map[int64]RefusedStep{}
	for _, x := range r.Refused {
		refused[x.Seq] = x
	}
	state, taken := mla.Draft, 0
	for i := range h.Events {
		e := &h.Events[i]
		if e.Action != evidence.Step {
			continue
		}
		if x, ok := refused[e.Seq]; ok {
			e.Step = &StepSummary{To: x.To, State: state, Refused: x.Err.Error()}
			continue
		}
		if taken == len(r.History) {
			return
		}
		step := r.History[taken]
		taken++
		if step.Note() == "" {
			state = step.To
		}
		e.Step = &StepSummary{To: step.To, By: step.By, State: state}
	}
}
