package mla_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"example.org/custody/evidence/mla"
	"example.org/custody/spec"
	"example.org/custody/spec/spectest"
)

// vectorFiles are the files of a vector by name, without the newline at the end.
func vectorFiles(t *testing.T, name string) map[string]string {
	t.Helper()
	b, err := spec.Vectors.ReadFile("vectors/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range txtar.Parse(b).Files {
		files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	return files
}

// useCase is one line of a vector.
type useCase struct {
	Use struct {
		State, Proceeding, Purpose string
		Exception                  mla.ExceptionKind
		Noticed                    bool
		Handling                   []string
		ShowsRequest               bool `json:"shows-request"`
		Consents                   []mla.Consent
		At                         time.Time
	}
	Decision mla.Decision
	Ask      []string
}

func TestLimits(t *testing.T) {
	s := spectest.Schema(t, "limits")
	for _, name := range []string{"limits-two", "limits-none", "limits-giver"} {
		files := vectorFiles(t, name)
		limits, err := mla.ParseLimits([]byte(files["limits.json"]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(files["limits.json"]))
		if err == nil {
			err = s.Validate(doc)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for line := range strings.Lines(files["uses.jsonl"]) {
			var c useCase
			if err := json.Unmarshal([]byte(line), &c); err != nil {
				t.Fatal(err)
			}
			u := mla.Use(c.Use)
			out := limits.Evaluate(&u)
			if out.Decision != c.Decision || !slices.Equal(out.Ask, c.Ask) {
				t.Errorf("%s: %s\n got %s %v: %+v", name, line, out.Decision, out.Ask, out.Reasons)
			}
			if out.Decision != mla.Allow && len(out.Reasons) == 0 {
				t.Errorf("%s: %s: no reason", name, line)
			}
		}
	}
}

func TestRefusedLimits(t *testing.T) {
	for line := range strings.Lines(vectorFiles(t, "limits-refused")["limits.jsonl"] + "\n") {
		if l, err := mla.ParseLimits([]byte(strings.TrimSuffix(line, "\n"))); !errors.Is(err, mla.ErrLimits) {
			t.Errorf("%s: taken as %v", line, l)
		}
	}
	var many []mla.Limit
	for n := range mla.MostLimits + 1 {
		many = append(many, begun(t, "request").Limit(fmt.Sprint("case ", n)))
	}
	if _, err := mla.NewLimits(many...); !errors.Is(err, mla.ErrLimits) {
		t.Errorf("%d limits: %v", len(many), err)
	}
}

// The limit of a request is its instrument's rule, for what the request states.
func TestLimitOfARequest(t *testing.T) {
	l := begun(t, "request").Limit("12 Js 345/26", "prosecution")
	if l.Giver != "FR" || !slices.Equal(l.States, []string{"DE"}) || !slices.Equal(l.Purposes, []string{"prosecution"}) || l.OtherUse != mla.Ask || !l.Confidential {
		t.Errorf("%+v", l)
	}
	limits, err := mla.NewLimits(l)
	if err != nil {
		t.Fatal(err)
	}
	u := mla.Use{State: "DE", Proceeding: "12 Js 345/26", Purpose: "prosecution", At: today}
	if out := limits.Evaluate(&u); out.Decision != mla.Allow {
		t.Errorf("what was asked for: %+v", out)
	}
	u.Proceeding = "another"
	if out := limits.Evaluate(&u); out.Decision != mla.Ask || !slices.Equal(out.Ask, []string{"FR"}) {
		t.Errorf("another proceeding: %+v", out)
	}
}

var (
	someStates   = []string{"AA", "BB", "CC", "DD"}
	someTexts    = []string{"one", "two", "three"}
	someDecision = []mla.Decision{mla.Allow, mla.Ask, mla.Deny}
	someKinds    = []mla.ExceptionKind{mla.Exculpatory, mla.Threat, mla.Related}
)

func some[T comparable](t *rapid.T, label string, of []T) []T {
	all := rapid.SliceOfDistinct(rapid.SampledFrom(of), func(v T) T { return v }).Draw(t, label)
	return append([]T{}, all...)
}

func drawLimit(t *rapid.T) mla.Limit {
	l := mla.Limit{
		ID: rapid.SampledFrom(someTexts).Draw(t, "id"), Source: "law", Giver: rapid.SampledFrom(someStates).Draw(t, "giver"), States: some(t, "states", someStates),
		Proceedings: some(t, "proceedings", someTexts), Purposes: some(t, "purposes", someTexts), OtherUse: rapid.SampledFrom(someDecision).Draw(t, "other"),
		Onward: rapid.SampledFrom(someDecision).Draw(t, "onward"), Confidential: rapid.Bool().Draw(t, "confidential"), Handling: some(t, "handling", someTexts),
		Never: some(t, "never", someStates[:1]), Exceptions: []mla.LimitException{},
	}
	for _, k := range some(t, "exceptions", someKinds) {
		l.Exceptions = append(l.Exceptions, mla.LimitException{Kind: k, Notice: rapid.Bool().Draw(t, "notice")})
	}
	if rapid.Bool().Draw(t, "expires") {
		l.Expires = today.UTC()
	}
	return l
}

func drawLimits(t *rapid.T) mla.Limits {
	var list []mla.Limit
	for range rapid.IntRange(0, 3).Draw(t, "limits") {
		list = append(list, drawLimit(t))
	}
	l, err := mla.NewLimits(list...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func drawUse(t *rapid.T) mla.Use {
	u := mla.Use{
		State: rapid.SampledFrom(someStates).Draw(t, "state"), Proceeding: rapid.SampledFrom(someTexts).Draw(t, "proceeding"), Purpose: rapid.SampledFrom(someTexts).Draw(t, "purpose"),
		Exception: rapid.SampledFrom(append([]mla.ExceptionKind{""}, someKinds...)).Draw(t, "claimed"), Noticed: rapid.Bool().Draw(t, "noticed"),
		Handling: some(t, "takes", someTexts), ShowsRequest: rapid.Bool().Draw(t, "shows"), At: today.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "hours")) * time.Hour),
	}
	for _, s := range some(t, "consents", someStates) {
		u.Consents = append(u.Consents, mla.Consent{Giver: s, Reference: rapid.SampledFrom([]string{"", "letter"}).Draw(t, "reference")})
	}
	return u
}

// No derivation, and no chain of them, widens a limit: what is derived allows a
// use only where every parent does, and asks everybody whom a parent asks.
func TestNoDerivationWidensALimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parents := []mla.Limits{drawLimits(t), drawLimits(t), drawLimits(t)}
		first, err := mla.Derived(parents[0], parents[1])
		if err != nil {
			t.Fatal(err)
		}
		second, err := mla.Derived(first, parents[2])
		if err != nil {
			t.Fatal(err)
		}
		u := drawUse(t)
		derived, widest := second.Evaluate(&u), mla.Allow
		for _, p := range parents {
			one := p.Evaluate(&u)
			if slices.Index(someDecision, one.Decision) > slices.Index(someDecision, widest) {
				widest = one.Decision
			}
			for _, state := range one.Ask {
				if derived.Decision == mla.Ask && !slices.Contains(derived.Ask, state) {
					t.Fatalf("%s is asked for a parent and not for what is derived", state)
				}
			}
		}
		if derived.Decision != widest {
			t.Fatalf("derived says %s, the parents together %s", derived.Decision, widest)
		}
		again, err := mla.Derived(second, first, second)
		if err != nil || len(again.List()) != len(second.List()) {
			t.Fatalf("deriving from the same again: %d limits, were %d (%v)", len(again.List()), len(second.List()), err)
		}
		b, err := second.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := mla.ParseLimits(b); err != nil || len(back.List()) != len(second.List()) {
			t.Fatalf("%s: %v", b, err)
		}
	})
}

// Who agrees cannot make a denial allowed, and a further consent never narrows.
func TestConsentsOnlyAnswerQuestions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits, u := drawLimits(t), drawUse(t)
		before := limits.Evaluate(&u)
		for _, s := range someStates {
			u.Consents = append(u.Consents, mla.Consent{Giver: s, Reference: "letter"})
		}
		after := limits.Evaluate(&u)
		if (before.Decision == mla.Deny) != (after.Decision == mla.Deny) || after.Decision == mla.Ask {
			t.Fatalf("%s before, %s once everybody consents", before.Decision, after.Decision)
		}
	})
}

func FuzzParseLimits(f *testing.F) {
	f.Add([]byte(`[]`))
	f.Add([]byte(`[{"confidential":true,"exceptions":[],"giver":"FR","handling":[],"id":"a","never":[],"onward":"ask","other-use":"ask","proceedings":[],"purposes":[],"source":"s","states":[]}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := mla.ParseLimits(b)
		if err != nil {
			return
		}
		if again, err := l.Marshal(); err != nil || string(again) != string(b) {
			t.Fatalf("%s becomes %s (%v)", b, again, err)
		}
	})
}
