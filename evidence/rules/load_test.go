package rules

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// What is wrong with a pack is said with file, line and reason, before any of it runs.
func TestRefusedExpressions(t *testing.T) {
	for expr, reason := range map[string]string{
		`f.make ==`:              "Syntax error",
		`f.mak == 'x'`:           "undefined field 'mak'",
		`has(f.mak)`:             "undefined field 'mak'",
		`has(f)`:                 "has() asks for a member",
		`g.make == 'x'`:          "undeclared reference to 'g'",
		`nosuch(f.make)`:         "undeclared reference to 'nosuch'",
		`f.make`:                 "is a string, not true or false",
		`f.count == 'x'`:         "no matching overload",
		`f.begun == 'x'`:         "no matching overload",
		`{'a': true}['a']`:       "maps and messages are not used here",
		`f.count == int(1.5)`:    "only texts, whole numbers",
		`type(f.make) == string`: "is not used here",
		`timestamp('2026-01-01T00:00:00Z') == timestamp('2026-01-01T00:00:00Z')`: "is not used here",
		`dyn(f.make) == 1`:             "is not used here",
		`f.power_state == 'asleep'`:    `"asleep" is not a code of the field`,
		`f.power_state in ['on', 'x']`: `"x" is not a code of the field`,
		`'x' != f.power_state`:         `"x" is not a code of the field`,
		`item.files.all(a, item.files.all(b, item.files.all(c, a.path != b.path || b.path != c.path)))`:                                                                                           "the limit is 1000000",
		`[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, [1,2,3,4,5,6,7,8,9].all(g, a+b+c+d+e+g > 0))))))`: "the limit is 1000000",
	} {
		s, err := Parse("pack.json", packWith(t, expr))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Compile(s, NewLibrary().Find)
		refusedAt(t, expr, err, 20, reason)
	}
}

func refusedAt(t *testing.T, what string, err error, line int, reason string) {
	t.Helper()
	var at *LoadError
	switch {
	case !errors.As(err, &at):
		t.Errorf("%s: not refused: %v", what, err)
	case at.File != "pack.json" || at.Line != line || !strings.Contains(at.Reason, reason):
		t.Errorf("%s: %v, want line %d and %q", what, err, line, reason)
	}
}

func TestRefusedPacks(t *testing.T) {
	good := string(packWith(t, `true`))
	for _, c := range []struct {
		old, new string
		line     int
		reason   string
	}{
		{`"language": "en"`, `"language": "en", "language": "fr"`, 2, "twice"},
		{`"version": 1`, `"version": 1.5`, 2, "no whole number"},
		{`"version": 1`, `"version": null`, 2, "null"},
		{`"version": 1`, `"version": "1"`, 2, "another type"},
		{`"version": 1`, `"version": 0`, 2, "out of range"},
		{`"version": 1`, `"versoin": 1`, 2, "no member"},
		{`"version": 1`, `"Version": 1`, 2, "another way"},
		{`"version": 1, `, ``, 1, "missing"},
		{`"name": "count", "type": "integer", "label"`, `"name": "count", "type": "integer", "Label"`, 7, "another way"},
		{`"type": "integer", "label": "Count", `, `"type": "integer", `, 7, "missing"},
		{`"label": "off"}`, `"Label": "off"}`, 10, "another way"},
		{`"text": "It holds.", `, ``, 19, "missing"},
		{`"id": "test"`, `"id": "Test"`, 2, "not an id"},
		{`custody/standard/v1`, `custody/standard/v2`, 2, "this reads"},
		{`"from": "2026-01-01"`, `"from": "2026-13-01"`, 3, "not a day"},
		{`"from": "2026-01-01"`, `"from": "2026-01-01", "to": "2025-01-01"`, 3, "ends before"},
		{`"includes": []`, `"includes": [{"standard": "common/1", "sha256": "` + strings.Repeat("a", 64) + `"}]`, 3, "no such standard"},
		{`"name": "other"`, `"name": "make"`, 6, "the field make is there twice"},
		{`"name": "other"`, `"name": "power.state"`, 10, "the field power-state is there twice"},
		{`"name": "other"`, `"name": "in"`, 6, "a word of the expression language"},
		{`"name": "other"`, `"name": "limits"`, 6, "an entry of records that is no answer"},
		{`{"code": "off", "label": "off"}`, `{"code": "on", "label": "off"}`, 10, "the code on is there twice"},
		{`"type": "integer"`, `"type": "float"`, 7, "not a type of field"},
		{`"type": "integer"`, `"type": "code"`, 7, "has values"},
		{`"severity": "error"`, `"severity": "fatal"`, 19, "not a severity"},
		{`"severity": "error"`, `"severity": "error", "at": ["seal"]`, 19, "only a blocking rule"},
		{`[{"standard": "A test"}]`, `[]`, 19, "names no source"},
		{`"source": [{"standard": "A test"}]}]`, `"source": [{"standard": "A test"}]}, {"id": "T-1", "severity": "error", "holds": "true", "text": "x", "source": [{"standard": "A test"}]}]`, 21, "the rule T-1 is there twice"},
		{"\n}", "\n", 21, "too early"},
		{"\n}", "\n}{", 22, "behind the end"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%q is not in the pack", c.old)
		}
		s, err := Parse("pack.json", []byte(text))
		if err == nil {
			_, err = Compile(s, NewLibrary().Find)
		}
		refusedAt(t, c.new, err, c.line, c.reason)
	}
	_, err := Parse("pack.json", make([]byte, MaxStandard+1))
	refusedAt(t, "too long", err, 0, "at most")
}

