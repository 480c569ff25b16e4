package verify_test

import (
	"testing"

	"example.org/custody/verify"
	"example.org/custody/verify/report"
)

// ofTheContainer are the checks whose details are the reader's own refusal of a file,
// which stays as it is: what cannot be read has no sentence.
var ofTheContainer = map[string]bool{
	"malformed": true, "truncated": true, "limit": true, "checksum": true, "dossier.form": true,
}

// Whatever a verdict on a vector says of a finding, reports have words for it.
func TestDetailsOfVectorsAreRecognised(t *testing.T) {
	seen := map[string]bool{}
	for name, v := range answers(t) {
		for q := range 11 {
			for _, f := range findings(v, q) {
				if seen[f.Detail] || ofTheContainer[f.Check] && f.Status == verify.Undecided {
					continue
				}
				if seen[f.Detail] = true; !report.Recognised(f.Detail) {
					t.Errorf("%s: %s: %q", name, f.Check, f.Detail)
				}
			}
		}
	}
	if len(seen) < 400 {
		t.Errorf("only %d details", len(seen))
	}
}
