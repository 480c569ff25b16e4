package evidence_test

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
)

// vector is one txtar file of spec/vectors.
type vector struct {
	name  string
	want  string // "holds", "fails:<check>" or "undecided:<check>"
	files map[string][]byte
}

// vectors reads all vectors whose name begins with prefix.
func vectors(t testing.TB, prefix string) []vector {
	t.Helper()
	names, err := fs.Glob(spec.Vectors, path.Join("vectors", prefix+"*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors %s*: %v", prefix, err)
	}
	var list []vector
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		_, want, ok := strings.Cut(string(a.Comment), "expect: ")
		if !ok {
			t.Fatalf("%s: no expect line", name)
		}
		v := vector{strings.TrimSuffix(path.Base(name), ".txtar"), strings.TrimSpace(want), map[string][]byte{}}
		for _, f := range a.Files {
			v.files[f.Name] = bytes.TrimSuffix(f.Data, []byte("\n"))
		}
		list = append(list, v)
	}
	return list
}

// eventAnswer is what ParseEvent says, in the words of the vectors.
func eventAnswer(t *testing.T, b []byte) string {
	e, err := evidence.ParseEvent(b)
	var member *evidence.MemberError
	switch {
	case errors.As(err, &member):
		if !errors.Is(err, evidence.ErrEvent) || e != nil {
			t.Errorf("error %v with event %v", err, e)
		}
		return "fails:event." + member.Member
	case errors.Is(err, evidence.ErrNotCanonical):
		return "fails:event.canonical"
	case err != nil:
		t.Fatal(err)
	}
	again, err := e.Marshal()
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("marshalled again: %v\n%s\nwas\n%s", err, again, b)
	}
	return "holds"
}

func TestEventVectors(t *testing.T) {
	actions := map[evidence.Action]bool{}
	for _, v := range vectors(t, "event-") {
		t.Run(v.name, func(t *testing.T) {
			if got := eventAnswer(t, v.files["event.json"]); got != v.want {
				_, err := evidence.ParseEvent(v.files["event.json"])
				t.Fatalf("got %s, want %s (%v)", got, v.want, err)
			}
			if e, err := evidence.ParseEvent(v.files["event.json"]); err == nil {
				actions[e.Action] = true
			}
		})
	}
	for _, a := range evidence.Actions() {
		if !actions[a] {
			t.Errorf("no vector of a valid %s", a)
		}
	}
}
