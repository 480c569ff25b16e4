package admit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
)

var (
	holderKey   = evidence.KeyID{1}
	receiverKey = evidence.KeyID{2}
	otherKey    = evidence.KeyID{3}
	secondKey   = evidence.KeyID{4}
	due         = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

// allowed is "Roles and acts" of spec/event.md once more, written by hand and in
// another form: everything that is not here must be refused. A line reads
//
//	act phase hold: who/role,… …
//
// hold is "free", "hold" or "-" for both; who is custodian, receiver or other;
// "*" as role is each of the eight that can be enrolled.
const allowed = `
collect  birth    -:    custodian/collector,examiner,custodian receiver/collector,examiner,custodian other/collector,examiner,custodian
offer    held     -:    custodian/*
accept   offered  -:    receiver/*
decline  offered  -:    receiver/*
withdraw offered  -:    custodian/*
examine  held     -:    custodian/examiner,custodian,collector
derive   held     -:    custodian/examiner,custodian,collector
disclose held     -:    custodian/*
correct  held     -:    custodian/*
hold     held     -:    custodian/* receiver/prosecutor,court other/prosecutor,court
release  held     hold: custodian/* receiver/prosecutor,court other/prosecutor,court
return   held     free: custodian/*
dispose  held     free: custodian/*
enrol    birth    -:    custodian/authority receiver/authority other/authority
revoke   enrolled -:    custodian/authority receiver/authority other/authority
step     held     -:    custodian/* receiver/*
`

func parseAllowed(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(allowed)) {
		head, cells, _ := strings.Cut(line, ":")
		f := strings.Fields(head)
		holds := map[string][]string{"-": {"free", "hold"}, "free": {"free"}, "hold": {"hold"}}[f[2]]
		for _, cell := range strings.Fields(cells) {
			who, roles, _ := strings.Cut(cell, "/")
			list := strings.Split(roles, ",")
			if roles == "*" {
				list = nil
				for _, r := range evidence.Roles() {
					list = append(list, string(r))
				}
			}
			for _, r := range list {
				for _, h := range holds {
					all[fmt.Sprint(f[0], " ", f[1], " ", h, " ", who, " ", r)] = true
				}
			}
		}
	}
	return all
}

// TestTable asks every act × phase × hold × signer × role. The signatures that
// an act takes beside the first are there, so that only the first decides.
func TestTable(t *testing.T) {
	want := parseAllowed(t)
	keys := map[string]evidence.KeyID{"custodian": holderKey, "receiver": receiverKey, "other": otherKey}
	phases := map[string]Phase{"birth": Birth, "held": Held, "offered": Offered, "ended": Ended, "enrolled": Enrolled}
	asked, granted := 0, 0
	for _, act := range evidence.Actions() {
		for phaseName, phase := range phases {
			for _, hold := range []string{"free", "hold"} {
				for who, key := range keys {
					for _, role := range append(evidence.Roles(), evidence.RoleAuthority) {
						cell := fmt.Sprint(act, " ", phaseName, " ", hold, " ", who, " ", role)
						s := State{Phase: phase, Custodian: holderKey, Receiver: receiverKey, Other: receiverKey, Due: due, Authority: "AA"}
						if hold == "hold" {
							s.Holds = 1
						}
						r := Act(s, act1(act, key, role))
						if (r == nil) != want[cell] {
							t.Errorf("%s: refusal %v, allowed %v", cell, r, want[cell])
						}
						if r != nil && (r.Undecided || r.Code == "" || r.What == "" || r.Why == "") {
							t.Errorf("%s: refusal is not a proven one with its reason: %+v", cell, r)
						}
						asked++
						if r == nil {
							granted++
						}
					}
				}
			}
		}
	}
	if want := 16 * 5 * 2 * 3 * 9; asked != want {
		t.Errorf("asked %d cells, want %d", asked, want)
	}
	if granted != len(want) {
		t.Errorf("granted %d cells, the table has %d", granted, len(want))
	}
}

// act1 is an event of that act by that key, with every second signature it could need.
func act1(a evidence.Action, key evidence.KeyID, role evidence.Role) *evidence.Event {
	e := &evidence.Event{
		Action: a, Recorded: due,
		Signers: []evidence.Signer{{Key: key, Role: role, Authority: "AA"}, {Key: secondKey, Role: evidence.RoleApprover, Authority: "AA"}},
	}
	switch a {
	case evidence.Offer:
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: receiverKey}
	case evidence.Enrol:
		e.Enrols = &evidence.Enrolment{Authority: "AA"}
	}
	return e
}

