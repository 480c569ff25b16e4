package verify_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"example.org/custody/verify"
)

// digests are what is drawn anew, short forms included, timestamp tokens and signatures.
var digests = regexp.MustCompile(`[0-9a-f]{12,}|"(token|signature)": "[^"]*"`)

// firstDifference returns the first line in which two texts differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return fmt.Sprintf("%d lines and %d lines", len(x), len(y))
}

func verdictJSON(t *testing.T, v *verify.Verdict) []byte {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
