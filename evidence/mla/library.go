package mla

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/clock"
	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
)

// ErrUnknown reports an instrument, a form or a machine that is not here.
var ErrUnknown = errors.New("not known here")

// ZoneVersion is the version of the time zones that this program carries.
const ZoneVersion = "2025c"

// Library is instruments with their forms, calendars and zones. It does not
// change once loaded; several goroutines may use it.
type Library struct {
	Zones *clock.Zones

	instruments map[string]*Instrument // by name
	calendars   map[string]*clock.Calendar
	rolls       map[string]*Roll // by id of the instrument
	forms       *rules.Library
}

// Builtin returns what this program carries. It panics when that cannot be read,
// which a test rules out.
var Builtin = sync.OnceValue(func() *Library {
	files, err := fs.Sub(spec.Instruments, "instruments")
	if err == nil {
		var l *Library
		if l, err = Load(files, ZoneVersion); err == nil {
			return l
		}
	}
	panic("internal error: instruments of this program: " + err.Error())
})

// Load reads a folder as spec/instruments/README.md has it.
func Load(files fs.FS, zones string) (*Library, error) {
	l := &Library{instruments: map[string]*Instrument{}, calendars: map[string]*clock.Calendar{}, rolls: map[string]*Roll{}, forms: rules.NewLibrary()}
	var err error
	if l.Zones, err = clock.LoadZones(files, zones); err != nil {
		return nil, err
	}
	if err := each(files, "calendars/*.json", l.addCalendar); err != nil {
		return nil, err
	}
	if err := each(files, "forms/*.json", l.addForm); err != nil {
		return nil, err
	}
	if len(l.forms.Named(stepPack)) != 1 {
		return nil, fmt.Errorf("forms/: the guards of steps, %s, are not there", stepPack)
	}
	if err := each(files, "parties/*.json", l.addRoll); err != nil {
		return nil, err
	}
	return l, each(files, "*.json", l.addInstrument)
}

// each reads the files of a pattern in order.
func each(files fs.FS, pattern string, add func(name string, b []byte) error) error {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return err
	}
	for _, name := range names {
		if match, _ := path.Match("zones-*.json", name); match {
			continue
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if err := add(name, b); err != nil {
			return err
		}
	}
	return nil
}

func misnamed(name, want string) error {
	return &rules.LoadError{File: name, Reason: "the name of the file must be " + want}
}

// addCalendar keeps the newest version of each state.
func (l *Library) addCalendar(name string, b []byte) error {
	c, err := clock.ParseCalendar(name, b)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("%s-%d.json", c.State, c.Version); path.Base(name) != want {
		return misnamed(name, want)
	}
	if old := l.calendars[c.State]; old == nil || old.Version < c.Version {
		l.calendars[c.State] = c
	}
	return nil
}

func (l *Library) addForm(name string, b []byte) error {
	s, err := l.forms.Add(name, b)
	if err != nil {
		return err
	}
	if path.Base(name) != s.FileName() {
		return misnamed(name, s.FileName())
	}
	return nil
}

// addInstrument adds an instrument whose forms are here, with all their fields in
// sections.
func (l *Library) addInstrument(name string, b []byte) error {
	i, err := ParseInstrument(name, b)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("%s-%d.json", i.ID, i.Version); path.Base(name) != want {
		return misnamed(name, want)
	}
	for n := range i.Forms {
		if err := l.checkForm(&i.Forms[n]); err != nil {
			return &rules.LoadError{File: name, Reason: err.Error()}
		}
	}
	for n := range i.Deadlines {
		if err := l.checkCondition(i, &i.Deadlines[n]); err != nil {
			return &rules.LoadError{File: name, Reason: err.Error()}
		}
	}
	l.instruments[i.Name()] = i
	return nil
}

