package clock_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/clock"
	"example.org/custody/spec"
)

// wellKnown are days of which each state's calendar must know that they are public
// holidays (no mark), that they are none (-), or that it is not settled (?): moved
// days, days of the church and days of the state, all of them weekdays.
var wellKnown = map[string]string{
	"BG": "2024-03-04 2024-05-03 2024-05-07- 2024-09-23 2025-05-26 2025-09-08 2025-11-03- 2025-12-31 2026-01-02 2026-05-25 2026-09-07 2026-12-28 2027-05-04 2027-05-06 2027-12-27 2027-12-28",
	"CZ": "2024-03-29 2025-07-04- 2025-10-28 2026-07-06 2026-09-28 2026-05-25- 2027-11-17",
	"DK": "2024-03-28 2024-04-26- 2025-06-09 2026-05-14 2025-06-05? 2026-12-24? 2027-03-29",
	"EE": "2025-02-24 2026-06-23 2024-06-24 2025-08-20 2026-04-06- 2027-12-24",
	"FI": "2025-01-06 2026-05-14 2027-12-06 2024-06-21? 2025-12-24? 2026-06-22-",
	"GR": "2024-03-18 2024-05-03 2024-05-07 2024-05-01? 2025-06-09 2026-04-13 2026-04-06- 2027-10-28 2027-05-04?",
	"HR": "2024-05-30 2025-06-19 2026-06-04 2027-08-05 2026-11-18 2026-06-25-",
	"HU": "2024-03-15 2025-10-23 2025-06-09 2024-08-20 2024-08-19? 2024-12-24?",
	"IE": "2024-02-05 2025-02-03 2024-03-18? 2025-06-02 2026-08-03 2026-10-26 2024-03-29? 2026-05-25- 2027-12-27?",
	"IT": "2024-04-25 2025-06-02 2026-06-02 2027-10-04 2024-10-04- 2025-04-21",
	"LT": "2026-02-16 2024-03-11 2025-06-24 2026-07-06 2027-11-02 2026-04-03-",
	"LU": "2025-05-09 2025-06-23 2026-05-25 2027-03-29 2026-04-03-",
	"LV": "2024-05-06 2025-05-05 2026-05-04 2027-11-18 2026-06-23 2026-12-31 2026-05-25-",
	"MT": "2026-02-10 2025-03-31 2024-06-07 2026-09-08 2027-12-13 2026-04-06-",
	"NL": "2026-04-27 2025-04-28- 2025-05-05 2026-05-25 2027-03-26 2026-05-14",
	"RO": "2024-05-03 2024-06-24 2025-01-24 2026-06-01 2026-04-13 2026-04-06- 2027-11-30 2025-01-07",
	"SE": "2025-06-06 2026-01-06 2024-05-09 2024-06-21? 2026-12-24? 2026-05-25-",
	"SI": "2024-02-08 2027-04-27 2025-05-02 2025-06-25 2025-10-31 2026-04-03-",
	"SK": "2024-03-29 2025-08-29 2024-11-01 2026-01-06 2025-11-17? 2026-05-08? 2025-10-28?",
	"AT": "2024-10-31- 2026-10-26 2025-12-08",
	"BE": "2026-07-21 2025-11-11 2024-05-20",
	"DE": "2024-10-03 2025-05-29 2026-05-25",
	"FR": "2026-07-14 2025-05-08 2024-11-11",
	"PL": "2027-05-03 2025-11-11 2026-06-04",
	"PT": "2024-04-25 2026-06-10 2027-10-05",
}

// Each state's calendar knows its well-known days, and a deadline that ends on one
// goes on to the next working day, or is undecided where the day is.
func TestWellKnownDays(t *testing.T) {
	for state, days := range wellKnown {
		place, err := mla.Builtin().Place(state, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(strings.Fields(days)); n < 3 {
			t.Errorf("%s: %d days", state, n)
		}
		for _, one := range strings.Fields(days) {
			day := strings.TrimRight(one, "-?")
			start, err := time.ParseInLocation(time.DateOnly, day, place.Zone)
			if err != nil || start.Weekday() == time.Saturday || start.Weekday() == time.Sunday {
				t.Fatalf("%s %s: %v, %s", state, day, err, start.Weekday())
			}
			r := clock.Run{Start: start.Add(-12 * time.Hour), Period: clock.Period{Length: 1, Unit: clock.Days}}
			d, err := r.Deadline(place)
			if err != nil {
				t.Fatal(err)
			}
			got := map[bool]string{true: "-", false: ""}[d.Regulation.Day == day]
			if strings.Contains(d.Regulation.Undecided, day) {
				got = "?"
			}
			if want := one[len(day):]; d.Strict.Day != day || got != want {
				t.Errorf("%s %s: %q, want %q; %+v", state, day, got, want, d.Regulation)
			}
		}
	}
}

// Every calendar has its row, and says what it rests on and where it ends.
func TestEveryCalendarIsTried(t *testing.T) {
	names, err := fs.Glob(spec.Instruments, "instruments/calendars/*.json")
	if err != nil || len(names) != len(wellKnown) {
		t.Errorf("%d calendars, %d rows: %v", len(names), len(wellKnown), err)
	}
	for _, c := range everyCalendar(t) {
		if wellKnown[c.State] == "" || len(c.Source) < 20 || c.From != "2024-01-01" || c.To < "2025-12-31" {
			t.Errorf("%s: row %q, source %q, %s to %s", c.State, wellKnown[c.State], c.Source, c.From, c.To)
		}
	}
}
