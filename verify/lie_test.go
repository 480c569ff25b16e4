package verify_test

import (
	"testing"

	"example.org/custody/verify"
)

// TestCases asks the verifier about every case: what holds, and what must not.
func TestCases(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cases() {
		if seen[c.name] {
			t.Fatalf("two cases are called %q", c.name)
		}
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := c.make()
			d := encodeDecode(t, o.d)
			v := verify.Dossier(d, o.trust, o.opts)
			o.check(t, v)
		})
	}
}
