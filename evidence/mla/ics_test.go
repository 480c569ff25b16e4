package mla_test

import (
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence/mla"
)

// A calendar has what runs, by both readings, and lines that any reader takes.
func TestICS(t *testing.T) {
	r := begun(t, "request")
	h := play(t, r, append(sending, [3]string{"acknowledged", "2026-12-01T09:00:00+01:00", ""})...)
	all, err := mla.Builtin().Clocks(r, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	rule := *all[1].Rule
	all[1].Rule = &rule // the program keeps its own
	rule.Title += "; a title, with \\ and a line that is longer than seventy-five octets: äöüäöüäöüäöüäöüäöü"
	var list []mla.Due
	for _, c := range all {
		list = append(list, mla.Due{Request: "4f2a9c01", Clock: c})
	}
	got := string(mla.ICS(list, today))
	for _, want := range []string{
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "UID:4f2a9c01-decide-act-by@custody\r\n", "DTSTART:20261227T230000Z\r\n",
		"UID:4f2a9c01-decide-overdue@custody\r\n", "DTSTART:20261228T230000Z\r\n", "DTSTAMP:20261127T120000Z\r\n", `a title\, with \\ and`,
		"TRIGGER;VALUE=DATE-TIME:20261212T160000Z\r\n", "TRIGGER;VALUE=DATE-TIME:20261221T201200Z\r\n", "END:VCALENDAR\r\n",
	} {
		if !strings.Contains(strings.ReplaceAll(got, "\r\n ", ""), want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "acknowledge") {
		t.Error("what was met is in the calendar")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") || strings.ToValidUTF8(line, "") != line {
			t.Errorf("%d octets: %q", len(line), line)
		}
	}
	if n := strings.Count(got, "BEGIN:VEVENT"); n != 2 || strings.Count(got, "BEGIN:VALARM") != 2 || n != strings.Count(got, "END:VEVENT") {
		t.Errorf("%d entries:\n%s", n, got)
	}
	if empty := string(mla.ICS(nil, time.Time{})); strings.Contains(empty, "VEVENT") {
		t.Error(empty)
	}
}
