package report

import (
	"slices"
	"testing"

	"example.org/custody/verify"
)

// Every archive timestamp that counts is shown, in order.
func TestArchivedIsShown(t *testing.T) {
	v := &verify.Verdict{Status: verify.Undecided, Trust: verify.TrustFacts{Source: verify.SourceNone},
		Package: &verify.PackageFacts{Manifest: "5f3e12", Packed: "2026-01-01T00:00:00Z", Archived: []string{"2031-01-01T00:00:00Z", "2036-01-01T00:00:00Z"}}}
	var got []string
	for _, f := range New(v, Options{}).Basis.List {
		if f.Name == "Archive timestamp" {
			got = append(got, f.Value)
		}
	}
	if !slices.Equal(got, v.Package.Archived) {
		t.Errorf("the report shows %q", got)
	}
}
