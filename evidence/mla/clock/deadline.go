package clock

import (
	"fmt"
	"time"
)

// Place is where the one who must act is: it has the zone whose days count and
// the holidays.
type Place struct {
	State    string         // alpha-2
	Part     string         // ISO 3166-2 code without the state's; "": not known
	Zone     *time.Location // never nil
	Calendar *Calendar      // nil: none, so holidays are not known
}

// Reading is what one way of counting says.
type Reading struct {
	Day       string    // the last day; "" for a period in hours
	End       time.Time // the first moment after the period, in the place's zone; zero when undecided or paused
	Undecided string    // why; "" otherwise
	Paused    bool      // a pause lasts, so there is no end yet
}

// Decided reports whether the reading has an end.
func (r Reading) Decided() bool { return !r.End.IsZero() }

// Deadline is both readings of a run.
type Deadline struct {
	Strict     Reading
	Regulation Reading   // of Regulation 1182/71
	From       time.Time // from which it runs, after the last restart
}

// Deadline computes both readings. Its errors are [ErrRun].
func (r *Run) Deadline(p *Place) (Deadline, error) {
	if err := r.check(); err != nil {
		return Deadline{}, err
	}
	if p.Zone == nil {
		return Deadline{}, fmt.Errorf("%w: no time zone", ErrRun)
	}
	return Deadline{Strict: r.read(p, true), Regulation: r.read(p, false), From: r.from().In(p.Zone)}, nil
}

// ActBy is the earlier reading: who acts before its end is in time by both.
// The strict reading is never the later one.
func (d Deadline) ActBy() Reading { return d.Strict }

// OverdueFrom is the later reading: from its end on it is late by both.
func (d Deadline) OverdueFrom() Reading { return d.Regulation }

// Status is how a period stands at a moment; the list is closed.
type Status string

// The statuses of spec/request.md, "Deadlines".
const (
	Running   Status = "running"
	Half      Status = "half"      // half of the time until "act by" is over
	Most      Status = "most"      // four fifths of it
	Disputed  Status = "disputed"  // late by the strict reading, in time by the other
	Undecided Status = "undecided" // late by the strict reading, the other undecided
	Overdue   Status = "overdue"   // late by both
	Paused    Status = "paused"
)

// At returns how the period stands at a moment.
func (d Deadline) At(now time.Time) Status {
	switch strict, late := d.Strict, d.Regulation; {
	case strict.Decided() && now.Before(strict.End):
		return d.share(now)
	case late.Decided() && !now.Before(late.End):
		return Overdue
	case strict.Paused || late.Paused:
		return Paused
	case late.Undecided != "":
		return Undecided
	}
	return Disputed
}

// share says how much of the time until "act by" is over.
func (d Deadline) share(now time.Time) Status {
	all, gone := d.Strict.End.Sub(d.From), now.Sub(d.From)
	switch {
	case d.Regulation.Paused:
		return Paused
	case 5*gone >= 4*all:
		return Most
	case 2*gone >= all:
		return Half
	}
	return Running
}
