package rules

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"example.org/custody/evidence"
)

// packText is a pack with one rule; the expression stands alone on line 20.
const packText = `{
 "format": "custody/standard/v1", "id": "test", "version": 1, "language": "en", "title": "A test", "about": "Nothing but a test.",
 "in-force": {"from": "2026-01-01"}, "includes": [], "translations": [],
 "fields": [
  {"name": "make", "type": "text", "label": "Make", "help": "Maker."},
  {"name": "other", "type": "text", "label": "Other", "help": "Other."},
  {"name": "count", "type": "integer", "label": "Count", "help": "How many."},
  {"name": "yes", "type": "boolean", "label": "Yes", "help": "Yes or no."},
  {"name": "imei", "type": "reference", "list": true, "most": 4, "personal": "record", "label": "IMEI", "help": "Numbers."},
  {"name": "power-state", "type": "code", "label": "Power", "help": "State.", "values": [{"code": "on", "label": "on"}, {"code": "off", "label": "off"}]},
  {"name": "begun", "type": "time", "label": "Begun", "help": "Time."},
  {"name": "ended", "type": "time", "label": "Ended", "help": "Time."},
  {"name": "photo", "type": "file", "label": "Photo", "help": "File."},
  {"name": "tool", "type": "group", "list": true, "label": "Tools", "help": "Tools.", "fields": [
    {"name": "version", "type": "text", "label": "Version", "help": "Version."}]},
  {"name": "authority", "type": "group", "label": "Authority", "help": "Power.", "fields": [
    {"name": "from", "type": "time", "label": "From", "help": "From."}]}
 ],
 "rules": [{"id": "T-1", "severity": "error",
  "holds": %s,
  "text": "It holds.", "source": [{"standard": "A test"}]}]
}`

func packWith(t testing.TB, expression string) []byte {
	t.Helper()
	quoted, err := json.Marshal(expression)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, packText, quoted)
}

func compileText(t testing.TB, b []byte) *Pack {
	t.Helper()
	s, err := Parse("pack.json", b)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(s, NewLibrary().Find)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// viewOf is a record of which all is shown but what is held back: a name alone
// has its value held back, one that begins with ! its name too.
func viewOf(t testing.TB, fields map[string]any, held ...string) *evidence.View {
	t.Helper()
	hold := map[string]bool{}
	for _, h := range held {
		hold[h] = true
	}
	var files []evidence.FileValue
	if list, ok := fields["files"].([]evidence.FileValue); ok {
		files = list
	}
	all := map[string]any{}
	for k, v := range fields {
		if k != "files" {
			all[k] = v
		}
	}
	r, err := evidence.NewRecord(evidence.NewRecordKey(), all, files...)
	if err != nil {
		t.Fatal(err)
	}
	return r.View(func(e evidence.ViewEntry) *evidence.Withholding {
		if !hold[e.Name] && !hold["!"+e.Name] {
			return nil
		}
		return &evidence.Withholding{Name: hold["!"+e.Name], Withheld: evidence.Withheld{Authority: "AA", Code: evidence.ReasonMethod, Review: "2027-01-01"}}
	})
}

var day = time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)

// collected is an item of one event with that record.
func collected(view *evidence.View) *Input {
	e := &evidence.Event{
		Action: evidence.Collect, Occurred: evidence.Occurred{Clock: evidence.ClockNTP, From: day, To: day.Add(time.Minute)},
		Recorded: day.Add(2 * time.Minute), Signers: []evidence.Signer{{Authority: "AA", Role: evidence.RoleCollector}},
	}
	return &Input{Links: []evidence.Link{{Event: e, View: view}}, Timeline: &evidence.Timeline{}, Now: day.Add(time.Hour)}
}
