package clock

import (
	"slices"
	"time"
)

// reader computes one reading of a run.
type reader struct {
	run    *Run
	place  *Place
	strict bool
	pauses []span
}

// span is a time in which nothing runs; to is zero while it lasts.
type span struct{ from, to time.Time }

func (s span) lasts() bool { return s.to.IsZero() }

// read computes the reading.
func (r *Run) read(p *Place, strict bool) Reading {
	rd := &reader{run: r, place: p, strict: strict, pauses: union(r.Pauses)}
	if r.Period.Unit == Hours {
		return rd.hours()
	}
	return rd.days()
}

// union returns pauses in order, those that meet joined.
func union(pauses []Pause) (out []span) {
	sorted := slices.Clone(pauses)
	slices.SortFunc(sorted, func(a, b Pause) int { return a.From.Compare(b.From) })
	for _, p := range sorted {
		last := len(out) - 1
		switch {
		case last < 0 || !out[last].lasts() && out[last].to.Before(p.From):
			out = append(out, span{p.From, p.To})
		case out[last].lasts():
		case p.To.IsZero() || p.To.After(out[last].to):
			out[last].to = p.To
		}
	}
	return out
}

// hours counts elapsed time. The strict reading runs from the minute of the
// event; the Regulation does not count the hour in which it falls (article 3(1)).
func (r *reader) hours() Reading {
	zone, at := r.place.Zone, r.run.from().Truncate(time.Minute)
	if !r.strict {
		_, offset := at.In(zone).Zone()
		local := at.Unix() + int64(offset)
		at = at.Add(time.Duration(3600-local%3600) * time.Second)
	}
	left := time.Duration(r.run.Period.Length) * time.Hour
	for _, x := range r.run.Extensions {
		left += time.Duration(x.Period.Length) * time.Hour
	}
	for _, p := range r.pauses {
		if !p.from.Before(at.Add(left)) {
			break
		}
		if p.from.After(at) {
			left, at = left-p.from.Sub(at), p.from
		}
		if p.lasts() {
			return Reading{Paused: true}
		}
		if p.to.After(at) {
			at = p.to
		}
	}
	return Reading{End: r.minute(at.Add(left)).In(zone)}
}

// minute rounds a moment that a pause has made uneven: the strict reading down,
// the other up.
func (r *reader) minute(t time.Time) time.Time {
	down := t.Truncate(time.Minute)
	if r.strict || down.Equal(t) {
		return down
	}
	return down.Add(time.Minute)
}

// days counts civil days of the place; the day of the event is not counted.
func (r *reader) days() Reading {
	first := DayIn(r.run.from(), r.place.Zone)
	want := int(r.target(first) - first)
	working := r.run.Period.Unit == WorkingDays
	if working {
		want = r.run.Period.Length
		for _, x := range r.run.Extensions {
			want += x.Period.Length
		}
	}
	d, reading := r.count(first, want, working)
	if r.strict || reading.Paused || reading.Undecided != "" || working {
		return r.finish(d, reading)
	}
	return r.finish(r.rolled(first, want, d))
}

// target is the last day of the period were there no pause.
func (r *reader) target(d Day) Day {
	periods := []Period{r.run.Period}
	for _, x := range r.run.Extensions {
		periods = append(periods, x.Period)
	}
	for _, p := range periods {
		switch p.Unit {
		case Days:
			d += Day(p.Length)
		case Weeks:
			d += Day(7 * p.Length)
		case Months:
			d = d.addMonths(p.Length)
		case Years:
			d = d.addMonths(12 * p.Length)
		}
	}
	return d
}

// count goes on from a day until want days were counted. Where it is not known
// whether a day is a working day the strict reading counts it, which is earlier,
// and the other is undecided.
func (r *reader) count(d Day, want int, workingOnly bool) (Day, Reading) {
	for want > 0 {
		d++
		skip, paused := r.skips(d)
		if paused {
			return d, Reading{Paused: true}
		}
		if skip {
			continue
		}
		if workingOnly {
			switch a, why := r.place.working(d); {
			case a == free:
				continue
			case a == unknown && !r.strict:
				return d, Reading{Undecided: why}
			}
		}
		want--
	}
	return d, Reading{}
}

// skips says whether a day is not counted because of a pause, and whether it and
// all that follow are not. The strict reading leaves out only days on which the
// period never ran, the other every day on which it once did not.
func (r *reader) skips(d Day) (skip, forEver bool) {
	begin, end := d.start(r.place.Zone), (d + 1).start(r.place.Zone)
	for _, p := range r.pauses {
		overlaps := p.from.Before(end) && (p.lasts() || p.to.After(begin))
		covers := !p.from.After(begin) && (p.lasts() || !p.to.Before(end))
		if covers || !r.strict && overlaps {
			return true, p.lasts()
		}
	}
	return false, false
}

// rolled moves the last day: a period of two days or more has two working days
// (article 3(5)), and one that ends on a free day ends on the next working day
// (article 3(4)).
func (r *reader) rolled(first Day, want int, last Day) (Day, Reading) {
	if want >= 2 {
		second, reading := r.secondWorking(first, last)
		if reading.Paused || reading.Undecided != "" {
			return second, reading
		}
		last = max(last, second)
	}
	for {
		switch a, why := r.place.working(last); a {
		case working:
			return last, Reading{}
		case unknown:
			return last, Reading{Undecided: why}
		}
		last++
	}
}

// secondWorking is the second counted working day. Days that may be free do not
// count while the period has others.
func (r *reader) secondWorking(d, last Day) (Day, Reading) {
	doubt, found := "", 0
	for {
		d++
		if d > last && doubt != "" {
			return d, Reading{Undecided: doubt}
		}
		skip, paused := r.skips(d)
		if paused {
			return d, Reading{Paused: true}
		}
		if skip {
			continue
		}
		switch a, why := r.place.working(d); a {
		case working:
			if found++; found == 2 {
				return d, Reading{}
			}
		case unknown:
			if doubt == "" {
				doubt = why
			}
			if d > last {
				return d, Reading{Undecided: why}
			}
		}
	}
}

func (r *reader) finish(last Day, reading Reading) Reading {
	if !reading.Paused && reading.Undecided == "" {
		reading.Day, reading.End = last.String(), (last + 1).start(r.place.Zone)
	}
	return reading
}
