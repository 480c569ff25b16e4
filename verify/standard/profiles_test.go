package standard_test

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
)

// caseFiles reads every file of vectors/standards.
func caseFiles(t testing.TB) map[rules.Name]caseFile {
	t.Helper()
	names, err := fs.Glob(spec.Vectors, "vectors/standards/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	all := map[rules.Name]caseFile{}
	for _, name := range names {
		b, err := fs.ReadFile(spec.Vectors, name)
		if err != nil {
			t.Fatal(err)
		}
		var f caseFile
		decode(t, b, &f)
		if f.Format != "custody/standard-cases/v1" || strings.ReplaceAll(string(f.Standard), "/", "-")+".json" != path.Base(name) {
			t.Fatalf("%s: format %q, standard %q", name, f.Format, f.Standard)
		}
		all[f.Standard] = f
	}
	return all
}

func packNamed(t testing.TB, name rules.Name) *rules.Pack {
	t.Helper()
	found := rules.Builtin().Named(name)
	if len(found) != 1 {
		t.Fatalf("%d packs are called %s", len(found), name)
	}
	p, err := rules.Builtin().Pack(found[0].Digest())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func evaluate(t testing.TB, p *rules.Pack, s scene, c *oneCase) *rules.Result {
	t.Helper()
	r, err := p.Evaluate(s.input(t, c))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every item that a case begins from is complete, and no rule is broken or open.
func TestBasesPass(t *testing.T) {
	for name, f := range caseFiles(t) {
		r := evaluate(t, packNamed(t, name), f.Base, &oneCase{Rule: "base"})
		for _, w := range r.Fields {
			t.Errorf("%s: field %s is %s", name, w.What, w.Cause)
		}
		for _, x := range r.Results {
			if x.Status != rules.Holds && x.Status != rules.NotApplicable {
				t.Errorf("%s: %s %s %v", name, x.Rule, x.Status, x.Why)
			}
		}
	}
}

// Each case changes what becomes of its rule. A case that breaks one breaks and
// opens no other than it names; one that leaves it undecided breaks none.
func TestCases(t *testing.T) {
	for name, f := range caseFiles(t) {
		p := packNamed(t, name)
		for i := range f.Cases {
			c := &f.Cases[i]
			t.Run(fmt.Sprintf("%s/%s/%d", name, c.Rule, i), func(t *testing.T) {
				for _, x := range evaluate(t, p, c.changed(t, f.Base), c).Results {
					checkResult(t, c, x)
				}
			})
		}
	}
}

func checkResult(t *testing.T, c *oneCase, x rules.RuleResult) {
	t.Helper()
	switch own, named := x.Rule == c.Rule, slices.Contains(c.Also, x.Rule); {
	case own && x.Status != c.Expect:
		t.Errorf("%s %s, want %s: %v", x.Rule, x.Status, c.Expect, x.Why)
	case own && c.Cause != "" && !slices.ContainsFunc(x.Why, func(w rules.Why) bool { return w.Cause == c.Cause }):
		t.Errorf("%s is undecided because of %v, want %s", x.Rule, x.Why, c.Cause)
	case own:
	case named && x.Status != rules.Fails && x.Status != rules.Undecided && c.Expect == rules.Fails:
		t.Errorf("%s is %s all the same", x.Rule, x.Status)
	case !named && (x.Status == rules.Fails || x.Status == rules.Undecided && c.Expect == rules.Fails):
		t.Errorf("%s is %s as well: %v", x.Rule, x.Status, x.Why)
	}
}

// Every rule of every standard has a case that breaks it and one that leaves it
// undecided, and no case is of a rule that is not its standard's.
func TestEveryRuleHasCases(t *testing.T) {
	files := caseFiles(t)
	for s := range shipped(t) {
		checkCovered(t, s, files[s.Name()])
	}
}

func checkCovered(t *testing.T, s *rules.Standard, f caseFile) {
	t.Helper()
	counts := map[string]map[rules.Status]int{}
	for _, r := range s.Rules {
		counts[r.ID] = map[rules.Status]int{}
	}
	for _, c := range f.Cases {
		if counts[c.Rule] == nil {
			t.Errorf("%s: a case of %s, which it does not have", s.Name(), c.Rule)
			continue
		}
		counts[c.Rule][c.Expect]++
	}
	for rule, n := range counts {
		if n[rules.Fails] == 0 || n[rules.Undecided] == 0 {
			t.Errorf("%s: %s has %d cases that break it and %d that leave it undecided", s.Name(), rule, n[rules.Fails], n[rules.Undecided])
		}
	}
}
