package mla

import (
	"fmt"
	"path"
	"slices"

	"example.org/custody/evidence/rules"
)

// RollFormat is the format of instruments/parties/<id>-<version>.json.
const RollFormat = "custody/parties/v1"

// Roll is what is known of the states bound by an instrument beside what its own
// file says: parties come and go, and declare, without the law being another one. No
// request pins it. A state that is not on it is not known, which is never a no.
type Roll struct {
	Format     string          `json:"format"`
	Instrument string          `json:"instrument"` // its id
	Read       string          `json:"read"`       // the day on which somebody last looked
	Source     string          `json:"source"`     // where it is kept officially
	States     []RollState     `json:"states"`
	Version    int             `json:"version"`
	Reviewed   *rules.Reviewed `json:"reviewed,omitempty"`
}

// RollState is what is known of one state.
type RollState struct {
	Basis    Basis             `json:"basis"`
	Declares []RollDeclaration `json:"declares,omitempty"`
	From     string            `json:"from,omitempty"` // "": from when is not known here
	Source   string            `json:"source,omitempty"`
	State    string            `json:"state"`
	To       string            `json:"to,omitempty"`
}

// RollDeclaration is what a state has declared.
type RollDeclaration struct {
	Kind   string   `json:"kind"` // language, channel
	Values []string `json:"values"`
}

// Basis says how something is known; the list is closed.
type Basis string

// The ways of instruments/README.md, "Parties".
const (
	BasisRead      Basis = "read"      // somebody read the source on that day
	BasisKnowledge Basis = "knowledge" // it was written down from knowledge, and not checked
)

// NotChecked is what a user is told of everything that rests on [BasisKnowledge].
const NotChecked = "not checked against the official text"

// Known is what is known of a state under an instrument.
type Known struct {
	State     string   `json:"state"`
	Bound     Fit      `json:"bound"` // yes, no, unknown; model
	From      string   `json:"from,omitempty"`
	Languages []string `json:"languages"` // declared; none: not known here
	Channels  []string `json:"channels"`  // likewise
	Checked   bool     `json:"checked"`   // somebody read the source
	Read      string   `json:"read"`      // on which day it was looked at, or written down
	Source    string   `json:"source"`
}

// addRoll keeps the newest roll of each instrument.
func (l *Library) addRoll(name string, b []byte) error {
	var r Roll
	fault, err := rules.ReadData(name, b, &r)
	if err != nil {
		return err
	}
	v := &validation{fault: fault}
	v.that(r.Format == RollFormat, "format", "the format is %q, this reads %q", r.Format, RollFormat)
	v.that(idForm.MatchString(r.Instrument) && r.Version >= 1, "instrument", "%q, version %d, is no instrument", r.Instrument, r.Version)
	v.day(r.Read, "read")
	v.text(r.Source, "source")
	for n := range r.States {
		v.rollState(&r.States[n], r.States[:n], fmt.Sprintf("states[%d]", n))
	}
	if v.err != nil {
		return v.err
	}
	if want := fmt.Sprintf("%s-%d.json", r.Instrument, r.Version); path.Base(name) != want {
		return misnamed(name, want)
	}
	if old := l.rolls[r.Instrument]; old == nil || old.Version < r.Version {
		l.rolls[r.Instrument] = &r
	}
	return nil
}

func (v *validation) rollState(s *RollState, before []RollState, at string) {
	v.that(stateForm.MatchString(s.State), at, "%q is not a code of two letters", s.State)
	v.that(len(before) == 0 || before[len(before)-1].State < s.State, at, "%s stands there twice, or out of order", s.State)
	v.that(slices.Contains([]Basis{BasisRead, BasisKnowledge}, s.Basis), at+".basis", "%q is not one of read, knowledge", s.Basis)
	v.maybeDay(s.From, at+".from")
	v.maybeDay(s.To, at+".to")
	for _, d := range s.Declares {
		v.that(slices.Contains([]string{"language", "channel"}, d.Kind) && len(d.Values) > 0, at+".declares", "%q is not a kind of declaration, or declares nothing", d.Kind)
	}
}

// rollOf returns what the roll of an instrument says of a state, or nil.
func (l *Library) rollOf(i *Instrument, state string) (*Roll, *RollState) {
	r := l.rolls[i.ID]
	if r == nil {
		return nil, nil
	}
	for n := range r.States {
		if r.States[n].State == state {
			return r, &r.States[n]
		}
	}
	return r, nil
}

// Known returns what is known of a state under an instrument on a day: from the
// instrument's own file, or from the roll of its parties.
func (l *Library) Known(i *Instrument, state, day string) Known {
	fit, _ := i.binds(state, day)
	k := Known{
		State: state, Bound: fit, Languages: append([]string{}, i.Declared(state, "language")...), Channels: append([]string{}, i.Declared(state, "channel")...),
		Checked: i.Reviewed != nil, Read: i.Status.Read, Source: i.Law,
	}
	for _, p := range i.Parties {
		if p.State == state {
			k.From = p.From
		}
	}
	r, s := l.rollOf(i, state)
	if s == nil {
		return k
	}
	k.Checked, k.Read, k.Source = s.Basis == BasisRead, r.Read, r.Source
	if s.Source != "" {
		k.Source += ": " + s.Source
	}
	if fit == FitsMaybe && on(day, s.From, s.To) {
		k.Bound = Fits
	}
	if s.From != "" {
		k.From = s.From
	}
	for _, d := range s.Declares {
		if d.Kind == "language" {
			k.Languages = append(k.Languages, d.Values...)
		} else {
			k.Channels = append(k.Channels, d.Values...)
		}
	}
	return k
}

// bound says whether a state is bound, with what that rests on.
func (l *Library) bound(i *Instrument, state, day string) (Fit, string) {
	fit, why := i.binds(state, day)
	k := l.Known(i, state, day)
	if k.Bound != fit {
		fit, why = k.Bound, fmt.Sprintf("%s is bound by it, by %s, %s", state, k.Source, k.Read)
	}
	if fit == Fits && !k.Checked {
		why += " (" + NotChecked + ")"
	}
	return fit, why
}
