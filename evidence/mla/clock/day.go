package clock

import "time"

// Day is a civil day without a zone: days since 1 January 1970.
type Day int

// DayIn returns the civil day of a moment in a zone.
func DayIn(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Date(y, m, d)
}

// Date returns a civil day; months and days out of range are carried over as
// [time.Date] does.
func Date(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d Day) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String returns the day as 2026-11-27.
func (d Day) String() string { return d.utc().Format(time.DateOnly) }

// Weekend reports whether it is a Saturday or a Sunday.
func (d Day) Weekend() bool {
	w := d.utc().Weekday()
	return w == time.Saturday || w == time.Sunday
}

// addMonths returns the same date n months on, or the last day of that month
// when it has no such date (Regulation 1182/71, article 3(2)(c)).
func (d Day) addMonths(n int) Day {
	y, m, day := d.utc().Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return Date(y, m+time.Month(n), min(day, last))
}

// start returns the first moment of the day in a zone. That is midnight, unless
// the clocks change then: where they are put forward it is the moment of the
// change, where midnight comes twice it is the first.
func (d Day) start(zone *time.Location) time.Time {
	y, m, day := d.utc().Date()
	t := time.Date(y, m, day, 0, 0, 0, 0, zone)
	begin, end := t.ZoneBounds()
	if DayIn(t, zone) < d {
		return end.In(zone)
	}
	if begin.IsZero() {
		return t
	}
	_, now := t.Zone()
	_, before := begin.Add(-time.Second).In(zone).Zone()
	first := t.Add(time.Duration(now-before) * time.Second)
	if first.Before(begin) && DayIn(first, zone) == d {
		return first // the same midnight, before the clocks were put back
	}
	if t.Sub(begin) > 0 && DayIn(begin, zone) == d && DayIn(begin.Add(-time.Second), zone) < d {
		return begin.In(zone) // the clocks were put forward over midnight
	}
	return t
}
