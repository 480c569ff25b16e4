package standard_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence/rules"
)

var update = flag.Bool("update", false, "write testdata")

const resultsFile = "testdata/results.txt"

// The result of every case has the same bytes on every system: their digests were
// written on one and are compared on all, a browser's among them.
func TestResultsAreTheSameBytes(t *testing.T) {
	var b strings.Builder
	files := caseFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, p := files[name], packNamed(t, name)
		fmt.Fprintf(&b, "%s base %s\n", name, resultDigest(t, p, f.Base, &oneCase{Rule: "base"}))
		for i := range f.Cases {
			c := &f.Cases[i]
			fmt.Fprintf(&b, "%s %d %s %s\n", name, i, c.Rule, resultDigest(t, p, c.changed(t, f.Base), c))
		}
	}
	if *update {
		if err := os.WriteFile(resultsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(resultsFile)
	if err != nil {
		t.Fatal(err)
	}
	got, expected := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(expected)) {
		if i >= len(got) || i >= len(expected) || got[i] != expected[i] {
			t.Fatalf("line %d of %s differs; after a change of a standard run go test ./verify/standard -update", i+1, resultsFile)
		}
	}
}

func resultDigest(t *testing.T, p *rules.Pack, s scene, c *oneCase) string {
	t.Helper()
	b, err := evaluate(t, p, s, c).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(b))
}

// BenchmarkThousandItems evaluates a thousand items under the standard with most
// rules, on one core. The aim is under two seconds.
func BenchmarkThousandItems(b *testing.B) {
	var largest rules.Name
	files := caseFiles(b)
	for name := range files {
		if largest == "" || len(packNamed(b, name).AllRules()) > len(packNamed(b, largest).AllRules()) {
			largest = name
		}
	}
	p, base := packNamed(b, largest), files[largest].Base
	in := base.input(b, &oneCase{Rule: "base"})
	b.ReportMetric(float64(len(p.AllRules())), "rules")
	for b.Loop() {
		for range 1000 {
			if _, err := p.Evaluate(in); err != nil {
				b.Fatal(err)
			}
		}
	}
}
