package mla

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.org/custody/evidence/mla/clock"
	"example.org/custody/evidence/rules"
)

// ErrStep is what every [StepRefused] is.
var ErrStep = errors.New("the step is refused")

// Request is what a request was drafted as; it does not change.
type Request struct {
	Instrument *Instrument
	Form       *Form
	From       string // the state that asks, alpha-2
	To         string // the state that is asked, or where the provider is established
	Measures   []Measure
	Fields     map[string]any // of the form, as it stands

	held bool // some of Fields is held back from the reader
}

// Step is one arrow or note of a request.
type Step struct {
	To    State          // the state it leads to, or a [Note]
	By    Side           // who takes it
	At    time.Time      // when it occurred, in reference time
	Both  bool           // both sides have signed
	Facts map[string]any // what its record says: fields of the form request-step
}

// Note returns which note the step is, "" when it is an arrow.
func (s *Step) Note() Note {
	if n := Note(s.To); slices.Contains(Notes(), n) {
		return n
	}
	return ""
}

// History is the steps of a request so far, in order.
type History []Step

// State returns where the request stands: the draft before any step.
func (h History) State() State {
	for _, s := range slices.Backward(h) {
		if s.Note() == "" {
			return s.To
		}
	}
	return Draft
}

// before returns the last state that is not the present one.
func (h History) before() State {
	present, past := h.State(), Draft
	for _, s := range h {
		if s.Note() == "" && s.To != present {
			past = s.To
		}
	}
	return past
}

// reached reports whether a state was ever entered.
func (h History) reached(s State) bool {
	return s == Draft || slices.ContainsFunc(h, func(one Step) bool { return one.To == s })
}

// commits are the states in which the delivering side commits to an inventory.
// What any other step says of one commits nobody.
var commits = []State{"partial-delivery", "sealed-abroad", "produced"}

// committed returns the value that a fact had in the latest of those steps.
func (h History) committed(name string) any {
	for _, s := range slices.Backward(h) {
		if slices.Contains(commits, s.To) {
			return s.Facts[name]
		}
	}
	return nil
}

// Sent returns the number of entries and the root of the inventory that the other
// side committed to last, and whether it did.
func (h History) Sent() (count int, root string, ok bool) {
	count, ok = number(h.committed("inventory-count"))
	root = textOf(h.committed("inventory-root"))
	return count, root, ok && root != ""
}

// StepRefused says why a step cannot be taken.
type StepRefused struct {
	From, To State
	Rule     string // guard that it does not pass; "" when there is no such arrow
	Field    string // of the step, that the guard asks for
	Reason   string
}

// Error implements error.
func (e *StepRefused) Error() string {
	s := fmt.Sprintf("%s to %s: %s", e.From, e.To, e.Reason)
	if e.Rule != "" {
		s += fmt.Sprintf(" (%s, field %s)", e.Rule, e.Field)
	}
	return s
}

// Is reports whether target is [ErrStep].
func (e *StepRefused) Is(target error) bool { return target == ErrStep }

// Allowed returns nil when the step may follow the history, else a
// [*StepRefused]: there is no such arrow, it is another side's, or a guard is not
// passed. places is where the sides act, for guards that ask whether a deadline
// is over.
func (l *Library) Allowed(r *Request, h History, s Step, places Places) error {
	from := h.State()
	refuse := func(format string, args ...any) error {
		return &StepRefused{From: from, To: s.To, Reason: fmt.Sprintf(format, args...)}
	}
	m := MachineOf(r.Form.Machine)
	if m == nil {
		return refuse("the form %s begins nothing", r.Form.ID)
	}
	if n := len(h); n > 0 && s.At.Before(h[n-1].At) {
		return refuse("it occurred before the step before it")
	}
	if err := arrow(m, h, s, refuse); err != nil {
		return err
	}
	facts, err := l.facts(r, h, s, places)
	if err != nil {
		return err
	}
	if err := l.guard(from, s, facts); err != nil {
		return err
	}
	if _, err := l.Clocks(r, append(slices.Clone(h), s), places); errors.Is(err, clock.ErrRun) {
		return refuse("a deadline could not be computed any more: %v", err)
	}
	return nil
}

// arrow checks the step against the machine.
func arrow(m *Machine, h History, s Step, refuse func(string, ...any) error) error {
	from := h.State()
	if s.Note() != "" {
		if m.End(from) {
			return refuse("the request has ended")
		}
		return nil
	}
	a, ok := m.Arrow(from, s.To)
	switch {
	case !ok:
		return refuse("no arrow leads there; from %s the request goes on to %v", from, m.Next(from))
	case !slices.Contains(a.By, s.By):
		return refuse("the step is of %v, not of %s", a.By, s.By)
	case a.Back && h.before() != s.To:
		return refuse("it leads back to %s, from which it came", h.before())
	case a.Once && h.reached(s.To):
		return refuse("that is done once only")
	}
	return nil
}

