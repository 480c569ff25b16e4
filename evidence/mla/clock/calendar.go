package clock

import (
	"fmt"
	"slices"
	"time"

	"example.org/custody/evidence/rules"
)

// calendarFormat is that of spec/instruments/calendars/<state>-<version>.json.
const calendarFormat = "custody/calendar/v1"

// Calendar is the public holidays of a state from one day to another, both
// included. Before and after, nothing is known.
type Calendar struct {
	Days     []Holiday       `json:"days"` // in order, each day once
	Format   string          `json:"format"`
	From     string          `json:"from"`
	Reviewed *rules.Reviewed `json:"reviewed,omitempty"` // nil: nobody has read it
	Source   string          `json:"source"`
	State    string          `json:"state"`
	To       string          `json:"to"`
	Version  int             `json:"version"`

	from, to Day
	byDay    map[Day]*Holiday
}

// Holiday is one day. Without Parts and Places it is one in the whole state.
type Holiday struct {
	Day    string   `json:"day"`
	Name   string   `json:"name"`
	Parts  []string `json:"parts,omitempty"`  // ISO 3166-2 codes, without the state's, of the parts that keep it
	Places []string `json:"places,omitempty"` // of the parts in which some places keep it
	// Unsettled says why it is not known whether the day counts; "": it does.
	Unsettled string `json:"unsettled,omitempty"`
}

// ParseCalendar reads a calendar. The name of the file is for errors, each of
// which is a [*rules.LoadError].
func ParseCalendar(file string, b []byte) (*Calendar, error) {
	c := &Calendar{byDay: map[Day]*Holiday{}}
	fault, err := rules.ReadData(file, b, c)
	if err != nil {
		return nil, err
	}
	if c.Format != calendarFormat {
		return nil, fault("format", "the format is %q, this reads %q", c.Format, calendarFormat)
	}
	if c.State == "" || c.Source == "" || c.Version < 1 {
		return nil, fault("", "state, source or version is empty")
	}
	if c.from, err = parseDay(c.From); err != nil {
		return nil, fault("from", "%v", err)
	}
	if c.to, err = parseDay(c.To); err != nil || c.to < c.from {
		return nil, fault("to", "%q is not a day, or lies before the first", c.To)
	}
	last := c.from - 1
	for i := range c.Days {
		h := &c.Days[i]
		d, err := parseDay(h.Day)
		if err != nil || d <= last || d > c.to || h.Name == "" {
			return nil, fault(fmt.Sprintf("days[%d]", i), "%q is not a day with a name, after the one before it, within the calendar", h.Day)
		}
		last, c.byDay[d] = d, h
	}
	return c, nil
}

func parseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a day as 2026-11-26", s)
	}
	return Day(t.Unix() / 86400), nil
}

// answer says whether a day is a working day.
type answer uint8

const (
	unknown answer = iota // why says why
	working
	free
)

// working says whether a day is a working day in a place, and if that is not
// known, why: Regulation 1182/71, article 2.
func (p *Place) working(d Day) (a answer, why string) {
	if d.Weekend() {
		return free, ""
	}
	c := p.Calendar
	switch {
	case c == nil:
		return unknown, fmt.Sprintf("there is no calendar of public holidays of %s", p.State)
	case d < c.from || d > c.to:
		return unknown, fmt.Sprintf("%s is outside the calendar of %s, which knows %s to %s", d, p.State, c.From, c.To)
	}
	h := c.byDay[d]
	switch {
	case h == nil:
		return working, ""
	case h.Unsettled != "":
		return unknown, fmt.Sprintf("whether %s (%s) is a public holiday of %s is not settled: %s", d, h.Name, p.State, h.Unsettled)
	case len(h.Parts)+len(h.Places) == 0 || slices.Contains(h.Parts, p.Part):
		return free, ""
	case p.Part == "" || slices.Contains(h.Places, p.Part):
		return unknown, fmt.Sprintf("%s (%s) is a public holiday in parts of %s only, and which part counts is not known", d, h.Name, p.State)
	}
	return working, ""
}
