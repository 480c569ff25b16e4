package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	"example.org/custody/evidence"
)

func submission(t testing.TB) []byte {
	t.Helper()
	e := Event{Envelope: []byte("envelope"), Record: json.RawMessage(`[]`), Salt: evidence.Hash{1}, SealKey: evidence.Hash{2}}
	e.Leaf = HexLeaf(e.Recompute())
	b, err := (&Submission{Events: []Event{e}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSubmission(t *testing.T) {
	b := submission(t)
	s, err := ParseSubmission(b)
	if err != nil || s.Events[0].Leaf != HexLeaf(s.Events[0].Recompute()) {
		t.Fatalf("%+v, %v", s, err)
	}
	for name, bad := range map[string]string{
		"upper case":  strings.Replace(string(b), `"leaf":"01`, `"leaf":"0A`, 1),
		"short leaf":  strings.Replace(string(b), `"leaf":"01`, `"leaf":"`, 1),
		"extra":       strings.Replace(string(b), `"format"`, `"extra":1,"format"`, 1),
		"format":      strings.Replace(string(b), `submission/v1`, `submission/v2`, 1),
		"no events":   `{"events":[],"format":"custody/submission/v1"}`,
		"cut":         string(b[:len(b)/2]),
		"space":       string(b) + " ",
		"twice":       string(b) + string(b),
		"many events": `{"events":[` + strings.Repeat(`{},`, MaxEvents) + `{}],"format":"custody/submission/v1"}`,
	} {
		if _, err := ParseSubmission([]byte(bad)); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSubmitted(t *testing.T) {
	i := uint64(7)
	good := []Result{{Index: &i, Receipt: "r", Status: Logged}, {Index: &i, Status: Pending}, {Problem: &Problem{Do: []string{"x"}}, Status: Refused}}
	b, err := (&Submitted{Results: good}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseSubmitted(b, 3); err != nil {
		t.Error(err)
	}
	if _, err := ParseSubmitted(b, 2); !errors.Is(err, ErrForm) {
		t.Errorf("of another number: %v", err)
	}
	for _, r := range []Result{{Status: Logged}, {Index: &i, Status: Logged}, {Index: &i, Receipt: "r", Status: Pending}, {Index: &i, Problem: &Problem{Do: []string{"x"}}, Status: Refused}, {Status: "?"}} {
		b, err := (&Submitted{Results: []Result{r}}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseSubmitted(b, 1); !errors.Is(err, ErrForm) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// A list of millions is refused before its members are made.
func TestManyIsCheap(t *testing.T) {
	many := strings.Repeat("{},", 100_000) + "{}]"
	for _, parse := range []func() error{
		func() error {
			_, err := ParseSubmission([]byte(`{"events":[` + many + `,"format":"custody/submission/v1"}`))
			return err
		},
		func() error {
			_, err := ParseSubmission([]byte(`{"EVENTſ":[` + many + `,"format":"custody/submission/v1"}`))
			return err
		},
		func() error {
			_, err := ParseSubmitted([]byte(`{"format":"custody/submitted/v1","results":[`+many+`}`), 3)
			return err
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := parse(); !errors.Is(err, ErrForm) {
			t.Errorf("%v", err)
		}
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 4<<20 {
			t.Errorf("%d bytes were taken", after.TotalAlloc-before.TotalAlloc)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(submission(f))
	f.Add([]byte(`{"format":"custody/submitted/v1","results":[]}`))
	f.Add([]byte(`{"dossier":{},"format":"custody/introduction/v1"}`))
	f.Add([]byte(`{"code":"rate","do":["wait"],"means":"m","status":429,"title":"t","type":"urn:custody:problem:rate"}`))
	f.Add([]byte(`{"seal":"0000000000000000000000000000000000000000000000000000000000000000"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseSubmission(b); err == nil {
			same(t, b, s)
		}
		if s, err := ParseSubmitted(b, 1); err == nil {
			same(t, b, s)
		}
		if s, err := ParseIntroduction(b); err == nil {
			same(t, b, s)
		}
		if s, err := ParseProblem(b); err == nil {
			same(t, b, s)
		}
		if s, err := Parse[Seal](b); err == nil {
			same(t, b, s)
		}
	})
}

// same checks that what was read is written as it came.
func same(t *testing.T, b []byte, v any) {
	t.Helper()
	again, err := evidence.Canonical(v)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("%q is written %q, %v", b, again, err)
	}
}
