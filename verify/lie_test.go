package verify_test

import (
	"testing"

	"example.org/custody/verify"
)

// TestCases asks the verifier about every case: what holds, and what must not.
func TestCases(t *testing.T) {
	seen := map[string]bool{}
	truths, lies := 0, 0
	for _, c := range cases() {
		if seen[c.name] {
			t.Fatalf("two cases are called %q", c.name)
		}
		seen[c.name] = true
		if c.side == holding {
			truths++
		} else {
			lies++
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := c.make()
			v := o.verdict(t)
			o.check(t, v)
			validVerdict(t, v)
			first := o.found[0].status
			if c.side == holding && first != verify.Holds || c.side == breaking && first == verify.Holds {
				t.Errorf("the case is %s its rule and wants first of all a finding that is %s", c.side, first)
			}
		})
	}
	if lies < 60 || truths < 25 {
		t.Errorf("%d lies and %d truths in the table", lies, truths)
	}
}

// TestPackageCases does the same with packages.
func TestPackageCases(t *testing.T) {
	for _, c := range packageCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := c.make()
			v := p.verdict(t)
			p.check(t, v)
			validVerdict(t, v)
		})
	}
}
