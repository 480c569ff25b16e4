package mla

import (
	"fmt"
	"slices"
	"time"
)

// Fit says whether an instrument can carry a request; the list is closed.
type Fit string

// The answers of spec/request.md, "Which instrument".
const (
	Fits      Fit = "yes"
	FitsNot   Fit = "no"
	FitsMaybe Fit = "unknown" // whether a state is a party is not known here
	FitsModel Fit = "model"   // it binds nobody, and can be used as a model
)

// Option is one instrument, whether it fits, and why.
type Option struct {
	Instrument *Instrument
	Fit        Fit
	Why        []string
	Parties    []Known // the state that asks, the state that is asked
}

// Which looks at every instrument for a request of one state to another, on a
// day, for a measure. Those that fit come first, by rank, then those that may,
// models, and those that do not; the first is the one proposed.
func (l *Library) Which(from, to string, m Measure, now time.Time) ([]Option, error) {
	switch {
	case !stateForm.MatchString(from) || !stateForm.MatchString(to):
		return nil, fmt.Errorf("a state is a code of two capital letters: %q, %q", from, to)
	case from == to:
		return nil, fmt.Errorf("%s asks itself: no instrument is needed", from)
	case !slices.Contains(Measures(), m):
		return nil, fmt.Errorf("measure %q: %w", m, ErrUnknown)
	}
	var all []Option
	for _, i := range l.newest() {
		if i.within() {
			continue // it is between authorities of one state
		}
		all = append(all, l.option(i, from, to, m, dayOf(now)))
	}
	order := []Fit{Fits, FitsMaybe, FitsModel, FitsNot}
	slices.SortStableFunc(all, func(a, b Option) int {
		return slices.Index(order, a.Fit) - slices.Index(order, b.Fit)
	})
	return all, nil
}

// newest returns the newest version of each instrument, by rank.
func (l *Library) newest() (all []*Instrument) {
	for _, i := range l.Instruments() {
		if !slices.ContainsFunc(all, func(o *Instrument) bool { return o.ID == i.ID }) {
			all = append(all, i)
		}
	}
	return all
}

// option judges one instrument.
func (l *Library) option(i *Instrument, from, to string, m Measure, day string) Option {
	o := Option{Instrument: i, Fit: Fits, Parties: []Known{l.Known(i, from, day), l.Known(i, to, day)}}
	o.note(i.covers(m))
	o.note(i.stands(day))
	o.note(l.bound(i, from, day))
	o.note(l.bound(i, to, day))
	return o
}

// note adds an answer: the worst one counts.
func (o *Option) note(fit Fit, why string) {
	worse := []Fit{Fits, FitsModel, FitsMaybe, FitsNot}
	if slices.Index(worse, fit) > slices.Index(worse, o.Fit) {
		o.Fit = fit
	}
	if why != "" {
		o.Why = append(o.Why, why)
	}
}

func (i *Instrument) covers(m Measure) (Fit, string) {
	if slices.Contains(i.Measures, m) {
		return Fits, fmt.Sprintf("it covers the measure %s", m)
	}
	return FitsNot, fmt.Sprintf("it does not cover the measure %s", m)
}

// stands: law that is not in force carries nothing; a model never is.
func (i *Instrument) stands(day string) (Fit, string) {
	switch {
	case i.Listed == ListedNone:
		return FitsModel, i.Status.Note
	case !i.Status.InForce:
		return FitsNot, fmt.Sprintf("it was not in force when it was last read, %s: %s", i.Status.Read, i.Status.Note)
	case !on(day, i.InForce.From, i.InForce.To):
		return FitsNot, fmt.Sprintf("it applies from %s and not on %s", i.InForce.From, day)
	}
	return Fits, ""
}

func (i *Instrument) binds(state, day string) (Fit, string) {
	if i.Listed == ListedNone {
		return FitsModel, ""
	}
	for _, p := range i.Parties {
		switch {
		case p.State != state:
		case on(day, p.From, p.To):
			return Fits, state + " is bound by it"
		case p.To != "" && i.Listed == ListedSome:
			return FitsMaybe, fmt.Sprintf("whether it still binds %s after %s is not known here", state, p.To)
		default:
			return FitsNot, fmt.Sprintf("it does not bind %s on %s", state, day)
		}
	}
	if i.Listed == ListedAll {
		return FitsNot, state + " is not bound by it"
	}
	return FitsMaybe, fmt.Sprintf("whether %s is bound by it is not known here and has to be looked up", state)
}

// Declared returns what a party has declared of a kind, nil when nothing is known.
func (i *Instrument) Declared(state, kind string) []string {
	for _, d := range i.Declarations {
		if d.State == state && d.Kind == kind {
			return d.Values
		}
	}
	return nil
}

// within reports whether the instrument is for requests within one state alone.
func (i *Instrument) within() bool {
	return len(i.Forms) > 0 && !slices.ContainsFunc(i.Forms, func(f Form) bool { return f.Machine != disclosure })
}
