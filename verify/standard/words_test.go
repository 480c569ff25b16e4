package standard_test

import (
	"testing"

	"example.org/custody/evidence/rules"
	"example.org/custody/verify/standard"
)

// Every rule of every standard is said in each of its languages, and nothing is
// said of a rule that has other words than the finding.
func TestSentence(t *testing.T) {
	n := 0
	for _, s := range rules.Builtin().Named("") {
		for _, lang := range rules.Builtin().Languages(s)[1:] {
			for _, r := range s.Rules {
				subject := string(s.Name()) + " " + r.ID
				got, reviewed := standard.Sentence(lang, subject, "not so: "+r.Text+" (error; source: X)")
				if got == "" || got == r.Text || reviewed {
					t.Errorf("%s in %s: %q, reviewed %v", subject, lang, got, reviewed)
				}
				n++
			}
		}
	}
	if n < 500 {
		t.Errorf("%d sentences", n)
	}
	for _, c := range [][3]string{
		{"en", "device-seizure/1 P1-03", "The power state at seizure is recorded, with what was done and why."},
		{"xx", "device-seizure/1 P1-03", "The power state at seizure is recorded, with what was done and why."},
		{"fr", "device-seizure/1 P1-03", "Some other sentence."},
		{"fr", "device-seizure/2 P1-03", "The power state at seizure is recorded, with what was done and why."},
		{"fr", "", ""},
	} {
		if got, _ := standard.Sentence(c[0], c[1], c[2]); got != "" {
			t.Errorf("%v: %q", c, got)
		}
	}
}
