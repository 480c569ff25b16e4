package verify_test

import (
	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/standard"
	"example.org/custody/verify/verifytest"
)

// standardCases are about question 7 (spec/standards.md).
func standardCases() []testCase {
	return []testCase{
		{"p05-standard-holds", holding, "Every rule of the standard that counts holds; one that only advises does not, and decides nothing.", func() outcome {
			return gathered("Acme", true, nil).holds(7, "standard.rule", "test/1 T-1").shows(7, "fails", "standard.advice", "test/1 T-2")
		}},
		{"p05-standard-rule-fails", holding, "A rule of the standard is not kept: question 7 fails, and no other.", func() outcome {
			return gathered("none", true, nil).holds(1, "record.root", "").shows(7, "fails", "standard.rule", "test/1 T-1").shows(7, "holds", "standard.rule", "test/1 T-3")
		}},
		{"p05-standard-held-back", holding, "What a rule reads is held back: the rule is undecided, and never holds.", func() outcome {
			return gathered("Acme", true, hide("make", false)).holds(1, "record.root", "1 of them held back").shows(7, "undecided", "standard.rule", "held back: f.make").shows(7, "holds", "standard.rule", "test/1 T-3")
		}},
		{"p05-standard-name-held-back", holding, "A name is held back, so what the record does not name is unknown to the rules as well.", func() outcome {
			return gathered("Acme", true, hide("make", true)).holds(1, "record.root", "").shows(7, "undecided", "standard.rule", "held back: f.make").shows(7, "undecided", "standard.advice", "held back: f.model")
		}},
		{"p12-standard-not-listed", holding, "The trust list does not name the standard: its rules decide nothing.", func() outcome {
			return gathered("none", false, nil).holds(1, "record.root", "").shows(7, "undecided", "standard", "the trust list names no standard test/1")
		}},
		{"p05-standard-value-changed", breaking, "A value that a rule reads is not the one that was signed: no rule counts.", func() outcome {
			o := gathered("none", true, nil)
			for n := range o.d.Events {
				for i, e := range o.d.Events[n].Record.Entries {
					if e.Name == "make" {
						o.d.Events[n].Record.Entries[i].Value = []byte(`"Acme"`)
					}
				}
			}
			return o.fails(1, "record.root", "not the one the event signed").shows(7, "undecided", "standard.rule", "rests on standard")
		}},
	}
}

// gathered has an item that was sealed under the test pack and handed over, for a
// reader who has the pack and whose list names it, or not.
func gathered(make string, listed bool, withhold func(evidence.ViewEntry) *evidence.Withholding) outcome {
	lib := rules.NewLibrary()
	p, err := lib.Add("test-1.json", []byte(testPack))
	if err != nil {
		panic(err)
	}
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{
		Fields: map[string]any{standard.Field: standard.Stated{SHA256: p.Digest(), Standard: p.Name()}, "make": make}, Files: oneFile.Files,
	}, func(e *evidence.Event) { e.Standard = string(p.Name()) })
	s.item.Events[0].Hide(withhold)
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	o := s.out()
	o.opts.Standards = lib
	if listed {
		o = o.under(s.w.EditList(func(l *trust.List) {
			l.Standards = []trust.Pin{{Name: string(p.Name()), Digest: trust.Digest(p.Digest())}}
		}))
	}
	return o
}
