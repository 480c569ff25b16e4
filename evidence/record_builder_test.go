package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Entry by entry a record has the roots that it has as a whole, after every entry.
func TestRecordBuilder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, r := drawRecord(t)
		b := NewRecordBuilder(key)
		for i := 0; ; i++ {
			part, err := RecordOf(key, slices.Clone(r.Entries()[:i]))
			if err != nil || b.Roots() != part.Roots() {
				t.Fatalf("%d entries: %+v, want %+v, %v", i, b.Roots(), part.Roots(), err)
			}
			if i == len(r.Entries()) {
				return
			}
			if err := b.Add(r.Entries()[i].Name, r.Entries()[i].Value); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestRecordBuilderRefuses(t *testing.T) {
	for name, e := range map[string]Entry{
		"a name that comes before":  {"a", json.RawMessage(`1`)},
		"a name twice":              {"b", json.RawMessage(`1`)},
		"a name of other letters":   {"C", json.RawMessage(`1`)},
		"a file out of order":       {"file/2", json.RawMessage(`1`)},
		"a value not canonical":     {"c", json.RawMessage(`1.0`)},
		"a value over the limit":    {"c", json.RawMessage(`"` + strings.Repeat("a", MaxValue) + `"`)},
		"two values instead of one": {"c", json.RawMessage(`1,2`)},
	} {
		b := NewRecordBuilder(RecordKey{})
		if err := b.Add("b", json.RawMessage(`1`)); err != nil {
			t.Fatal(err)
		}
		before := b.Roots()
		if err := b.Add(e.Name, e.Value); !errors.Is(err, ErrRecord) || b.Roots() != before {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A record's entries are read as they are written, and its view is the same.
func TestParseEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, r := drawRecord(t)
		b, err := Canonical(r.Entries())
		if err != nil {
			t.Fatal(err)
		}
		entries, err := ParseEntries(b)
		if err != nil || len(entries) != len(r.Entries()) {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		if err := ViewOf(key, entries).Verify(r.Roots()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestParseEntriesRefuses(t *testing.T) {
	for _, text := range []string{
		``, `{}`, `[`, `[}`, `[{"name":"a","value":1}`, `[{"name":"a","value":1},]`, `[{"name":"a","value":1}] `,
		`[{"name":"a","value":1}{"name":"b","value":1}]`, `[{"value":1,"name":"a"}]`, `[{"name":"a"}]`, `[{"name":"a","value":1,"x":1}]`,
		`[{"name":"b","value":1},{"name":"a","value":1}]`, `[{"name":"file/2","value":1}]`, `[{"name":"A","value":1}]`, `[{"name":"a","value":null}]`,
		`[{"name":"a","value":"` + strings.Repeat("a", MaxValue) + `"}]`,
	} {
		if _, err := ParseEntries([]byte(text)); !errors.Is(err, ErrRecord) {
			t.Errorf("%.60s: %v", text, err)
		}
	}
}

func FuzzParseEntries(f *testing.F) {
	f.Add([]byte(`[]`))
	f.Add([]byte(`[{"name":"a","value":{"b":[1,true,"x"]}},{"name":"file/1","value":{"kind":"dir","path":"p"}}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := ParseEntries(b)
		if err != nil {
			if entries != nil || !errors.Is(err, ErrRecord) {
				t.Fatalf("%v with %v", err, entries)
			}
			return
		}
		again, err := Canonical(append([]Entry{}, entries...))
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v:\n%s\nwas\n%s", err, again, b)
		}
		if _, err := RecordOf(RecordKey{}, entries); err != nil {
			t.Fatal(err)
		}
	})
}