// guard checks the step against the rules of the form request-step.
func (l *Library) guard(from State, s Step, facts map[string]any) error {
	problems, err := l.Check(stepForm(l), facts, s.At)
	if err != nil {
		return err
	}
	for _, p := range problems {
		if p.Severity == rules.Block {
			return &StepRefused{From: from, To: s.To, Rule: p.Rule, Field: p.Field, Reason: p.Text}
		}
	}
	return nil
}

// stepPack is the guards of steps.
const stepPack rules.Name = "request-step/1"

// stepForm is the guards as a form of one section.
func stepForm(l *Library) *Form {
	s := l.forms.Named(stepPack)[0] // Load refuses a folder without
	f := &Form{ID: "step", Form: stepPack, SHA256: s.Digest(), Title: s.Title}
	section := Section{ID: "step", Title: s.Title}
	for _, field := range s.Fields {
		section.Fields = append(section.Fields, field.Name)
	}
	f.Sections = []Section{section}
	return f
}

// facts are what the step says and what is computed; nobody states the latter.
func (l *Library) facts(r *Request, h History, s Step, places Places) (map[string]any, error) {
	out := maps.Clone(s.Facts)
	if out == nil {
		out = map[string]any{}
	}
	complete := true
	if err := l.Complete(r.Form, r.Fields, s.At); errors.Is(err, ErrIncomplete) {
		complete = false
	} else if err != nil {
		return nil, err
	}
	needed := r.needsValidation()
	if r.held {
		complete, needed = true, false // not known: [Case.Hidden] says so
	}
	late, err := l.late(r, h, s, places)
	if err != nil {
		return nil, err
	}
	ground := r.Instrument.ground(textOf(out["ground"]))
	maps.Copy(out, map[string]any{
		"to": string(s.To), "from": string(h.State()), "by": string(s.By), "both": s.Both, "complete": complete,
		"validated": h.reached("validated"), "validation-needed": needed, "late": late,
		"channel-known": slices.ContainsFunc(r.Instrument.Channels, func(c Channel) bool { return c.Code == textOf(out["channel"]) }),
		"ground-known":  ground != nil, "ground-barred": ground != nil && ground.barred(r.Measures),
		"clock-known":       r.deadline(textOf(out["clock"])) != nil,
		"extension-allowed": r.mayExtend(h, out), "own-clock": r.owes(s.By, textOf(out["clock"])),
	})
	for computed, stated := range map[string]string{"sent-count": "inventory-count", "sent-root": "inventory-root"} {
		delete(out, computed)
		if v := h.committed(stated); v != nil {
			out[computed] = v
		}
	}
	return out, nil
}

func textOf(v any) string { s, _ := v.(string); return s }

// ground returns the ground of an id, or nil.
func (i *Instrument) ground(id string) *Ground {
	for n := range i.Grounds {
		if i.Grounds[n].ID == id {
			return &i.Grounds[n]
		}
	}
	return nil
}

// barred reports whether the ground cannot be raised against any of the measures.
func (g *Ground) barred(measures []Measure) bool {
	for _, m := range measures {
		if !slices.Contains(g.Except, m) {
			return false
		}
	}
	return len(measures) > 0
}

// needsValidation reports whether the law wants another authority to validate.
func (r *Request) needsValidation() bool {
	return r.Form.Validation != nil && r.Form.Validation.in(r.Fields)
}

// in reports whether the fields have one of the values.
func (f *FieldIs) in(fields map[string]any) bool {
	return slices.Contains(f.Values, textOf(fields[f.Field]))
}

// owes reports whether a side is the one that a deadline asks to act.
func (r *Request) owes(side Side, id string) bool {
	d := r.deadline(id)
	return d != nil && d.Who == side
}

// mayExtend reports whether the instrument allows the extension that a step says.
func (r *Request) mayExtend(h History, facts map[string]any) bool {
	d := r.deadline(textOf(facts["clock"]))
	if d == nil || d.Extension == nil {
		return false
	}
	if d.Extension.Most == nil {
		return true
	}
	done := 0
	for _, s := range h {
		if s.Note() == NoteExtended && textOf(s.Facts["clock"]) == d.ID {
			done++
		}
	}
	by, ok := periodIn(facts)
	return ok && done < d.Extension.Times && by.Unit == d.Extension.Most.Unit && by.Length <= d.Extension.Most.Length
}

// periodIn reads the length of an extension.
func periodIn(facts map[string]any) (clock.Period, bool) {
	n, ok := number(facts["period-length"])
	p := clock.Period{Length: n, Unit: clock.Unit(textOf(facts["period-unit"]))}
	return p, ok && p.Valid()
}

// number reads an integer of a record, which JSON may have made a float.
func number(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case int64:
		return int(v), true
	case float64:
		return int(v), v == float64(int(v))
	}
	return 0, false
}

// Guards returns the rules that steps must pass.
func (l *Library) Guards() (*rules.Pack, error) { return l.Pack(stepForm(l)) }