// checkForm: each field of the form stands in exactly one section.
func (l *Library) checkForm(f *Form) error {
	s, err := l.forms.Find(f.Form, f.SHA256)
	if err != nil {
		return fmt.Errorf("form %s: %w", f.ID, err)
	}
	var placed, asked []string
	for _, section := range f.Sections {
		placed = append(placed, section.Fields...)
	}
	for _, field := range s.Fields {
		asked = append(asked, field.Name)
	}
	slices.Sort(placed)
	slices.Sort(asked)
	if !slices.Equal(placed, asked) {
		return fmt.Errorf("form %s: the sections do not have each field of %s once", f.ID, f.Form)
	}
	if f.Validation != nil {
		return l.checkField(f, f.Validation)
	}
	return nil
}

// checkCondition: what a deadline depends on is a code of its form.
func (l *Library) checkCondition(i *Instrument, d *Deadline) error {
	if d.When == nil {
		return nil
	}
	f := i.FormFor(d.Form)
	if f == nil {
		return fmt.Errorf("deadline %s depends on a field, and on no form", d.ID)
	}
	return l.checkField(f, d.When)
}

// checkField: a condition is about a code of a form.
func (l *Library) checkField(f *Form, when *FieldIs) error {
	s, err := l.forms.Find(f.Form, f.SHA256)
	if err != nil {
		return err
	}
	for i := range s.Fields {
		if s.Fields[i].Name == when.Field && hasCodes(&s.Fields[i], when.Values) {
			return nil
		}
	}
	return fmt.Errorf("form %s has no field %s with the codes %v", f.ID, when.Field, when.Values)
}

func hasCodes(f *rules.Field, codes []string) bool {
	for _, code := range codes {
		if !slices.ContainsFunc(f.Values, func(v rules.Value) bool { return v.Code == code }) {
			return false
		}
	}
	return true
}

// Instruments returns all instruments by rank, then by name.
func (l *Library) Instruments() []*Instrument {
	all := slices.Collect(maps.Values(l.instruments))
	slices.SortFunc(all, func(a, b *Instrument) int {
		if a.Rank != b.Rank {
			return a.Rank - b.Rank
		}
		if a.ID == b.ID {
			return b.Version - a.Version
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// Instrument returns an instrument by "<id>/<version>", or by "<id>" its newest
// version, or [ErrUnknown].
func (l *Library) Instrument(name string) (*Instrument, error) {
	if i, ok := l.instruments[name]; ok {
		return i, nil
	}
	var ids []string
	for _, i := range l.Instruments() {
		if i.ID == name {
			return i, nil
		}
		ids = append(ids, i.ID)
	}
	if best := rules.Nearest(ids, name); best != "" {
		return nil, fmt.Errorf("instrument %q: %w; did you mean %s?", name, ErrUnknown, best)
	}
	return nil, fmt.Errorf("instrument %q: %w", name, ErrUnknown)
}

// Pinned returns the instrument of a name and digest, or [ErrUnknown].
func (l *Library) Pinned(name string, digest evidence.Hash) (*Instrument, error) {
	i, ok := l.instruments[name]
	if !ok || i.Digest() != digest {
		return nil, fmt.Errorf("instrument %s sha256:%s: %w", name, digest, ErrUnknown)
	}
	return i, nil
}

// Pack returns the compiled standard that a form is.
func (l *Library) Pack(f *Form) (*rules.Pack, error) { return l.forms.Pack(f.SHA256) }

// Forms returns the standards that forms are, and the guards of steps.
func (l *Library) Forms() *rules.Library { return l.forms }

// Place returns where a side has to act: zone and part may be "".
func (l *Library) Place(state, part, zone string) (*clock.Place, error) {
	loc, err := l.Zones.Of(state, zone)
	if err != nil {
		return nil, err
	}
	return &clock.Place{State: state, Part: part, Zone: loc, Calendar: l.calendars[state]}, nil
}

// on reports whether a day lies between two, which may be "".
func on(day, from, to string) bool { return (from == "" || from <= day) && (to == "" || day <= to) }

// dayOf returns the day of a moment in UTC.
func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }
