package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/cmd/internal/ui/ptytest"
)

// formPack asks for one field of each kind that is typed in another way.
const formPack = `{
 "format": "custody/standard/v1", "id": "form", "version": 1, "language": "en", "title": "A form", "about": "Nothing but a test.",
 "in-force": {"from": "2026-01-01"}, "includes": [], "translations": [],
 "fields": [
  {"name": "kind", "type": "code", "required": true, "label": "Kind", "help": "What it is.", "values": [{"code": "phone", "label": "a phone"}, {"code": "tablet", "label": "a tablet"}]},
  {"name": "parts", "type": "integer", "label": "Parts", "help": "How many."},
  {"name": "seen", "type": "time", "label": "Seen", "help": "When it was seen."},
  {"name": "owner", "type": "text", "personal": "record", "label": "Owner", "help": "Whose it is."},
  {"name": "marks", "type": "text", "list": true, "label": "Marks", "help": "What is on it."},
  {"name": "tool", "type": "group", "label": "Tool", "help": "What was used.", "fields": [{"name": "version", "type": "text", "label": "Version", "help": "Its version."}]},
  {"name": "colour", "type": "text", "label": "Colour", "help": "Its colour."},
  {"name": "watched", "type": "boolean", "label": "Watched", "help": "Whether somebody watched."}
 ],
 "rules": [{"id": "F-1", "severity": "block", "holds": "has(f.watched) && f.watched && f.kind == 'phone' && f.marks == ['a', 'b'] && f.tool.version == '7' && !has(f.colour)",
  "text": "Somebody watched.", "source": [{"standard": "Our code"}]}]
}`

// screen is a terminal of which a person has the other end.
type screen struct {
	t *testing.T
	*ptytest.PTY
}

func newScreen(t *testing.T) screen {
	t.Helper()
	return screen{t, ptytest.New(t)}
}

// run runs a command line on the terminal while the talk goes on: what the tool
// says, what the person types, in turn; "" types nothing, "\n" an empty line.
func (s screen) run(talk []string, args ...string) (out string, code int) {
	s.t.Helper()
	var o bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		code := run(args, ui.Streams{In: s.Tool, Out: &o, Err: s.Tool, Getenv: os.Getenv}, verbs)
		s.Tool.WriteString("the tool has ended\n")
		ended <- code
	}()
	for i := 0; i < len(talk); i += 2 {
		s.Next(s.t, talk[i])
		if talk[i+1] != "" {
			s.Person.WriteString(strings.TrimSuffix(talk[i+1], "\n") + "\n")
		}
	}
	s.Next(s.t, "the tool has ended")
	return o.String(), <-ended
}

// The form explains each field, asks again for what does not fit with the nearest
// that there is, and leaves out what is left out; what a blocking rule refuses can
// be answered again, and is refused when it is not.
func TestForm(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CUSTODY_HOME", filepath.Join(dir, "home"))
	t.Setenv("CUSTODY_PASSPHRASE_COMMAND", "echo correct horse battery")
	t.Setenv("CUSTODY_PROGRESS", "off")
	pack := filepath.Join(dir, "form-1.json")
	writeSample(t, pack, []byte(formPack))
	mustTool(t, "init", "--state", "AA", "--officer", "ann", "--role", "collector", "--no-recovery")
	talk := []string{
		"1 of 8: Kind (must be given)", "", "What it is. One of these.", "", "phone   a phone", "", "kind: ", "phoen", "did you mean phone", "", "kind: ", "-",
		"it must be given", "", "kind: ", "phone",
		"2 of 8: Parts", "", "How many. A whole number.", "", "parts [-]: ", "two", "field parts: is not a whole number", "", "parts [-]: ", "2",
		"When it was seen. As 2026-11-26T10:00:00Z, or a day.", "", "seen [-]: ", "yesterday", "field seen: ", "", "seen [-]: ", "2026-03-03",
		"Whose it is. It may be personal", "", "owner [-]: ", "Anna",
		"Several; - ends.", "", "marks, number 1 [-]: ", "a", "marks, number 2 [-]: ", "b", "marks, number 3 [-]: ", "\n",
		"6 of 8: Tool", "", "Its version.", "", "tool.version [-]: ", "7",
		"Its colour.", "", "colour [-]: ", "-",
		"Whether somebody watched. true or false.", "", "watched [-]: ", "no",
		"rule F-1 is not kept", "", "answer which field again [-]: ", "watchd", "did you mean watched", "", "answer which field again [-]: ",
	}
	line := []string{"seal", "--object", "phone", "--standard", pack, "--form"}
	s := newScreen(t)
	if out, code := s.run(append(slices.Clone(talk), "-"), line...); code != 1 || strings.Count(s.Screen(), "rule F-1") < 3 {
		t.Errorf("exit code %d, %s\n%s", code, out, s.Screen())
	}
	if list := mustTool(t, "list", "--json"); !strings.Contains(list, `"items":[]`) && !strings.Contains(list, `"items":0`) {
		t.Errorf("refused, and there is %s", list)
	}
	s = newScreen(t)
	if out, code := s.run(append(slices.Clone(talk), "watched", "watched [-]: ", "yes"), line...); code != 0 {
		t.Errorf("exit code %d, %s\n%s", code, out, s.Screen())
	}
	s = newScreen(t)
	_, code := s.run(nil, append(line, "--field", "colur=red")...)
	if code != 1 || !strings.Contains(s.Screen(), "did you mean colour") || strings.Contains(s.Screen(), "kind [-]") {
		t.Errorf("a misspelled field: exit code %d\n%s", code, s.Screen())
	}
}