func TestUnknownState(t *testing.T) {
	erased := State{}.Erased(evidence.Hash{9})
	for _, act := range evidence.Actions() {
		r := Act(erased, act1(act, holderKey, evidence.RoleCustodian))
		first := slices.Contains([]evidence.Action{evidence.Collect, evidence.Enrol, evidence.Revoke}, act)
		if r == nil || r.Undecided == first {
			t.Errorf("%s after an erased event: %+v", act, r)
		}
	}
	// What follows brings the state back, but for the holds that may have been erased.
	s := erased.After(act1(evidence.Offer, holderKey, evidence.RoleCustodian), evidence.Hash{1})
	if s.Phase != Offered || s.Custodian != holderKey {
		t.Fatalf("after offer: %+v", s)
	}
	accept := act1(evidence.Accept, receiverKey, evidence.RoleCustodian)
	accept.Opens.Next = &evidence.NextSeal{}
	s = s.After(accept, evidence.Hash{2})
	if r := Act(s, act1(evidence.Examine, receiverKey, evidence.RoleExaminer)); r != nil {
		t.Errorf("examine by the receiver: %v", r)
	}
	if r := Act(s, act1(evidence.Return, receiverKey, evidence.RoleCustodian)); r == nil || r.Code != CodeHold || !r.Undecided {
		t.Errorf("return where a hold may have been erased: %+v", r)
	}
}

// The other side of a request is whom the latest step named; a handoff makes new sides.
func TestOtherSide(t *testing.T) {
	step := func(by evidence.KeyID, names *evidence.Counterparty) *evidence.Event {
		e := act1(evidence.Step, by, evidence.RoleProsecutor)
		e.Counterparty, e.Opens.Next = names, &evidence.NextSeal{}
		return e
	}
	accept := act1(evidence.Accept, secondKey, evidence.RoleProsecutor)
	accept.Opens.Next = &evidence.NextSeal{}
	key := func(k evidence.KeyID) *evidence.Counterparty {
		return &evidence.Counterparty{Kind: evidence.PartyKey, Key: k}
	}
	held := State{Phase: Held, Custodian: holderKey}
	if r := Act(held, step(evidence.KeyID{}, nil)); r == nil || r.Code != CodeCustodian {
		t.Errorf("a step by nobody, where no other side is named: %v", r)
	}
	for _, c := range []struct {
		name  string
		steps []*evidence.Event
		want  evidence.KeyID
	}{
		{"nobody is named", []*evidence.Event{step(holderKey, nil)}, evidence.KeyID{}},
		{"a court without key is named", []*evidence.Event{step(holderKey, &evidence.Counterparty{Kind: evidence.PartyCourt})}, evidence.KeyID{}},
		{"a key is named", []*evidence.Event{step(holderKey, key(receiverKey))}, receiverKey},
		{"a later step names nobody", []*evidence.Event{step(holderKey, key(receiverKey)), step(receiverKey, nil)}, receiverKey},
		{"the other side answers the custodian", []*evidence.Event{step(holderKey, key(receiverKey)), step(receiverKey, key(holderKey))}, receiverKey},
		{"the other side passes it on", []*evidence.Event{step(holderKey, key(receiverKey)), step(receiverKey, key(otherKey))}, otherKey},
		{"it is handed over", []*evidence.Event{step(holderKey, key(receiverKey)), accept}, evidence.KeyID{}},
	} {
		s := held
		for _, e := range c.steps {
			if e.Action == evidence.Step {
				if r := Act(s, e); r != nil {
					t.Errorf("%s: %v", c.name, r)
				}
			}
			s = s.After(e, evidence.Hash{1})
		}
		if s.Other != c.want || s.Phase != Held {
			t.Errorf("%s: the other side is %v", c.name, short(s.Other))
		}
		for _, k := range []evidence.KeyID{receiverKey, otherKey} {
			if r := Act(s, step(k, nil)); (r == nil) != (k == c.want) {
				t.Errorf("%s: a step by %s: %v", c.name, short(k), r)
			}
		}
	}
}

// Both sides act at once: whichever step the ledger has first closes the seal, and
// the other one closes nothing.
func TestTwoSidesAtOnce(t *testing.T) {
	open := &evidence.NextSeal{Origin: logA, Seal: evidence.Seal{1}}
	s := State{Phase: Held, Custodian: holderKey, Other: receiverKey, Seq: 4, Leaf: evidence.Hash{3}, Next: open}
	step := func(by evidence.KeyID, opens byte) *evidence.Event {
		e := act1(evidence.Step, by, evidence.RoleProsecutor)
		e.Seq, e.Previous, e.Closes, e.Origin = 4, evidence.Hash{3}, open.Seal, logA
		e.Opens.Next = &evidence.NextSeal{Origin: logA, Seal: evidence.Seal{opens}}
		return e
	}
	both := []*evidence.Event{step(holderKey, 5), step(receiverKey, 6)}
	for i, first := range both {
		second := both[1-i]
		if r := Chain(s, first); r != nil || Act(s, first) != nil {
			t.Errorf("the first step: %v", r)
		}
		after := s.After(first, evidence.Hash{byte(10 + i)})
		if r := Chain(after, second); r == nil || r.Code != CodeChain {
			t.Errorf("the second step: %v", r)
		}
	}
}

