package clock_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence/mla/clock"
	"example.org/custody/spec"
)

// theZones are the zones of this program.
func theZones(t testing.TB) *clock.Zones {
	t.Helper()
	files, err := fs.Sub(spec.Instruments, "instruments")
	if err != nil {
		t.Fatal(err)
	}
	z, err := clock.LoadZones(files, "2025c")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// calendarOf is the calendar of a state, nil when there is none.
func calendarOf(t testing.TB, state string) *clock.Calendar {
	t.Helper()
	name := "instruments/calendars/" + state + "-1.json"
	b, err := spec.Instruments.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := clock.ParseCalendar(name, b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// placeOf reads "DE/BY Europe/Berlin"; part and zone may be missing.
func placeOf(t testing.TB, s string) *clock.Place {
	t.Helper()
	state, zone, _ := strings.Cut(s, " ")
	state, part, _ := strings.Cut(state, "/")
	loc, err := theZones(t).Of(state, zone)
	if err != nil {
		t.Fatal(err)
	}
	return &clock.Place{State: state, Part: part, Zone: loc, Calendar: calendarOf(t, state)}
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func periodOf(t testing.TB, s string) (p clock.Period) {
	t.Helper()
	if _, err := fmt.Sscanf(s, "%d %s", &p.Length, &p.Unit); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return p
}

// change adds one of the changes of a case to a run.
func change(t testing.TB, r *clock.Run, s string) {
	t.Helper()
	reason := "the reason"
	if bare, ok := strings.CutPrefix(s, "unreasoned "); ok {
		s, reason = bare, ""
	}
	word, rest, _ := strings.Cut(s, " ")
	switch {
	case strings.HasPrefix(s, "+"):
		r.Extensions = append(r.Extensions, clock.Extension{Period: periodOf(t, s[1:]), Reason: reason})
	case word == "restart":
		r.Restarts = append(r.Restarts, clock.Restart{At: at(t, rest), Reason: reason})
	case word == "pause":
		from, to, _ := strings.Cut(rest, "..")
		p := clock.Pause{From: at(t, from), Reason: reason}
		if to != "" {
			p.To = at(t, to)
		}
		r.Pauses = append(r.Pauses, p)
	default:
		t.Fatalf("change %q", s)
	}
}

// row is one case of a vector.
type row struct {
	line  string
	place *clock.Place
	run   *clock.Run
	want  []string // strict, regulation
}

func rows(t testing.TB, vector string) (all []row) {
	t.Helper()
	b, err := spec.Vectors.ReadFile("vectors/" + vector + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(txtar.Parse(b).Files[0].Data)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		r := row{line, placeOf(t, cells[0]), &clock.Run{Start: at(t, cells[1]), Period: periodOf(t, cells[2])}, cells[4:]}
		for _, c := range strings.Split(cells[3], ";") {
			if c = strings.TrimSpace(c); c != "" {
				change(t, r.run, c)
			}
		}
		all = append(all, r)
	}
	return all
}

// words writes a reading as the vectors do.
func words(r clock.Reading) string {
	switch {
	case r.Paused:
		return "paused"
	case r.Undecided != "":
		return "undecided"
	case r.Day != "":
		return r.Day
	}
	return r.End.Format("2006-01-02T15:04Z07:00")
}

// The vectors of deadlines: both readings of every case.
func TestDeadlines(t *testing.T) {
	count := 0
	for _, vector := range []string{"deadline-days", "deadline-hours", "deadline-changes"} {
		for _, r := range rows(t, vector) {
			count++
			d, err := r.run.Deadline(r.place)
			if err != nil {
				t.Errorf("%s: %s: %v", vector, r.line, err)
				continue
			}
			if got := []string{words(d.Strict), words(d.Regulation)}; got[0] != r.want[0] || got[1] != r.want[1] {
				t.Errorf("%s: %s:\n got %v", vector, r.line, got)
			}
			checkEnd(t, r, d)
		}
	}
	if count < 80 {
		t.Errorf("%d cases, at least 80 are promised", count)
	}
}

// checkEnd: a last day ends where the next begins, and nothing is overdue before
// it must be acted on.
func checkEnd(t *testing.T, r row, d clock.Deadline) {
	t.Helper()
	for _, one := range []clock.Reading{d.Strict, d.Regulation} {
		if one.Day != "" && one.End.Add(-time.Nanosecond).Format(time.DateOnly) != one.Day {
			t.Errorf("%s: the day %s ends at %s", r.line, one.Day, one.End)
		}
	}
	if d.Strict.Decided() && d.Regulation.Decided() && d.Regulation.End.Before(d.Strict.End) {
		t.Errorf("%s: overdue from %s, act by %s", r.line, d.Regulation.End, d.Strict.End)
	}
}

func TestRefusedRuns(t *testing.T) {
	for _, r := range rows(t, "deadline-refused") {
		if _, err := r.run.Deadline(r.place); !errors.Is(err, clock.ErrRun) {
			t.Errorf("%s: %v", r.line, err)
		}
	}
}
