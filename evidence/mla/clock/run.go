package clock

import (
	"errors"
	"fmt"
	"time"
)

// ErrRun is what every error about a [Run] is.
var ErrRun = errors.New("not a period that can be computed")

// Unit is what a period is counted in; the list is closed.
type Unit string

// The units of spec/request.md, "Deadlines".
const (
	Hours       Unit = "hours"
	Days        Unit = "days"
	WorkingDays Unit = "working-days"
	Weeks       Unit = "weeks"
	Months      Unit = "months"
	Years       Unit = "years"
)

// family groups the units that may be added to each other.
func (u Unit) family() string {
	switch u {
	case Hours, WorkingDays:
		return string(u)
	case Days, Weeks, Months, Years:
		return string(Days)
	}
	return ""
}

// Period is a length, of 1 hour to 3,660 days: a month counts as 31 days here, a
// year as 366.
type Period struct {
	Length int  `json:"length"`
	Unit   Unit `json:"unit"`
}

// Bounds of a run, so that every one is computed in no time.
const (
	mostHours   = 24 * 3660
	mostChanges = 500 // of each kind
)

// hours is how long a unit is at most.
var hours = map[Unit]int{Hours: 1, Days: 24, WorkingDays: 24, Weeks: 7 * 24, Months: 31 * 24, Years: 366 * 24}

func (p Period) check() error {
	one := hours[p.Unit]
	if one == 0 || p.Length < 1 || p.Length > mostHours/one {
		return fmt.Errorf("%w: %d %q", ErrRun, p.Length, p.Unit)
	}
	return nil
}

// Valid reports whether the period can be computed.
func (p Period) Valid() bool { return p.check() == nil }

// String returns the period as "30 days".
func (p Period) String() string { return fmt.Sprintf("%d %s", p.Length, p.Unit) }

// Run is one period that runs: from when, how long, and what happened to it.
type Run struct {
	Start      time.Time   `json:"start"` // the event from which it runs
	Period     Period      `json:"period"`
	Extensions []Extension `json:"extensions,omitempty"`
	Pauses     []Pause     `json:"pauses,omitempty"`
	Restarts   []Restart   `json:"restarts,omitempty"`
}

// Extension makes a period longer. It outlasts a restart.
type Extension struct {
	Period Period `json:"period"`
	Reason string `json:"reason"`
}

// Pause is a time in which the period does not run.
type Pause struct {
	From   time.Time `json:"from"`
	Reason string    `json:"reason"`
	To     time.Time `json:"to,omitzero"` // zero: it lasts
}

// Restart lets the whole period run anew from a moment.
type Restart struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// check refuses what cannot be computed, and changes without a reason.
func (r *Run) check() error {
	if err := checkTime("start", r.Start); err != nil {
		return err
	}
	if err := r.Period.check(); err != nil {
		return err
	}
	if max(len(r.Extensions), len(r.Pauses), len(r.Restarts)) > mostChanges {
		return fmt.Errorf("%w: more than %d changes", ErrRun, mostChanges)
	}
	long := r.Period.Length * hours[r.Period.Unit]
	for _, x := range r.Extensions {
		if err := x.Period.check(); err != nil {
			return err
		}
		if long += x.Period.Length * hours[x.Period.Unit]; long > mostHours {
			return fmt.Errorf("%w: longer than %d days with its extensions", ErrRun, mostHours/24)
		}
		if x.Reason == "" || x.Period.Unit.family() != r.Period.Unit.family() {
			return fmt.Errorf("%w: an extension by %s of %s without a reason, or in another unit", ErrRun, x.Period, r.Period)
		}
	}
	for _, p := range r.Pauses {
		if err := checkTime("pause", p.From); err != nil {
			return err
		}
		if p.Reason == "" || !p.To.IsZero() && (!p.To.After(p.From) || p.To.Year() > lastYear) {
			return fmt.Errorf("%w: a pause without a reason, or that ends before it begins", ErrRun)
		}
	}
	for _, x := range r.Restarts {
		if err := checkTime("restart", x.At); err != nil {
			return err
		}
		if x.Reason == "" || x.At.Before(r.Start) {
			return fmt.Errorf("%w: a restart without a reason, or before the start", ErrRun)
		}
	}
	return nil
}

// Years outside of which nothing is computed: before, zones are no use; after,
// nobody knows their rules.
const firstYear, lastYear = 1970, 2199

func checkTime(what string, t time.Time) error {
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return fmt.Errorf("%w: %s in the year %d", ErrRun, what, y)
	}
	return nil
}

// from is the moment from which the period runs now.
func (r *Run) from() time.Time {
	t := r.Start
	for _, x := range r.Restarts {
		if x.At.After(t) {
			t = x.At
		}
	}
	return t
}
