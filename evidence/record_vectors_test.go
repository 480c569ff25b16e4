package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"example.org/custody/evidence"
)

func TestRecordVectors(t *testing.T) {
	for _, v := range vectors(t, "record-") {
		t.Run(v.name, func(t *testing.T) {
			got := "holds"
			if v.files["key"] != nil {
				got = recordAnswer(t, v)
			}
			if got == "holds" && v.files["view.json"] != nil {
				got = viewAnswer(t, v)
			}
			if got != v.want {
				t.Fatalf("got %s, want %s", got, v.want)
			}
		})
	}
}

// recordAnswer builds the record and compares its roots and its view.
func recordAnswer(t *testing.T, v vector) string {
	key, err := evidence.ParseHash(string(v.files["key"]))
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	var files []evidence.FileValue
	if err := json.Unmarshal(v.files["fields.json"], &raw); err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{}
	for name, value := range raw {
		fields[name] = value
	}
	if err := evidence.ParseCanonical(v.files["files.json"], &files); err != nil {
		t.Fatal(err)
	}
	r, err := evidence.NewRecord(evidence.RecordKey(key), fields, files...)
	if errors.Is(err, evidence.ErrRecord) {
		return "fails:record.form"
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Roots(); got != roots(t, v) {
		t.Errorf("roots %+v, want %+v", got, roots(t, v))
	}
	checkBuiltView(t, v, r)
	return "holds"
}

// checkBuiltView holds entries back as the vector says and compares the bytes.
func checkBuiltView(t *testing.T, v vector, r *evidence.Record) {
	withhold := map[string]struct {
		Name     bool              `json:"name"`
		Withheld evidence.Withheld `json:"withheld"`
	}{}
	if b := v.files["withhold.json"]; b != nil {
		if err := evidence.ParseCanonical(b, &withhold); err != nil {
			t.Fatal(err)
		}
	}
	view := r.View(func(e evidence.ViewEntry) *evidence.Withholding {
		if w, ok := withhold[e.Name]; ok {
			return &evidence.Withholding{Withheld: w.Withheld, Name: w.Name}
		}
		return nil
	})
	b, err := evidence.Canonical(view)
	if err != nil || !bytes.Equal(b, v.files["view.json"]) {
		t.Errorf("view: %v\n%s\nwant\n%s", err, b, v.files["view.json"])
	}
	if got, want := view.Withheld(), len(withhold); got != want {
		t.Errorf("%d withheld, want %d", got, want)
	}
	_, err = view.Record(evidence.RecordKey{})
	if len(view.Entries) > 0 && v.name != "record-empty" && !errors.Is(err, evidence.ErrView) {
		t.Errorf("record of another key: %v", err)
	}
}

func roots(t *testing.T, v vector) evidence.RecordRoots {
	var roots evidence.RecordRoots
	if err := evidence.ParseCanonical(v.files["roots.json"], &roots); err != nil {
		t.Fatal(err)
	}
	return roots
}

// viewAnswer parses and verifies the view and asks it the vector's questions.
func viewAnswer(t *testing.T, v vector) string {
	view, err := evidence.ParseView(v.files["view.json"])
	if errors.Is(err, evidence.ErrView) {
		return "fails:view.form"
	}
	if err != nil {
		t.Fatal(err)
	}
	err = view.Verify(roots(t, v))
	if errors.Is(err, evidence.ErrViewRoots) {
		return "fails:view.roots"
	}
	if err != nil {
		t.Fatal(err)
	}
	lookup := map[string]string{}
	if b := v.files["lookup.json"]; b != nil {
		if err := evidence.ParseCanonical(b, &lookup); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range lookup {
		if value, got := view.Lookup(name); got.String() != want || (got == evidence.Present) != (value != nil) {
			t.Errorf("%s is %s (%s), want %s", name, got, value, want)
		}
	}
	return "holds"
}