func TestSeconds(t *testing.T) {
	held := State{Phase: Held, Custodian: holderKey}
	offered := State{Phase: Offered, Custodian: holderKey, Receiver: receiverKey, Due: due}
	by := func(a evidence.Action, at time.Time, signers ...evidence.Signer) *evidence.Event {
		return &evidence.Event{Action: a, Recorded: at, Signers: signers}
	}
	custodian := evidence.Signer{Key: holderKey, Role: evidence.RoleCustodian}
	as := func(k evidence.KeyID, r evidence.Role) evidence.Signer { return evidence.Signer{Key: k, Role: r} }
	continues := by(evidence.Collect, due, custodian)
	continues.Continues = evidence.ItemID{7}
	continues2 := by(evidence.Collect, due, custodian, as(otherKey, evidence.RoleAuditor))
	continues2.Continues = evidence.ItemID{7}
	own := by(evidence.Offer, due, custodian)
	own.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: holderKey}
	carrier := by(evidence.Offer, due, custodian)
	carrier.Counterparty = &evidence.Counterparty{Kind: evidence.PartyCarrier}
	enrol := by(evidence.Enrol, due, evidence.Signer{Role: evidence.RoleAuthority, Authority: "AA"})
	enrol.Enrols = &evidence.Enrolment{Authority: "BB"}
	for _, tt := range []struct {
		name string
		s    State
		e    *evidence.Event
		want Code
	}{
		{"dispose alone", held, by(evidence.Dispose, due, custodian), CodeSecond},
		{"dispose with an examiner", held, by(evidence.Dispose, due, custodian, as(otherKey, evidence.RoleExaminer)), CodeSecond},
		{"dispose with own key again", held, by(evidence.Dispose, due, custodian, as(holderKey, evidence.RoleApprover)), CodeSecond},
		{"dispose with an approver", held, by(evidence.Dispose, due, custodian, as(otherKey, evidence.RoleApprover)), ""},
		{"dispose with a prosecutor", held, by(evidence.Dispose, due, custodian, as(otherKey, evidence.RoleProsecutor)), ""},
		{"dispose with a court", held, by(evidence.Dispose, due, custodian, as(otherKey, evidence.RoleCourt)), ""},
		{"withdraw early, alone", offered, by(evidence.Withdraw, due.Add(-1), custodian), CodeSecond},
		{"withdraw early, with another", offered, by(evidence.Withdraw, due.Add(-1), custodian, as(otherKey, evidence.RoleApprover)), CodeSecond},
		{"withdraw early, with the receiver", offered, by(evidence.Withdraw, due.Add(-1), custodian, as(receiverKey, evidence.RoleCarrier)), ""},
		{"withdraw when due", offered, by(evidence.Withdraw, due, custodian), ""},
		{"continue alone", State{}, continues, CodeSecond},
		{"continue with another", State{}, continues2, ""},
		{"offer to oneself", held, own, CodeReceiver},
		{"offer to a carrier without key", held, carrier, ""},
		{"accept where no key is named", offered.without(), by(evidence.Accept, due, as(receiverKey, evidence.RoleCarrier)), CodeReceiver},
		{"enrol for another state", State{}, enrol, CodeAuthority},
		{"revoke by another state", State{Phase: Enrolled, Authority: "BB"}, by(evidence.Revoke, due, evidence.Signer{Role: evidence.RoleAuthority, Authority: "AA"}), CodeAuthority},
		{"nobody signs", held, by(evidence.Examine, due), CodeCustodian},
		{"no custodian", State{Phase: Held}, by(evidence.Examine, due, evidence.Signer{Role: evidence.RoleExaminer}), CodeCustodian},
	} {
		got := Code("")
		if r := Act(tt.s, tt.e); r != nil {
			got = r.Code
		}
		if got != tt.want {
			t.Errorf("%s: refused with %q, want %q", tt.name, got, tt.want)
		}
	}
}

func (s State) without() State { s.Receiver = evidence.KeyID{}; return s }

// After an erased event an act that only a custodian may do says who that is, as
// the custody fold reads it; whether a hold is on stays unknown.
func TestCustodianAfterErased(t *testing.T) {
	next := &evidence.NextSeal{Origin: logA, Seal: evidence.Seal{1}}
	for _, a := range []evidence.Action{evidence.Examine, evidence.Derive, evidence.Disclose, evidence.Correct, evidence.Dispose} {
		e := &evidence.Event{Action: a, Seq: 2, Opens: evidence.Opens{Next: next}, Signers: []evidence.Signer{{Key: holderKey}}}
		s := State{Phase: Held, Custodian: otherKey, Seq: 1}.Erased(evidence.Hash{1}).After(e, evidence.Hash{2})
		if s.Phase != Held || s.Custodian != holderKey || !s.Blurred || s.Seq != 3 {
			t.Errorf("after %s: %+v", a, s)
		}
	}
	hold := &evidence.Event{Action: evidence.Hold, Seq: 2, Opens: evidence.Opens{Next: next}, Signers: []evidence.Signer{{Key: holderKey}}}
	if s := (State{}).Erased(evidence.Hash{1}).After(hold, evidence.Hash{2}); s.Phase != Unknown {
		t.Errorf("a hold, which others may put on, says who the custodian is: %+v", s)
	}
}
