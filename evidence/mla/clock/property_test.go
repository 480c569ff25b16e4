package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.org/custody/evidence/mla/clock"
)

// drawRun draws a run with some changes, and a place.
func drawRun(t *rapid.T, places []*clock.Place) (clock.Run, *clock.Place) {
	units := []clock.Unit{clock.Hours, clock.Days, clock.WorkingDays, clock.Weeks, clock.Months}
	r := clock.Run{
		Start:  drawTime(t, "start"),
		Period: clock.Period{Length: rapid.IntRange(1, 12).Draw(t, "length"), Unit: rapid.SampledFrom(units).Draw(t, "unit")},
	}
	for range rapid.IntRange(0, 3).Draw(t, "pauses") {
		r.Pauses = append(r.Pauses, drawPause(t))
	}
	if rapid.Bool().Draw(t, "extended") {
		r.Extensions = []clock.Extension{{Period: clock.Period{Length: 3, Unit: r.Period.Unit}, Reason: "r"}}
	}
	if rapid.Bool().Draw(t, "restarted") {
		later := r.Start.Add(time.Duration(rapid.IntRange(0, 20*24*60).Draw(t, "restart")) * time.Minute)
		r.Restarts = []clock.Restart{{At: later, Reason: "r"}}
	}
	return r, rapid.SampledFrom(places).Draw(t, "place")
}

// drawTime draws a moment in the spring of 2026: Easter and a change of clocks.
func drawTime(t *rapid.T, label string) time.Time {
	return time.Unix(1773500000+int64(rapid.IntRange(0, 40*24*60).Draw(t, label))*60, 0)
}

func drawPause(t *rapid.T) clock.Pause {
	p := clock.Pause{From: drawTime(t, "from"), Reason: "r"}
	if n := rapid.IntRange(0, 9*24*60).Draw(t, "minutes"); n > 0 {
		p.To = p.From.Add(time.Duration(n) * time.Minute)
	}
	return p
}

// earlier says whether a reading has moved before another: an end is before no
// end at all, and nothing is said of what is undecided.
func earlier(a, b clock.Reading) bool {
	switch {
	case a.Undecided != "" || b.Undecided != "":
		return false
	case b.Paused:
		return !a.Paused
	case a.Paused:
		return false
	}
	return a.End.Before(b.End)
}

// No deadline moves earlier because a pause, an extension or a restart is added,
// and the strict reading is never the later one.
func TestChangesNeverMoveADeadlineEarlier(t *testing.T) {
	var places []*clock.Place
	for _, s := range []string{"DE", "DE/BY", "PL", "PT Atlantic/Azores", "RS", "CU"} {
		places = append(places, placeOf(t, s))
	}
	rapid.Check(t, func(t *rapid.T) {
		r, p := drawRun(t, places)
		before := deadline(t, &r, p)
		if !before.Strict.Paused && earlier(before.Regulation, before.Strict) {
			t.Fatalf("overdue from %v before act by %v", before.Regulation, before.Strict)
		}
		switch rapid.IntRange(0, 2).Draw(t, "added") {
		case 0:
			r.Pauses = append(r.Pauses, drawPause(t))
		case 1:
			r.Extensions = append(r.Extensions, clock.Extension{Period: clock.Period{Length: 1, Unit: r.Period.Unit}, Reason: "r"})
		case 2:
			r.Restarts = append(r.Restarts, clock.Restart{At: r.Start.Add(time.Duration(rapid.IntRange(0, 20*24*60).Draw(t, "again")) * time.Minute), Reason: "r"})
		}
		after := deadline(t, &r, p)
		if earlier(after.Strict, before.Strict) || earlier(after.Regulation, before.Regulation) {
			t.Fatalf("moved earlier: %+v, was %+v", after, before)
		}
	})
}

func deadline(t *rapid.T, r *clock.Run, p *clock.Place) clock.Deadline {
	d, err := r.Deadline(p)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
