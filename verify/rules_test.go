package verify_test

import (
	"fmt"
	"io/fs"
	"path"
	"testing"

	"example.org/custody/spec"
)

// elsewhere lists vectors of other packages that hold or break a rule besides
// those made here, which say so themselves.
var elsewhere = map[string]struct{ holds, breaks string }{
	"P2":  {"fold-derive", "fold-bad-reused-next"},
	"P4":  {"fold-gap-continues", "fold-bad-seal"},
	"P5":  {"record-withheld", "record-view-dropped"},
	"P6":  {"content-digests", "content-sha256"},
	"P7":  {"fold-gap-erased", "fold-bad-erasure-lies"},
	"P8":  {"trust-ask-enrol-own-log", "trust-ask-enrol-other-log"},
	"P12": {"trust-next", "trust-next-other-previous"},
	"P13": {"fold-moved", "fold-bad-origin"},
	"P14": {"fold-withdrawn-early", "fold-bad-withdraw-early"},
	"P15": {"record-withheld-values", "record-view-salt"},
	"P16": {"container-good", "container-gap"},
	"P17": {"policy-strength-three-states", "policy-strength-two-states-one-lies"},
	"P19": {"envelope-two", "envelope-high-s"},
	"P21": {"start-same", "start-bad-ahead"},
	"P23": {"record-fields", "record-view-second-hash"},
	"P24": {"content-digests", "content-size"},
	"P25": {"fold-collect", "fold-gap-one-sided-collect"},
}

// Every protocol rule has a vector that keeps it and one that breaks it.
func TestRulesHaveVectors(t *testing.T) {
	found := map[string]map[side]int{}
	for n := 1; n <= 25; n++ {
		found[fmt.Sprintf("P%d", n)] = map[side]int{}
	}
	for name, v := range vectors(t) {
		if v.rule == "" {
			continue
		}
		if found[v.rule] == nil {
			t.Errorf("%s is about %q, which is no rule", name, v.rule)
			continue
		}
		found[v.rule][v.side]++
	}
	for rule, of := range elsewhere {
		for s, name := range map[side]string{holding: of.holds, breaking: of.breaks} {
			if _, err := fs.Stat(spec.Vectors, path.Join("vectors", name+".txtar")); err != nil {
				t.Errorf("%s: %v", rule, err)
				continue
			}
			found[rule][s]++
		}
	}
	for rule, sides := range found {
		if sides[holding] == 0 || sides[breaking] == 0 {
			t.Errorf("%s: %d vectors keep it, %d break it", rule, sides[holding], sides[breaking])
		}
	}
}
