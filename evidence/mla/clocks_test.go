package mla_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/clock"
)

// play makes a history of steps at stated moments, each of which is allowed.
func play(t *testing.T, r *mla.Request, steps ...[3]string) (h mla.History) {
	t.Helper()
	for _, one := range steps {
		s := stepTo(r, h, mla.State(one[0]))
		var err error
		if s.At, err = time.Parse(time.RFC3339, one[1]); err != nil {
			t.Fatal(err)
		}
		if one[2] != "" {
			s.Facts["clock"] = one[2]
		}
		if err := allowed(r, h, s); err != nil {
			t.Fatal(err)
		}
		h = append(h, s)
	}
	return h
}

// due writes what the clocks say: id, act by, overdue from, whether met.
func due(t *testing.T, r *mla.Request, h mla.History) (lines []string) {
	t.Helper()
	all, err := mla.Builtin().Clocks(r, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		line := c.Rule.ID + " " + read(c.Computed.ActBy()) + " " + read(c.Computed.OverdueFrom())
		if !c.Met.IsZero() {
			line += " met"
		}
		lines = append(lines, line)
	}
	return lines
}

func read(r clock.Reading) string {
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

var sending = [][3]string{{"ready", "2026-11-27T09:00:00+01:00", ""}, {"signed", "2026-11-27T09:10:00+01:00", ""}, {"sent", "2026-11-27T09:20:00+01:00", ""}, {"delivered", "2026-11-27T10:00:00+01:00", ""}}

// An order from draft to transfer: each clock begins, and stops, where the law says.
func TestClocksOfAnOrder(t *testing.T) {
	r := begun(t, "request")
	for _, c := range []struct {
		more [][3]string
		want []string
	}{
		{nil, []string{"acknowledge 2026-12-04 2026-12-04", "decide 2026-12-27 2026-12-28"}},
		{[][3]string{{"acknowledged", "2026-12-01T09:00:00+01:00", ""}}, []string{"acknowledge 2026-12-04 2026-12-04 met", "decide 2026-12-27 2026-12-28"}},
		// it goes to the competent authority, whose time begins when it has it
		{[][3]string{{"acknowledged", "2026-12-01T09:00:00+01:00", ""}, {"forwarded", "2026-12-02T09:00:00+01:00", ""}},
			[]string{"acknowledge 2026-12-04 2026-12-04 met", "decide 2027-01-01 2027-01-04"}},
		// an extension of a day, with its reason
		{[][3]string{{"acknowledged", "2026-12-01T09:00:00+01:00", ""}, {"clock-extended", "2026-12-02T09:00:00+01:00", "decide"}},
			[]string{"acknowledge 2026-12-04 2026-12-04 met", "decide 2026-12-28 2026-12-28"}},
		// a pause that lasts, one that has ended, and a restart
		{[][3]string{{"acknowledged", "2026-12-01T09:00:00+01:00", ""}, {"clock-paused", "2026-12-02T00:00:00+01:00", "decide"}},
			[]string{"acknowledge 2026-12-04 2026-12-04 met", "decide paused paused"}},
		{[][3]string{{"acknowledged", "2026-12-01T09:00:00+01:00", ""}, {"clock-paused", "2026-12-02T00:00:00+01:00", "decide"}, {"clock-resumed", "2026-12-04T00:00:00+01:00", "decide"}},
			[]string{"acknowledge 2026-12-04 2026-12-04 met", "decide 2026-12-29 2026-12-29"}},
		{[][3]string{{"acknowledged", "2026-12-01T09:00:00+01:00", ""}, {"clock-restarted", "2026-12-02T09:00:00+01:00", "decide"}},
			[]string{"acknowledge 2026-12-04 2026-12-04 met", "decide 2027-01-01 2027-01-04"}},
		{[][3]string{{"acknowledged", "2026-12-01T09:00:00+01:00", ""}, {"recognised", "2026-12-10T09:00:00+01:00", ""}},
			[]string{"acknowledge 2026-12-04 2026-12-04 met", "decide 2026-12-27 2026-12-28 met", "execute 2027-03-10 2027-03-10"}},
	} {
		h := play(t, r, slices.Concat(sending, c.more)...)
		if got := due(t, r, h); !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.more, got, c.want)
		}
	}
}

