package evidence_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.org/custody/evidence"
)

// FuzzParseNouns: names have one spelling. What a parser accepts is written
// back the same, what it refuses gives its error, and never both.
func FuzzParseNouns(f *testing.F) {
	for _, s := range []string{"", "aa.example/ledger", "a+b", "a b", strings.Repeat("a", 256), strings.Repeat("0a", 16),
		strings.Repeat("0a", 32), strings.Repeat("0A", 32), strings.Repeat("0a", 64), strings.Repeat("0g", 64)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		origin, err := evidence.ParseOrigin(s)
		oneSpelling(t, s, string(origin), err, evidence.ErrNotOrigin)
		hash, err := evidence.ParseHash(s)
		oneSpelling(t, s, hash.String(), err, evidence.ErrNotHash)
		long, err := evidence.ParseHash512(s)
		oneSpelling(t, s, long.String(), err, evidence.ErrNotHash512)
		object, err := evidence.ParseObjectName(s)
		oneSpelling(t, s, object.String(), err, evidence.ErrNotObjectName)
	})
}

func oneSpelling(t *testing.T, given, written string, err, refusal error) {
	t.Helper()
	switch {
	case err == nil && written != given:
		t.Errorf("%q is read as %q", given, written)
	case err != nil && !errors.Is(err, refusal):
		t.Errorf("%q: %v, want %v", given, err, refusal)
	case err != nil && strings.Trim(written, "0") != "":
		t.Errorf("%q is refused, and %s returned", given, written)
	case err != nil && len(fmt.Sprint(err)) > 1000:
		t.Errorf("the error repeats %d bytes", len(given))
	}
}
