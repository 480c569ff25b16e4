package standard_test

import (
	"testing"

	"example.org/custody/evidence/rules"
)

// What a case begins from is what a desk would seal: each answer is of its
// field's type, and the guard finds no person where others would see one.
func TestBasesCanBeSealed(t *testing.T) {
	for name, f := range caseFiles(t) {
		p := packNamed(t, name)
		answers, err := p.Answers(f.Base.Record)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		guard := rules.Guard{Pack: p}
		if err := guard.Check(answers); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
