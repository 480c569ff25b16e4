package standards

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.org/custody/evidence/rules"
)

// What people write in JSON and in YAML is the same answers: a plain text is what
// stands there, and the field says what it is.
func TestReadAnswers(t *testing.T) {
	want := map[string]any{
		"seal": "0017732", "seen": "2026-03-03T10:00:00+01:00", "watched": "yes", "owner": "Zoë: no",
		"tool": []any{map[string]any{"name": "imager", "version": "7.10"}},
	}
	for name, text := range map[string]string{
		"a.json": `{"seal":"0017732","seen":"2026-03-03T10:00:00+01:00","watched":"yes","owner":"Zo\u00eb: no","tool":[{"name":"imager","version":"7.10","note":null}],"open":null}`,
		"a.yaml": "seal: 0017732\nseen: 2026-03-03T10:00:00+01:00\nwatched: yes\nowner: 'Zoë: no'\nopen:\ntool:\n  - name: imager\n    version: 7.10\n    note: ~\n  - name:\n",
		"a.yml":  "{seal: 0017732, seen: '2026-03-03T10:00:00+01:00', watched: yes, owner: \"Zo\\u00eb: no\", tool: [{name: imager, version: 7.10}]}\n",
		"b.json": "\ufeff" + `{"seal":"0017732","seen":"2026-03-03T10:00:00+01:00","watched":"yes","owner":"Zoë: no","tool":[{"name":"imager","version":"7.10"}]}`,
	} {
		got, err := ReadAnswers(write(t, name, text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for _, name := range []string{"empty.yaml", "none.json"} {
		text := map[string]string{"empty.yaml": "# nothing yet\n", "none.json": "{}"}[name]
		if got, err := ReadAnswers(write(t, name, text)); err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// What is wrong with a file is said with its line, and nothing of it is ignored.
func TestReadAnswersRefused(t *testing.T) {
	for _, c := range []struct {
		name, text string
		line       string
		reason     string
	}{
		{"a.json", "{\"make\":\"x\",\n\"make\":\"y\"}", "2", `"make" is given twice`},
		{"a.json", "{\"tool\":[{\"name\":\"x\",\n\n\"name\":\"y\"}]}", "3", `"name" is given twice`},
		{"a.json", "{\n\"make\":}", "2", "not JSON"},
		{"a.json", "{\"make\":\"x\"", "1", "too early"},
		{"a.json", "", "1", "too early"},
		{"a.json", "{}\n{}", "2", "behind the object"},
		{"a.json", "[]", "1", "not an object"},
		{"a.json", "{\"make\":\"\xff\"}", "1", "not UTF-8"},
		{"a.json", strings.Repeat(`{"a":`, 20), "1", "nested"},
		{"a.yaml", "make: x\nmake: y\n", "2", "twice"},
		{"a.yaml", "tool:\n  - name: x\n    name: y\n", "3", "twice"},
		{"a.yaml", "make: x\n\tmodel: y\n", "2", "not YAML"},
		{"a.yaml", "make: &a x\nmodel: *a\n", "1", "anchors"},
		{"a.yaml", "make: x\nmodel: !!binary eA==\n", "2", "tags"},
		{"a.yaml", "? [a]\n: x\n", "1", "plain text"},
		{"a.yaml", "- make\n", "1", "not an object"},
		{"a.yaml", "make: x\n---\nmodel: y\n", "2", "behind"},
		{"a.yaml", strings.Repeat("[", 20), "1", ""},
		{"a.yaml", strings.Repeat(" ", maxYAML) + "\n", "1", "at most"},
		{"a.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "1", "anchors"},
	} {
		path := write(t, c.name, c.text)
		_, err := ReadAnswers(path)
		if !errors.Is(err, rules.ErrField) || !strings.HasPrefix(err.Error(), path+":"+c.line+": ") || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%q: %v, want line %s and %q", c.text, err, c.line, c.reason)
		}
	}
}

func FuzzReadAnswers(f *testing.F) {
	f.Add(true, "make: x\ntool:\n  - name: 'y'\n")
	f.Add(false, `{"make":"x","tool":[{"name":null}]}`)
	f.Fuzz(func(t *testing.T, yaml bool, text string) {
		name := map[bool]string{true: "a.yaml", false: "a.json"}[yaml]
		if got, err := ReadAnswers(write(t, name, text)); err != nil && (got != nil || !errors.Is(err, rules.ErrField)) {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