// A translation that a pack names must be there, and complete.
func TestMissingTranslation(t *testing.T) {
	text := strings.Replace(string(packWith(t, `true`)), `"translations": []`, `"translations": ["fr"]`, 1)
	fsys := fstest.MapFS{"pack.json": {Data: []byte(text)}}
	_, err := NewLibrary().AddFile(fsys, "pack.json", fsys, "texts")
	refusedAt(t, "no file", err, 3, "no translation into fr")

	var fields []string
	for _, name := range []string{"make", "other", "count", "yes", "imei", "power-state", "begun", "ended", "photo", "tool", "tool.version", "authority", "authority.from"} {
		fields = append(fields, fmt.Sprintf("%q: {\"help\": \"h\", \"label\": \"l\"}", name))
	}
	good := `{
 "format": "custody/standard-text/v1", "standard": "test/1", "language": "fr",
 "title": "Un essai", "about": "Rien.",
 "fields": {
  ` + strings.Join(fields, ",\n  ") + `},
 "values": {
  "power-state": {"on": "allumé",
   "off": "éteint"}},
 "rules": {
  "T-1": "Cela tient."}
}`
	for _, c := range []struct {
		old, new string
		line     int
		reason   string
	}{
		{`"T-1": "Cela tient."`, ``, 21, "no translation of the rule T-1"},
		{`"T-1": "Cela tient."`, `"T-1": ""`, 22, "a text of 0 bytes"},
		{`"T-1": "Cela tient."`, `"T-1": null`, 22, "null"},
		{"allumé\",\n   \"off\": \"éteint\"", "allumé\"", 19, "no translation of the code off"},
		{`"off": "éteint"`, `"off": ""`, 20, "a text of 0 bytes"},
		{`"tool.version": {"help": "h", "label": "l"},`, ``, 4, "no translation of the field tool.version"},
		{`"tool.version": {"help": "h", "label": "l"},`, `"tool.version": {"help": "h"},`, 15, "missing"},
		{`"tool.version": {"help": "h", "label": "l"},`, `"tool.version": {"help": "h", "label": ""},`, 15, "a text of 0 bytes"},
		{`"T-1":`, `"T-2": "x", "T-1":`, 22, "which the standard does not have"},
		{`"test/1"`, `"test/2"`, 2, "is of test/2"},
		{`"title": "Un essai", `, ``, 1, "missing"},
		{`"title": "Un essai"`, `"title": ""`, 3, "a text of 0 bytes"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%q is not in the translation", c.old)
		}
		fsys["texts/test-1.fr.json"] = &fstest.MapFile{Data: []byte(text)}
		_, err := NewLibrary().AddFile(fsys, "pack.json", fsys, "texts")
		at := (*LoadError)(nil)
		if !errors.As(err, &at) || at.File != "texts/test-1.fr.json" || at.Line != c.line || !strings.Contains(at.Reason, c.reason) {
			t.Errorf("%s: %v, want line %d and %q", c.new, err, c.line, c.reason)
		}
	}
	fsys["texts/test-1.fr.json"] = &fstest.MapFile{Data: []byte(strings.Replace(good, `"fr"`, `"de"`, 1))}
	_, err = NewLibrary().AddFile(fsys, "pack.json", fsys, "texts")
	refusedAt(t, "another language", err, 3, "in another language")
	fsys["texts/test-1.fr.json"] = &fstest.MapFile{Data: []byte(good)}
	l := NewLibrary()
	s, err := l.AddFile(fsys, "pack.json", fsys, "texts")
	if err != nil {
		t.Fatal(err)
	}
	if w := l.Words(s, "fr"); w.Rules["T-1"] != "Cela tient." || w.Reviewed != nil {
		t.Error(w)
	}
	if w := l.Words(s, "de"); w.Language != "en" || w.Rules["T-1"] != "It holds." {
		t.Error(w)
	}
}
