package mla

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/custody/evidence/mla/clock"
)

// Places is where each side has to act. A side that is missing acts at the place
// of the state that [Request] names for it.
type Places map[Side]*clock.Place

// Clock is one deadline of a request, and how it stands.
type Clock struct {
	Rule     *Deadline
	Run      clock.Run
	Computed clock.Deadline
	Place    *clock.Place
	Met      time.Time // when it was stopped for good; zero: it was not
	MetBy    int       // place in the history of the step that stopped it; -1: none did
	Changes  []Change
}

// Change is a note that changed a deadline, and whose it was.
type Change struct {
	Note   Note      `json:"note"`
	By     Side      `json:"by"`
	At     time.Time `json:"at"`
	Both   bool      `json:"both"` // both sides signed it
	Reason string    `json:"reason"`
}

// Clocks returns every deadline that began to run, in the order of the
// instrument. Its errors are [clock.ErrZone] and [clock.ErrRun].
func (l *Library) Clocks(r *Request, h History, places Places) (all []Clock, err error) {
	for i := range r.Instrument.Deadlines {
		d := &r.Instrument.Deadlines[i]
		if !r.has(d) {
			continue
		}
		c, begun, err := l.clock(r, h, d, places)
		if err != nil {
			return nil, fmt.Errorf("deadline %s: %w", d.ID, err)
		}
		if begun {
			all = append(all, c)
		}
	}
	return all, nil
}

// has reports whether a deadline is one of this request.
func (r *Request) has(d *Deadline) bool {
	switch {
	case d.Form != "" && d.Form != r.Form.ID:
		return false
	case len(d.Measures) > 0 && !slices.ContainsFunc(d.Measures, func(m Measure) bool { return slices.Contains(r.Measures, m) }):
		return false
	}
	return d.When == nil || d.When.in(r.Fields)
}

// deadline returns the deadline of an id, if it is one of this request.
func (r *Request) deadline(id string) *Deadline {
	for i := range r.Instrument.Deadlines {
		if d := &r.Instrument.Deadlines[i]; d.ID == id && r.has(d) {
			return d
		}
	}
	return nil
}

func (l *Library) clock(r *Request, h History, d *Deadline, places Places) (Clock, bool, error) {
	start := r.begins(h, d)
	if start < 0 {
		return Clock{}, false, nil
	}
	c := Clock{Rule: d, Run: d.run(h[start:]), MetBy: -1, Changes: d.changesOf(h[start:])}
	if n := slices.IndexFunc(h[start+1:], func(s Step) bool { return slices.Contains(d.Ends, s.To) }); n >= 0 {
		c.MetBy = start + 1 + n
		c.Met = h[c.MetBy].At
	}
	var err error
	if c.Place, err = l.placeOf(r, d.Who, places); err != nil {
		return Clock{}, false, err
	}
	c.Computed, err = c.Run.Deadline(c.Place)
	return c, true, err
}

// begins returns the step from which a deadline runs, -1 when there is none: the
// last to one of its states that does not only lead back there.
func (r *Request) begins(h History, d *Deadline) int {
	start, from, m := -1, Draft, MachineOf(r.Form.Machine)
	for n, s := range h {
		if s.Note() != "" {
			continue
		}
		if a, ok := m.Arrow(from, s.To); slices.Contains(d.Start, s.To) && !(ok && a.Back) {
			start = n
		}
		from = s.To
	}
	return start
}

// changesOf lists the notes about a deadline.
func (d *Deadline) changesOf(h History) (all []Change) {
	for _, s := range h {
		if note := s.Note(); note != "" && textOf(s.Facts["clock"]) == d.ID {
			all = append(all, Change{Note: note, By: s.By, At: s.At, Both: s.Both, Reason: textOf(s.Facts["reason"])})
		}
	}
	return all
}

// placeOf is where a side has to act.
func (l *Library) placeOf(r *Request, who Side, places Places) (*clock.Place, error) {
	if p := places[who]; p != nil {
		return p, nil
	}
	state := r.To
	if who == Issuing {
		state = r.From
	}
	return l.Place(state, "", "")
}

// run reads what happened to a deadline from the steps, of which the first began it.
func (d *Deadline) run(h History) clock.Run {
	run := clock.Run{Start: h[0].At, Period: d.Period}
	var open *clock.Pause
	pause := func(s Step, reason string) {
		if open == nil {
			open = &clock.Pause{From: s.At, Reason: reason}
		}
	}
	resume := func(s Step) {
		if open != nil && s.At.After(open.From) {
			open.To = s.At
			run.Pauses = append(run.Pauses, *open)
		}
		open = nil
	}
	for _, s := range h[1:] {
		mine := textOf(s.Facts["clock"]) == d.ID
		reason := textOf(s.Facts["reason"])
		switch note := s.Note(); {
		case note == NoteExtended && mine:
			if by, ok := periodIn(s.Facts); ok {
				run.Extensions = append(run.Extensions, clock.Extension{Period: by, Reason: reason})
			}
		case note == NotePaused && mine:
			pause(s, reason)
		case note == NoteResumed && mine:
			resume(s)
		case note == NoteRestarted && mine:
			resume(s)
			run.Restarts = append(run.Restarts, clock.Restart{At: s.At, Reason: reason})
		case note != "":
		case slices.Contains(d.Pauses, s.To):
			pause(s, string(s.To))
		default:
			resume(s)
			if slices.Contains(d.Restarts, s.To) {
				run.Restarts = append(run.Restarts, clock.Restart{At: s.At, Reason: string(s.To)})
			}
		}
	}
	if open != nil {
		run.Pauses = append(run.Pauses, *open)
	}
	return run
}

// Status returns how the clock stands at a moment: once it was stopped, how it
// stood then, and whether it was.
func (c *Clock) Status(now time.Time) (s clock.Status, met bool) {
	if c.Met.IsZero() {
		return c.Computed.At(now), false
	}
	return c.Computed.At(c.Met), true
}

// late reports whether a deadline that the state before began, or one that the
// step would stop, is over by both readings.
func (l *Library) late(r *Request, h History, s Step, places Places) (bool, error) {
	all, err := l.Clocks(r, h, places)
	if errors.Is(err, clock.ErrZone) {
		return false, nil // where the zone is not known nothing is proven late
	}
	if err != nil {
		return false, err
	}
	for i := range all {
		if status, met := all[i].Status(s.At); !met && status == clock.Overdue {
			return true, nil
		}
	}
	return false, nil
}
