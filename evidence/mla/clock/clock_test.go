package clock_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"example.org/custody/evidence/mla/clock"
	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
)

// The zones are those of the data: the machine's are not asked, even where it
// claims to know better.
func TestZonesAreNotTheMachines(t *testing.T) {
	t.Setenv("ZONEINFO", t.TempDir())
	t.Setenv("TZ", "Pacific/Honolulu")
	loc, err := theZones(t).Of("DE", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := at(t, "2026-07-01T12:00:00Z").In(loc).Format(time.RFC3339); got != "2026-07-01T14:00:00+02:00" {
		t.Errorf("summer in Berlin: %s", got)
	}
	for _, bad := range [][2]string{{"XX", ""}, {"DE", "Europe/Paris"}, {"", ""}} {
		if _, err := theZones(t).Of(bad[0], bad[1]); !errors.Is(err, clock.ErrZone) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	for _, bad := range []string{"Local", "UTC/../../x", "../2025c/Europe/Berlin", "Mars/Olympus"} {
		if _, err := theZones(t).Zone(bad); !errors.Is(err, clock.ErrZone) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// A list that names a zone without a file is refused with its line.
func TestZonesWithoutFileAreRefused(t *testing.T) {
	list := "{\n\"format\":\"custody/zones/v1\",\n\"source\":\"s\",\n\"states\":{\"DE\":\n[\"Europe/Nowhere\"]},\n\"version\":\"1\"}"
	_, err := clock.LoadZones(fstest.MapFS{"zones-1.json": {Data: []byte(list)}}, "1")
	var at *rules.LoadError
	if !errors.As(err, &at) || at.Line != 5 || !strings.Contains(at.Reason, "Europe/Nowhere") {
		t.Errorf("%v", err)
	}
}

// Days begin when they begin, also where the clocks change at midnight.
func TestDaysBeginWhereMidnightIsMissingOrTwice(t *testing.T) {
	for _, c := range []struct{ zone, event, end string }{
		{"America/Havana", "2026-03-06T12:00:00-05:00", "2026-03-08T01:00:00-04:00"},   // the 8th begins at 01:00
		{"America/Havana", "2026-10-30T12:00:00-04:00", "2026-11-01T00:00:00-04:00"},   // midnight of the 1st comes twice
		{"America/Asuncion", "2023-09-29T12:00:00-04:00", "2023-10-01T01:00:00-03:00"}, // the 1st begins at 01:00
		{"America/Asuncion", "2024-03-22T12:00:00-03:00", "2024-03-24T00:00:00-04:00"}, // the last hour of the 23rd comes twice
		{"Europe/Berlin", "2026-03-28T12:00:00+01:00", "2026-03-30T00:00:00+02:00"},
	} {
		zone, err := theZones(t).Zone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		r := clock.Run{Start: at(t, c.event), Period: clock.Period{Length: 1, Unit: clock.Days}}
		d, err := r.Deadline(&clock.Place{State: "XX", Zone: zone})
		if got := d.Strict.End.Format(time.RFC3339); err != nil || got != c.end {
			t.Errorf("%s after %s: %s, want %s (%v)", c.zone, c.event, got, c.end, err)
		}
	}
}

// What follows Easter is where an independent computation has it.
func TestCalendarsFollowEaster(t *testing.T) {
	after := map[string]int{"Maundy Thursday": -3, "Good Friday": -2, "Easter Sunday": 0, "Easter Monday": 1, "Ascension Day": 39, "Whit Sunday": 49, "Whit Monday": 50, "Corpus Christi": 60}
	seen := map[string]bool{}
	for _, c := range everyCalendar(t) {
		for _, h := range c.Days {
			day, err := time.Parse(time.DateOnly, h.Day)
			if err != nil {
				t.Fatal(err)
			}
			for name, days := range after {
				if strings.Contains(h.Name, name) {
					seen[name] = true
					sunday := easter
					if strings.Contains(h.Name, "Orthodox ") {
						sunday = orthodoxEaster
					}
					if want := sunday(day.Year()).AddDate(0, 0, days); !want.Equal(day) {
						t.Errorf("%s: %s on %s, want %s", c.State, name, h.Day, want.Format(time.DateOnly))
					}
				}
			}
		}
	}
	if len(seen) != len(after) {
		t.Errorf("only %v are in the calendars", seen)
	}
}

// easter walks to the first Sunday after the ecclesiastical full moon, by the
// epact tables of the Gregorian calendar (Clavius), another way than the data was made.
func easter(year int) time.Time {
	golden, century := year%19+1, year/100+1
	skipped, moon := 3*century/4-12, (8*century+5)/25-5
	epact := ((11*golden+20+moon-skipped)%30 + 30) % 30
	if epact == 25 && golden > 11 || epact == 24 {
		epact++
	}
	full := 44 - epact
	if full < 21 {
		full += 30
	}
	day := time.Date(year, time.March, full+1, 0, 0, 0, 0, time.UTC)
	for day.Weekday() != time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// orthodoxEaster walks likewise in the Julian calendar, which is thirteen days behind.
func orthodoxEaster(year int) time.Time {
	golden := year%19 + 1
	full := 44 - (11*golden-3)%30
	if full < 21 {
		full += 30
	}
	day := time.Date(year, time.March, full+1+13, 0, 0, 0, 0, time.UTC)
	for day.Weekday() != time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

func everyCalendar(t *testing.T) (all []*clock.Calendar) {
	t.Helper()
	names, err := fs.Glob(spec.Instruments, "instruments/calendars/*.json")
	if err != nil || len(names) < 24 {
		t.Fatalf("%v: %v", names, err)
	}
	for _, name := range names {
		b, err := spec.Instruments.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := clock.ParseCalendar(name, b)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

const smallCalendar = `{"format":"custody/calendar/v1","state":"AA","version":1,"from":"2026-01-01","to":"2026-12-31","source":"law",
"days":[{"day":"2026-05-01","name":"a"},
{"day":"2026-12-25","name":"b","parts":["X"]}]}`

// A calendar says where it is wrong.
func TestRefusedCalendars(t *testing.T) {
	for _, c := range []struct {
		old, new string
		line     int
	}{
		{`calendar/v1`, `calendar/v2`, 1},
		{`"2026-12-31"`, `"2025-12-31"`, 1},
		{`"2026-01-01"`, `"2026-13-01"`, 1},
		{`"source":"law"`, `"source":""`, 1},
		{`"2026-12-25"`, `"2026-05-01"`, 3},
		{`"2026-12-25"`, `"2027-01-01"`, 3},
		{`"name":"a"`, `"name":""`, 2},
		{`"name":"a"`, `"name":"a","moved":1`, 2},
		{`"name":"a"`, `"name":null`, 2},
		{`"name":"a"`, `"name":"a","unsettled":1`, 2},
	} {
		_, err := clock.ParseCalendar("c.json", []byte(strings.Replace(smallCalendar, c.old, c.new, 1)))
		var at *rules.LoadError
		if !errors.As(err, &at) || at.Line != c.line {
			t.Errorf("%s: %v, want line %d", c.new, err, c.line)
		}
	}
}

// How a period stands over time, with alerts at 50 and 80 of a hundred.
func TestStatus(t *testing.T) {
	de := placeOf(t, "DE")
	plain := clock.Run{Start: at(t, "2026-11-27T00:00:00+01:00"), Period: clock.Period{Length: 8, Unit: clock.Days}} // strict to Saturday the 5th, else Monday
	unknown := clock.Run{Start: plain.Start, Period: clock.Period{Length: 60, Unit: clock.WorkingDays}}
	paused := plain
	paused.Pauses = []clock.Pause{{From: at(t, "2026-12-01T00:00:00+01:00"), Reason: "r"}}
	for _, c := range []struct {
		run  clock.Run
		now  string
		want clock.Status
	}{
		{plain, "2026-11-28T00:00:00+01:00", clock.Running},
		{plain, "2026-12-01T11:59:59+01:00", clock.Running},
		{plain, "2026-12-01T12:00:00+01:00", clock.Half},
		{plain, "2026-12-04T04:47:59+01:00", clock.Half},
		{plain, "2026-12-04T04:48:00+01:00", clock.Most},
		{plain, "2026-12-05T23:59:59+01:00", clock.Most},
		{plain, "2026-12-06T00:00:00+01:00", clock.Disputed},
		{plain, "2026-12-07T23:59:59+01:00", clock.Disputed},
		{plain, "2026-12-08T00:00:00+01:00", clock.Overdue},
		{paused, "2026-12-30T00:00:00+01:00", clock.Paused},
		{unknown, "2027-12-30T00:00:00+01:00", clock.Undecided}, // 8 March is a holiday in parts of the state
	} {
		d, err := c.run.Deadline(de)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.At(at(t, c.now)); got != c.want {
			t.Errorf("%s: %s, want %s", c.now, got, c.want)
		}
	}
	d, err := plain.Deadline(placeOf(t, "RS"))
	if got := d.At(at(t, "2026-12-06T00:00:00+01:00")); err != nil || got != clock.Undecided || d.OverdueFrom().Decided() || d.ActBy().Day != "2026-12-05" {
		t.Errorf("without a calendar: %s %+v %v", got, d, err)
	}
}

func FuzzParseCalendar(f *testing.F) {
	f.Add([]byte(smallCalendar))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := clock.ParseCalendar("fuzzed.json", b)
		if err == nil && (c.State == "" || c.From > c.To) {
			t.Fatal(c)
		}
	})
}
