package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"example.org/custody/evidence"
)

// A body is read as it is written, whatever its record says.
func TestBodyRoundTrip(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	it := s.mustSeal(t, Sealing{Object: `a "values":[ and ,"view":[ in it`, Fields: map[string]any{
		"note": map[string]any{"seq": 1, "values": []any{1}, "view": []any{2}},
	}})
	raw, err := it.First().Body.marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := evidence.ParseCanonical(raw, new(any)); err != nil {
		t.Errorf("written: %v", err)
	}
	v, err := it.First().View()
	if err != nil || v.Verify(it.First().Event.Record) != nil {
		t.Fatal(err)
	}
	other := *it.First().Body
	text, err := v.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	other.RecordKey, other.Values, other.View = nil, nil, (*json.RawMessage)(&text)
	if raw, err = other.marshal(); err != nil {
		t.Fatal(err)
	}
	e, err := parseBody(raw)
	if err != nil {
		t.Fatal(err)
	}
	if v, err = e.View(); err != nil || v.Verify(e.Event.Record) != nil {
		t.Errorf("view: %v", err)
	}
}

// Nothing but the one encoding of a body is read.
func TestBodyRefuses(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	raw, err := s.mustSeal(t, Sealing{Object: "phone"}).First().Body.marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(string) string{
		"cut":              func(b string) string { return b[:len(b)-1] },
		"more after it":    func(b string) string { return b + " " },
		"no values in it":  func(b string) string { return b[:strings.Index(b, `,"values"`)] + `,"values":[]}` },
		"a space":          func(b string) string { return strings.Replace(b, `"values":[`, `"values":[ `, 1) },
		"values twice":     func(b string) string { return b[:len(b)-1] + b[strings.Index(b, `,"values"`):] },
		"a view as well":   func(b string) string { return b[:len(b)-1] + `,"view":[]}` },
		"unknown member":   func(b string) string { return b[:len(b)-1] + `,"zzz":1}` },
		"values not last":  func(b string) string { return strings.Replace(b, `{"envelope"`, `{"a":1,"values":[],"envelope"`, 1) },
		"another format":   func(b string) string { return strings.Replace(b, bodyFormat, "custody/body/v2", 1) },
		"a view of no use": func(b string) string { return b[:strings.Index(b, `,"values"`)] + `,"view":{}}` },
	} {
		if _, err := parseBody([]byte(change(string(raw)))); !errors.Is(err, ErrBody) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := parseBody(bytes.Clone(raw)); err != nil {
		t.Error(err)
	}
}

// A record that no reader would take is refused: before anything is read when
// that is sure already, and in any case before it is signed.
func TestLongPaths(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	found := make([]evidence.Found, MaxFiles)
	for i := range found {
		found[i] = evidence.Found{Kind: evidence.KindFile, Path: strings.Repeat("p", 100)}
	}
	if leastRecord(found) > maxRecord {
		t.Error("files with paths of 100 bytes are refused unread")
	}
	for i := range found {
		found[i].Path = strings.Repeat("p", 300)
	}
	if leastRecord(found) <= maxRecord {
		t.Error("files with paths of 300 bytes are read in vain")
	}
	r, err := s.beginRecord(&draft{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.size = maxRecord - 100
	if err := r.file(evidence.FileValue{Kind: evidence.KindDir, Path: "p"}); !errors.Is(err, ErrTooManyFiles) {
		t.Errorf("over the limit: %v", err)
	}
}
