package verify_test

import (
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/verify/verifytest"
)

// testCase is one dossier with the answer that the verifier must give.
type testCase struct {
	name  string // begins with the rule it is about, where there is one
	truth bool   // nothing about it is a lie
	make  func() outcome
}

// cases is the table: what holds, and what must not.
func cases() []testCase {
	return []testCase{
		{"p11-handoff", true, func() outcome { return handed().out().holds() }},
		{"p04-last-event-dropped", false, func() outcome {
			s := handed()
			o := s.out()
			last := s.item.Last()
			drop(o.d, s.item, uint64(last.Event.Seq))
			s.proveClosed(o.d, last.Event.Origin, last.Event.Closes)
			return o.fails(4, "seal.accounted", last.Leaf.Hash().String())
		}},
		{"p08-wrong-role", false, func() outcome {
			s := collected()
			s.examine(s.ann, func(e *evidence.Event) { e.Signers[0].Role = evidence.RoleExaminer })
			return s.out().fails(2, "key.enrolled", "enrolled as")
		}},
		{"act-not-custodian", false, func() outcome {
			s := collected()
			s.item.Act(evidence.Examine, []*verifytest.Officer{s.bob}, verifytest.Record{})
			return s.out().fails(2, "act.allowed", "the custodian is")
		}},
	}
}

func contains(s, part string) bool { return strings.Contains(s, part) }