// The clocks of an order to a provider depend on what its form chose, run from
// the minute in an emergency, stop while the provider asks, and begin anew.
func TestClocksOfAProductionOrder(t *testing.T) {
	steps := [][3]string{{"ready", "2026-11-27T09:00:00+01:00", ""}, {"validated", "2026-11-27T09:10:00+01:00", ""}, {"sent", "2026-11-27T09:20:00+01:00", ""}, {"received", "2026-11-27T10:23:40+01:00", ""}, {"preserved", "2026-11-27T10:24:00+01:00", ""}}
	asks := [3]string{"form-3", "2026-11-27T12:00:00+01:00", ""}
	told := [3]string{"clarified", "2026-11-30T12:10:00+01:00", ""}
	for _, c := range []struct {
		limit string
		more  [][3]string
		want  []string
	}{
		{"ten-days-notified", nil, []string{"produce-notified 2026-12-07 2026-12-07", "third-country 2026-12-07 2026-12-07"}},
		{"emergency", nil, []string{"produce-emergency 2026-11-27T18:23+01:00 2026-11-27T19:00+01:00", "third-country 2026-12-07 2026-12-07"}},
		{"ten-days-notified", [][3]string{asks}, []string{"produce-notified paused paused", "clarify 2026-12-02 2026-12-02", "third-country 2026-12-07 2026-12-07"}},
		{"ten-days-notified", [][3]string{asks, told}, []string{"produce-notified 2026-12-10 2026-12-10", "clarify 2026-12-02 2026-12-02 met", "third-country 2026-12-07 2026-12-07"}},
	} {
		r := begun(t, "production-order")
		r.Fields = maps.Clone(r.Fields)
		r.Fields["c-limit"] = c.limit
		r.Fields["c-emergency"] = "a life"
		h := play(t, r, slices.Concat(steps, c.more)...)
		if got := due(t, r, h); !slices.Equal(got, c.want) {
			t.Errorf("%s %v: %q, want %q", c.limit, c.more, got, c.want)
		}
	}
}

// A measure can have a clock of its own; another form has other clocks; a step in
// time stops a clock, a late one leaves it overdue.
func TestClocksBelongToFormAndMeasure(t *testing.T) {
	r := begun(t, "request")
	r.Measures = []mla.Measure{"provisional-measure"}
	h := play(t, r, sending...)
	if got := due(t, r, h); !slices.Contains(got, "provisional 2026-11-28T10:00+01:00 2026-11-28T11:00+01:00") {
		t.Errorf("%q", got)
	}
	notice := begun(t, "notice")
	h = play(t, notice, sending...)
	if got := due(t, notice, h); !slices.Equal(got, []string{"object-interception 2026-12-01T10:00+01:00 2026-12-01T11:00+01:00"}) {
		t.Errorf("%q", got)
	}
	h = append(h, stepTo(notice, h, "objected"))
	h[len(h)-1].At = h[0].At.AddDate(0, 0, 9)
	all, err := mla.Builtin().Clocks(notice, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, met := all[0].Status(today.AddDate(1, 0, 0)); status != clock.Overdue || !met {
		t.Errorf("an objection after 96 hours: %s, met %t", status, met)
	}
}

// A consultation that leads back does not begin a deadline anew, and a change
// says whose it was.
func TestLeadingBackBeginsNothing(t *testing.T) {
	r := begun(t, "request")
	h := play(t, r, slices.Concat(sending, [][3]string{
		{"acknowledged", "2026-12-01T09:00:00+01:00", ""}, {"forwarded", "2026-12-02T09:00:00+01:00", ""},
		{"consultation", "2026-12-20T09:00:00+01:00", ""}, {"forwarded", "2026-12-22T09:00:00+01:00", ""},
		{"clock-extended", "2026-12-22T10:00:00+01:00", "decide"},
	})...)
	if got := due(t, r, h); !slices.Contains(got, "decide 2027-01-02 2027-01-04") {
		t.Errorf("%q", got)
	}
	all, err := mla.Builtin().Clocks(r, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := all[1].Changes; len(c) != 1 || c[0].Note != mla.NoteExtended || c[0].By != mla.Issuing || c[0].Both || c[0].Reason != "a reason" {
		t.Errorf("%+v", c)
	}
}

// The place of a side can be told: a part of a state with holidays of its own.
func TestClocksAtAPlace(t *testing.T) {
	r := begun(t, "request")
	r.To = "DE"
	place, err := mla.Builtin().Place("DE", "SN", "")
	if err != nil {
		t.Fatal(err)
	}
	h := mla.History{stepTo(r, nil, "delivered")}
	h[0].At = time.Date(2025, 10, 24, 12, 0, 0, 0, time.UTC)
	for places, want := range map[*clock.Place]string{nil: "undecided", place: "2025-11-03"} {
		all, err := mla.Builtin().Clocks(r, h, mla.Places{mla.Executing: places})
		if err != nil || read(all[0].Computed.OverdueFrom()) != want {
			t.Errorf("%+v: %+v %v, want %s", places, all[0].Computed, err, want)
		}
	}
}
