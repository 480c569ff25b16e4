package mla

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// Entries of the records of a request (spec/request.md, "Item").
const (
	RequestEntry = "request/" // what it was drafted as; of the collect event
	FormEntry    = "form/"    // fields of its form; of the collect event, and of a step that states them anew
	StepEntry    = "step/"    // fields of request-step; of a step
)

// Errors about an item that is read as a request.
var (
	ErrNoRequest     = errors.New("the item is no request")
	ErrRequestRecord = errors.New("what the record says of the request cannot be read")
)

// Case is a request as the events of its item have it.
type Case struct {
	Law     *Request
	History History // the steps that count
	Events  []int64 // for each step of History its event's number
	Refused []RefusedStep
	Places  Places
	Hidden  bool // some of its form is held back: whether it was complete is not known
}

// RefusedStep is a step that is in the history and does not count: another program
// wrote it, past a guard.
type RefusedStep struct {
	Seq int64
	To  State
	Err error
}

// Read reads a request from the history of its item, erased events without event
// and view. Each step is held against arrows, sides and guards as whoever took it
// had to. Where the form is held back, what guards ask of it is taken to be so, and Hidden says that it is not known.
// A step that is erased, or of which anything is held back, does not count.
//
// It returns [ErrNoRequest] for an item that is none or whose first event is not
// shown, [ErrRequestRecord] where it cannot be read, [ErrUnknown] for an instrument
// that the library does not have.
func (l *Library) Read(history []evidence.Link) (*Case, error) {
	if len(history) == 0 || history[0].Event == nil {
		return nil, fmt.Errorf("%w: its first event is not shown", ErrNoRequest)
	}
	first := history[0]
	entries := ShownUnder(first.View, RequestEntry)
	if len(entries) == 0 || first.Event.Action != evidence.Collect {
		return nil, ErrNoRequest
	}
	c := &Case{Law: &Request{Fields: ShownUnder(first.View, FormEntry)}, Hidden: hidesUnder(first.View, FormEntry)}
	if err := l.pinned(c, entries); err != nil {
		return nil, err
	}
	for n, link := range history {
		switch {
		case link.Event == nil:
			c.Refused = append(c.Refused, RefusedStep{int64(n), "", errHeldBack})
		case link.Event.Action == evidence.Step:
			c.replay(l, link)
		}
	}
	return c, nil
}

// pinned reads what the request was drafted as.
func (l *Library) pinned(c *Case, entries map[string]any) error {
	digest, err := evidence.ParseHash(textOf(entries["sha256"]))
	if err != nil {
		return fmt.Errorf("%w: %v", ErrRequestRecord, err)
	}
	law := c.Law
	if law.Instrument, err = l.Pinned(textOf(entries["instrument"]), digest); err != nil {
		return err
	}
	if law.Form, err = law.Instrument.Beginning(textOf(entries["form"])); err != nil {
		return err
	}
	law.From, law.To = textOf(entries["from"]), textOf(entries["to"])
	if law.From == law.To && law.Form.Machine != disclosure {
		return fmt.Errorf("%w: %s asks itself", ErrRequestRecord, law.From)
	}
	measures, _ := entries["measures"].([]any)
	for _, m := range measures {
		law.Measures = append(law.Measures, Measure(textOf(m)))
	}
	place, err := l.Place(law.To, textOf(entries["part"]), textOf(entries["zone"]))
	if err != nil {
		return err
	}
	c.Places = Places{Executing: place, Provider: place, Enforcing: place}
	return nil
}

// replay adds a step if it passes what whoever took it had to pass. The form is
// stated anew by a step to ready alone.
func (c *Case) replay(l *Library, link evidence.Link) {
	step := c.step(link.Event, ShownUnder(link.View, StepEntry))
	if hidesUnder(link.View, StepEntry) {
		c.Refused = append(c.Refused, RefusedStep{link.Event.Seq, step.To, errHeldBack})
		return
	}
	if step.To == "" {
		return // a step of the item that is none of the request, such as a consent
	}
	law, hidden := *c.Law, c.Hidden
	if form := ShownUnder(link.View, FormEntry); step.To == "ready" && (len(form) > 0 || hidesUnder(link.View, FormEntry)) {
		law.Fields, hidden = form, hidesUnder(link.View, FormEntry)
	}
	law.held = hidden
	err := c.Law.OwnSide(step.By, string(link.Event.Signer().Authority))
	if err == nil {
		err = l.Allowed(&law, c.History, step, c.Places)
	}
	if err != nil {
		c.Refused = append(c.Refused, RefusedStep{link.Event.Seq, step.To, err})
		return
	}
	c.Law.Fields, c.Hidden = law.Fields, hidden
	c.History, c.Events = append(c.History, step), append(c.Events, link.Event.Seq)
}

// errHeldBack is why a step of which not all is shown does not count.
var errHeldBack = errors.New("it is held back or erased")

// OwnSide refuses with [ErrStep] a step of a side that the signer's state is not on.
func (r *Request) OwnSide(by Side, state string) error {
	if by == Issuing && state == r.From || by != Issuing && state == r.To {
		return nil
	}
	return fmt.Errorf("%w: an officer of %s acts for the side %q", ErrStep, state, by)
}

// BothSides reports whether officers of these states are both sides: one of each
// state, and of a request within one state two.
func (r *Request) BothSides(states []string) bool {
	return slices.Contains(states, r.From) && slices.Contains(states, r.To) && (r.From != r.To || len(states) > 1)
}

// step reads one step of the history.
func (c *Case) step(e *evidence.Event, facts map[string]any) Step {
	_, at := e.Occurred.Reference()
	s := Step{To: State(textOf(facts["to"])), By: Side(textOf(facts["by"])), At: at, Facts: facts}
	delete(facts, "to")
	delete(facts, "by")
	var states []string
	for _, signer := range e.Signers {
		states = append(states, string(signer.Authority))
	}
	s.Both = c.Law.BothSides(states)
	return s
}

// ShownUnder returns the entries of a record below a prefix, without it.
func ShownUnder(v *evidence.View, prefix string) map[string]any {
	out := map[string]any{}
	if v == nil {
		return out
	}
	for i := range v.Entries {
		e := &v.Entries[i]
		name, ok := strings.CutPrefix(e.Name, prefix)
		if !ok || e.Form != evidence.Shown {
			continue
		}
		var value any
		if json.Unmarshal(e.Value, &value) == nil {
			out[name] = value
		}
	}
	return out
}

// hidesUnder reports whether a record holds back a value below a prefix, or a name
// that may be one.
func hidesUnder(v *evidence.View, prefix string) bool {
	return v == nil || slices.ContainsFunc(v.Entries, func(e evidence.ViewEntry) bool {
		return e.Form == evidence.NameWithheld || e.Form != evidence.Shown && strings.HasPrefix(e.Name, prefix)
	})
}
