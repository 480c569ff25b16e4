package mla

import (
	"fmt"
	"strings"
	"time"
)

// Due is a clock of a request as a calendar shows it. Request is a reference that
// may be seen: a calendar leaves the desk, so no name of a person stands in it.
type Due struct {
	Request string // such as the beginning of the item's id
	Clock   Clock
}

// ICS returns a calendar (RFC 5545) of the clocks that run and have an end: one
// entry for "act by", with alarms when 50 and 80 of a hundred of the time are
// over, and one for "overdue from" when that is later. stamp is when it is made.
func ICS(list []Due, stamp time.Time) []byte {
	var w icsWriter
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//custody//deadlines of requests//EN")
	for i := range list {
		d := &list[i]
		if !d.Clock.Met.IsZero() {
			continue
		}
		by, late := d.Clock.Computed.ActBy(), d.Clock.Computed.OverdueFrom()
		if by.Decided() {
			w.event(d, "act-by", "Act by", by.End, stamp, true)
		}
		if late.Decided() && late.End.After(by.End) {
			w.event(d, "overdue", "Overdue from", late.End, stamp, false)
		}
	}
	w.line("END", "VCALENDAR")
	return []byte(w.b.String())
}

// icsWriter writes content lines.
type icsWriter struct{ b strings.Builder }

const icsTime = "20060102T150405Z"

func (w *icsWriter) event(d *Due, kind, word string, at, stamp time.Time, alarms bool) {
	rule := d.Clock.Rule
	w.line("BEGIN", "VEVENT")
	w.line("UID", d.Request+"-"+rule.ID+"-"+kind+"@custody")
	w.line("DTSTAMP", stamp.UTC().Format(icsTime))
	w.line("DTSTART", at.UTC().Format(icsTime))
	w.line("SUMMARY", icsText(fmt.Sprintf("%s: %s (%s)", word, rule.Title, d.Request)))
	w.line("DESCRIPTION", icsText(fmt.Sprintf("%s from %s; %s", rule.Period, d.Clock.Computed.From.Format(time.RFC3339), rule.Source)))
	if all := at.Sub(d.Clock.Computed.From); alarms && all > 0 {
		for _, share := range []time.Duration{50, 80} {
			w.line("BEGIN", "VALARM")
			w.line("ACTION", "DISPLAY")
			w.line("DESCRIPTION", icsText(fmt.Sprintf("%d of 100 of the time are over: %s", share, rule.Title)))
			w.line("TRIGGER;VALUE=DATE-TIME", d.Clock.Computed.From.Add(all/100*share).UTC().Format(icsTime))
			w.line("END", "VALARM")
		}
	}
	w.line("END", "VEVENT")
}

// icsText escapes a text (section 3.3.11).
func icsText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// line writes one content line, folded after 75 octets and never within a
// character (section 3.1).
func (w *icsWriter) line(name, value string) {
	const most = 75
	used := 0
	for _, r := range name + ":" + value {
		one := string(r)
		if used+len(one) > most {
			w.b.WriteString("\r\n ")
			used = 1
		}
		w.b.WriteString(one)
		used += len(one)
	}
	w.b.WriteString("\r\n")
}
