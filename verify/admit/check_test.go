package admit

import (
	"testing"
	"time"

	"example.org/custody/evidence"
)

const (
	logA = evidence.Origin("log.aa")
	logB = evidence.Origin("log.bb")
)

func at(minute int) time.Time { return time.Date(2026, 11, 24, 10, minute, 0, 0, time.UTC) }

func TestCovers(t *testing.T) {
	closed := func(i uint64) *Place { return &Place{Origin: logA, Index: i} }
	enrolled := Place{Origin: logA, Index: 10, Received: at(10)}
	open := func(size uint64, minute int) []Checkpoint { return []Checkpoint{{Size: size, Time: at(minute)}} }
	for _, tt := range []struct {
		name  string
		n     Enrolment
		event Place
		want  string // "", refused, undecided
	}{
		{"unbroken past the event", Enrolment{Place: enrolled, Unbroken: open(21, 30)}, Place{logA, 20, time.Time{}}, ""},
		{"unbroken up to the event only", Enrolment{Place: enrolled, Unbroken: open(20, 30)}, Place{logA, 20, time.Time{}}, "undecided"},
		{"nothing known about the seal", Enrolment{Place: enrolled}, Place{logA, 20, time.Time{}}, "undecided"},
		{"before the enrolment", Enrolment{Place: enrolled, Unbroken: open(21, 30)}, Place{logA, 9, time.Time{}}, "refused"},
		{"the enrolment itself", Enrolment{Place: enrolled, Unbroken: open(21, 30)}, Place{logA, 10, time.Time{}}, "refused"},
		{"before the revocation", Enrolment{Place: enrolled, Closed: closed(21)}, Place{logA, 20, time.Time{}}, ""},
		{"at the revocation", Enrolment{Place: enrolled, Closed: closed(20)}, Place{logA, 20, time.Time{}}, "refused"},
		{"after the revocation", Enrolment{Place: enrolled, Closed: closed(15), Unbroken: open(90, 30)}, Place{logA, 20, time.Time{}}, "refused"},

		{"across, unbroken later", Enrolment{Place: enrolled, Unbroken: open(99, 20)}, Place{logB, 5, at(20)}, ""},
		{"across, unbroken earlier", Enrolment{Place: enrolled, Unbroken: open(99, 19)}, Place{logB, 5, at(20)}, "undecided"},
		{"across, unbroken without time", Enrolment{Place: enrolled, Unbroken: []Checkpoint{{Size: 99}}}, Place{logB, 5, at(20)}, "undecided"},
		{"across, event without receipt", Enrolment{Place: enrolled, Unbroken: open(99, 20)}, Place{logB, 5, time.Time{}}, "undecided"},
		{"across, enrolment without receipt", Enrolment{Place: Place{Origin: logA, Index: 10}, Unbroken: open(99, 20)}, Place{logB, 5, at(20)}, "undecided"},
		{"across, enrolled later", Enrolment{Place: enrolled, Unbroken: open(99, 20)}, Place{logB, 5, at(9)}, "undecided"},
		{"across, enrolled at the same time", Enrolment{Place: enrolled, Unbroken: open(99, 20)}, Place{logB, 5, at(10)}, ""},
		{"across, revoked past a later checkpoint", Enrolment{Place: enrolled, Closed: closed(50), Seen: []Checkpoint{{50, at(20)}}}, Place{logB, 5, at(20)}, ""},
		{"across, revoked below it", Enrolment{Place: enrolled, Closed: closed(49), Seen: []Checkpoint{{50, at(20)}}}, Place{logB, 5, at(20)}, "undecided"},
		{"across, revoked, checkpoint too early", Enrolment{Place: enrolled, Closed: closed(50), Seen: []Checkpoint{{50, at(19)}}}, Place{logB, 5, at(20)}, "undecided"},
		{"across, revoked, unbroken is no help", Enrolment{Place: enrolled, Closed: closed(50), Unbroken: open(99, 20)}, Place{logB, 5, at(20)}, "undecided"},
	} {
		got := ""
		if r := tt.n.Covers(tt.event); r != nil {
			got = map[bool]string{false: "refused", true: "undecided"}[r.Undecided]
			if r.Code != CodePeriod {
				t.Errorf("%s: code %q", tt.name, r.Code)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// good is an offer that Check admits; each case below breaks one thing.
func good() Case {
	signer := evidence.Signer{Key: holderKey, Role: evidence.RoleCustodian, Authority: "AA", Enrolled: evidence.ItemID{8}}
	return Case{
		State: State{Phase: Held, Custodian: holderKey, Seq: 3, Leaf: evidence.Hash{5}, Next: &evidence.NextSeal{Origin: logA, Seal: evidence.Seal{6}}},
		Event: &evidence.Event{
			Action: evidence.Offer, Seq: 3, Previous: evidence.Hash{5}, Closes: evidence.Seal{6}, Origin: logA,
			Counterparty: &evidence.Counterparty{Kind: evidence.PartyKey, Key: receiverKey},
			Opens:        evidence.Opens{Next: &evidence.NextSeal{Origin: logA, Seal: evidence.Seal{7}}},
			Signers:      []evidence.Signer{signer},
		},
		Place: Place{Origin: logA, Index: 20},
		Enrolments: []*Enrolment{{
			Item: evidence.ItemID{8}, Key: holderKey, Role: evidence.RoleCustodian, Authority: "AA",
			Place: Place{Origin: logA, Index: 2}, Unbroken: []Checkpoint{{Size: 21}},
		}},
	}
}

func TestCheck(t *testing.T) {
	if r := Check(good()); r != nil {
		t.Fatalf("the good case: %v", r)
	}
	for _, tt := range []struct {
		name      string
		breakIt   func(*Case)
		want      Code
		undecided bool
	}{
		{"number", func(c *Case) { c.Event.Seq = 4 }, CodeChain, false},
		{"previous leaf", func(c *Case) { c.Event.Previous = evidence.Hash{1} }, CodeChain, false},
		{"another seal", func(c *Case) { c.Event.Closes = evidence.Seal{1} }, CodeChain, false},
		{"another ledger", func(c *Case) { c.Event.Origin = logB }, CodeChain, false},
		{"ended", func(c *Case) { c.State.Phase, c.State.Next = Ended, nil }, CodeState, false},
		{"open seal not known", func(c *Case) { c.State = c.State.Erased(evidence.Hash{5}); c.State.Seq = 3 }, CodeChain, true},
		{"no enrolment", func(c *Case) { c.Enrolments[0] = nil }, CodeEnrolment, true},
		{"no enrolments", func(c *Case) { c.Enrolments = nil }, CodeEnrolment, true},
		{"enrolment of another item", func(c *Case) { c.Enrolments[0].Item = evidence.ItemID{9} }, CodeEnrolment, false},
		{"enrolment of another key", func(c *Case) { c.Enrolments[0].Key = otherKey }, CodeEnrolment, false},
		{"another role", func(c *Case) { c.Enrolments[0].Role = evidence.RoleExaminer }, CodeEnrolment, false},
		{"another authority", func(c *Case) { c.Enrolments[0].Authority = "BB" }, CodeEnrolment, false},
		{"period", func(c *Case) { c.Enrolments[0].Closed = &Place{Origin: logA, Index: 20} }, CodePeriod, false},
		{"second signer not enrolled", func(c *Case) {
			c.Event.Signers = append(c.Event.Signers, evidence.Signer{Key: otherKey, Role: evidence.RoleApprover})
		}, CodeEnrolment, true},
		{"not the custodian", func(c *Case) { c.State.Custodian = otherKey }, CodeCustodian, false},
		{"authority's own key", func(c *Case) { c.Event.Signers[0].Role = evidence.RoleAuthority }, CodeAuthority, false},
	} {
		c := good()
		tt.breakIt(&c)
		r := Check(c)
		if r == nil || r.Code != tt.want || r.Undecided != tt.undecided {
			t.Errorf("%s: %+v, want %q", tt.name, r, tt.want)
		}
	}
}

func TestParent(t *testing.T) {
	leaf := evidence.Hash{3}
	child := &evidence.Event{Action: evidence.Collect, Item: evidence.ItemID{2}, Origin: logA,
		Signers: []evidence.Signer{{Key: holderKey}},
		Parent:  &evidence.Parent{Item: evidence.ItemID{1}, Kind: evidence.Copied, Leaf: leaf}}
	derive := func(item byte, a evidence.Action, c evidence.Child) *evidence.Event {
		return &evidence.Event{Action: a, Item: evidence.ItemID{item}, Opens: evidence.Opens{Children: []evidence.Child{c}}}
	}
	named := evidence.Child{Item: child.Item, Origin: logA}
	for _, tt := range []struct {
		name      string
		derive    *evidence.Event
		leaf      evidence.Hash
		ok        bool
		undecided bool
	}{
		{"named", derive(1, evidence.Derive, named), leaf, true, false},
		{"not known", nil, leaf, false, true},
		{"another leaf", derive(1, evidence.Derive, named), evidence.Hash{4}, false, false},
		{"another item's", derive(9, evidence.Derive, named), leaf, false, false},
		{"not a derive", derive(1, evidence.Examine, named), leaf, false, false},
		{"another child", derive(1, evidence.Derive, evidence.Child{Item: evidence.ItemID{7}, Origin: logA}), leaf, false, false},
		{"another ledger", derive(1, evidence.Derive, evidence.Child{Item: child.Item, Origin: logB}), leaf, false, false},
	} {
		r := Parent(child, tt.derive, tt.leaf)
		if (r == nil) != tt.ok || r != nil && r.Undecided != tt.undecided {
			t.Errorf("%s: %+v", tt.name, r)
		}
	}
	if r := Check(Case{Event: child}); r == nil || r.Code != CodeParent || !r.Undecided {
		t.Errorf("a child whose parent is not known: %+v", r)
	}
	if r := Parent(&evidence.Event{Action: evidence.Collect}, nil, leaf); r != nil {
		t.Errorf("no parent: %v", r)
	}
}

// TestReplay follows one history through every phase.
func TestReplay(t *testing.T) {
	next := &evidence.NextSeal{Origin: logA, Seal: evidence.Seal{1}}
	ev := func(seq int64, a evidence.Action, key evidence.KeyID) *evidence.Event {
		return &evidence.Event{Action: a, Seq: seq, Opens: evidence.Opens{Next: next}, Signers: []evidence.Signer{{Key: key}}, Due: due,
			Counterparty: &evidence.Counterparty{Kind: evidence.PartyKey, Key: receiverKey}}
	}
	last := ev(9, evidence.Return, receiverKey)
	last.Opens.Next = nil
	history := []*evidence.Event{
		ev(0, evidence.Collect, holderKey), ev(1, evidence.Hold, otherKey), ev(2, evidence.Offer, holderKey), ev(3, evidence.Decline, receiverKey),
		ev(4, evidence.Offer, holderKey), ev(5, evidence.Withdraw, holderKey), ev(6, evidence.Offer, holderKey), ev(7, evidence.Accept, receiverKey),
		ev(8, evidence.Release, receiverKey), last,
	}
	want := []State{
		{Phase: Held, Custodian: holderKey}, {Phase: Held, Custodian: holderKey, Holds: 1},
		{Phase: Offered, Custodian: holderKey, Receiver: receiverKey, Due: due, Holds: 1}, {Phase: Held, Custodian: holderKey, Holds: 1},
		{Phase: Offered, Custodian: holderKey, Receiver: receiverKey, Due: due, Holds: 1}, {Phase: Held, Custodian: holderKey, Holds: 1},
		{Phase: Offered, Custodian: holderKey, Receiver: receiverKey, Due: due, Holds: 1}, {Phase: Held, Custodian: receiverKey, Holds: 1},
		{Phase: Held, Custodian: receiverKey}, {Phase: Ended, Custodian: receiverKey},
	}
	for i := range history {
		leaves := []evidence.Hash{{byte(i + 1)}}
		s := Replay(history[:i], nil).After(history[i], leaves[0])
		w := want[i]
		w.Seq, w.Leaf, w.Next = int64(i+1), leaves[0], history[i].Opens.Next
		if s != w {
			t.Errorf("after %s: %+v, want %+v", history[i].Action, s, w)
		}
	}
}
