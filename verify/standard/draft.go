package standard

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
)

// Draft is an item before it is sealed: what its first event and record would say.
type Draft struct {
	Event   evidence.Event // of which occurred, recorded, signers and parent are read
	Fields  map[string]any
	Files   []evidence.FileValue
	Pending bool      // the files have not been read yet
	Now     time.Time // the moment for which it is judged
}

// JudgeDraft decides what a pack says of an item before anything is written.
func JudgeDraft(pack *rules.Pack, d *Draft) (*Judgement, error) {
	view, err := ViewOf(d.Fields)
	if err != nil {
		return nil, err
	}
	for i := range d.Files {
		if err := show(view, evidence.FileName(i+1), d.Files[i]); err != nil {
			return nil, err
		}
	}
	e := d.Event
	e.Action, e.Standard = evidence.Collect, string(pack.Name())
	in := &rules.Input{
		Links: []evidence.Link{{Event: &e, View: view}}, Timeline: &evidence.Timeline{}, Now: d.Now,
		FilesPending: d.Pending, Rooted: rules.FactTrue, ParentHeld: rules.FactTrue, // the desk derives from what it holds, and names the child itself
	}
	return Under(pack, in)
}

// ViewOf returns what a record of these fields would show, whole and unsalted.
func ViewOf(fields map[string]any) (*evidence.View, error) {
	view := &evidence.View{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := show(view, name, fields[name]); err != nil {
			return nil, err
		}
	}
	return view, nil
}

func show(v *evidence.View, name string, value any) error {
	raw, err := evidence.Canonical(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	v.Entries = append(v.Entries, evidence.ViewEntry{Form: evidence.Shown, Name: name, Value: raw})
	return nil
}

// ErrRefused is what every [Refusal] is.
var ErrRefused = errors.New("refused by the standard")

// Refusal says why an act is not to be done under a standard.
type Refusal struct {
	Standard rules.Name
	Reason   string // what about the pack itself or its fields; "" when Rules say it
	Rules    []Line // blocking rules that do not hold
}

// Error implements error.
func (r *Refusal) Error() string {
	if len(r.Rules) == 0 {
		return fmt.Sprintf("%s: %s", r.Standard, r.Reason)
	}
	l := r.Rules[0]
	text := fmt.Sprintf("%s, rule %s: %s", r.Standard, l.Rule.ID, l.Rule.Text)
	switch why := l.Why(); {
	case l.Status == rules.Fails:
		text = fmt.Sprintf("%s, rule %s is not kept: %s", r.Standard, l.Rule.ID, l.Rule.Text)
	case why != "":
		text += " (" + why + ")"
	}
	if n := len(r.Rules) - 1; n > 0 {
		text += fmt.Sprintf("; and %d more", n)
	}
	return text
}

// Is reports whether target is [ErrRefused].
func (r *Refusal) Is(target error) bool { return target == ErrRefused }

// Refuses returns a [*Refusal] when the act is not to be done: the pack is not in
// force, a field that it requires is missing, or a blocking rule does not hold.
// A rule that is only not yet due refuses nothing. What has not been read yet
// refuses nothing when pending.
func (j *Judgement) Refuses(act rules.Act, pending bool) error {
	r := &Refusal{Standard: j.Name}
	switch {
	case j.InForce.Status != rules.Holds:
		r.Reason = j.InForce.Detail
	case j.Fields.Status == rules.Fails:
		r.Reason = j.Fields.Detail
		if n := len(j.Result.Fields) - 1; n > 0 {
			r.Reason += fmt.Sprintf("; and %d more are missing or cannot be read", n)
		}
	}
	for i := range j.Lines {
		if l := &j.Lines[i]; l.Rule.BlocksAt(act) && l.refuses(pending) {
			r.Rules = append(r.Rules, *l)
		}
	}
	if r.Reason == "" && len(r.Rules) == 0 {
		return nil
	}
	if r.Reason != "" {
		r.Rules = nil
	}
	return r
}

// Forbids returns a [*Refusal] when a blocking rule refuses an act on an item that
// was sealed before: because it fails, or because what it asks for was never
// recorded. What is held back here, or not shown, refuses nothing.
func (j *Judgement) Forbids(act rules.Act) error {
	r := &Refusal{Standard: j.Name}
	for i := range j.Lines {
		l := &j.Lines[i]
		missing := l.Status == rules.Undecided && !slices.ContainsFunc(l.RuleResult.Why, func(w rules.Why) bool {
			return w.Cause != rules.Absent && w.Cause != rules.Malformed
		})
		if l.Rule.BlocksAt(act) && (missing || l.Status == rules.Fails) {
			r.Rules = append(r.Rules, *l)
		}
	}
	if len(r.Rules) == 0 {
		return nil
	}
	return r
}

func (l *Line) refuses(pending bool) bool {
	switch l.Status {
	case rules.Fails:
		return true
	case rules.Undecided:
		for _, w := range l.RuleResult.Why {
			if w.Cause != rules.NotYetDue && !(pending && w.Cause == rules.NotShown) {
				return true
			}
		}
	}
	return false
}
