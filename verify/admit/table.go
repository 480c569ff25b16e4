package admit

import (
	"fmt"
	"slices"

	"example.org/custody/evidence"
)

// rule is one line of spec/event.md, "Roles and acts".
type rule struct {
	phase Phase
	first party           // who signs first
	roles []evidence.Role // of the first signer; nil: any but an authority's own key
	hold  hold
	then  func(State, *evidence.Event) *Refusal // what else must be true; may be nil
}

// party says which key signs first.
type party uint8

const (
	anyone party = iota
	custodian
	receiver
	custodianOrRole // the custodian, or anyone in one of the roles
	eitherSide      // the custodian, or the other side of a request
	authority       // an authority's own key
)

// hold says what a hold on the item means for the act.
type hold uint8

const (
	holdIgnored hold = iota
	holdForbids
	holdNeeded
)

var (
	handlers = []evidence.Role{evidence.RoleExaminer, evidence.RoleCustodian, evidence.RoleCollector}
	holders  = []evidence.Role{evidence.RoleProsecutor, evidence.RoleCourt}
	// approvers may be the second of the two persons who dispose of an item.
	approvers = []evidence.Role{evidence.RoleApprover, evidence.RoleProsecutor, evidence.RoleCourt}
)

var table = map[evidence.Action]rule{
	evidence.Collect:  {phase: Birth, roles: handlers, then: continuing},
	evidence.Offer:    {phase: Held, first: custodian, then: offering},
	evidence.Accept:   {phase: Offered, first: receiver},
	evidence.Decline:  {phase: Offered, first: receiver},
	evidence.Withdraw: {phase: Offered, first: custodian, then: withdrawing},
	evidence.Examine:  {phase: Held, first: custodian, roles: handlers},
	evidence.Derive:   {phase: Held, first: custodian, roles: handlers},
	evidence.Disclose: {phase: Held, first: custodian},
	evidence.Correct:  {phase: Held, first: custodian},
	evidence.Hold:     {phase: Held, first: custodianOrRole, roles: holders},
	evidence.Release:  {phase: Held, first: custodianOrRole, roles: holders, hold: holdNeeded, then: releasing},
	evidence.Return:   {phase: Held, first: custodian, hold: holdForbids},
	evidence.Dispose:  {phase: Held, first: custodian, hold: holdForbids, then: disposing},
	evidence.Enrol:    {phase: Birth, first: authority, then: enrolling},
	evidence.Revoke:   {phase: Enrolled, first: authority, then: revoking},
	evidence.Step:     {phase: Held, first: eitherSide},
}

// Act reports whether the signers of e may do it from the state s, by the table
// alone: neither their enrolments nor e's place in the chain is looked at.
func Act(s State, e *evidence.Event) *Refusal {
	r, ok := table[e.Action]
	if !ok {
		return refuse(CodeAction, what(e), "no role may do this")
	}
	if s.Phase == Unknown && (r.phase == Held || r.phase == Offered) {
		if x := r.whatever(e); x != nil {
			return x
		}
		return undecided(CodeState, what(e), "the event before was erased, so the state of custody is not known")
	}
	if s.Phase != r.phase {
		return refuse(CodeState, what(e), "the item is %s and must be %s", s.Phase, r.phase)
	}
	if x := r.who(s, e); x != nil {
		return x
	}
	switch {
	case r.hold != holdIgnored && s.Blurred:
		return undecided(CodeHold, what(e), "an event before was erased, so whether the item is under a hold is not known")
	case r.hold == holdForbids && s.Holds > 0:
		return refuse(CodeHold, what(e), "the item is under a hold")
	case r.hold == holdNeeded && s.Holds == 0:
		return refuse(CodeHold, what(e), "the item is under no hold")
	case r.then != nil:
		return r.then(s, e)
	}
	return nil
}

// whatever refuses what the table refuses from every state.
func (r rule) whatever(e *evidence.Event) *Refusal {
	if r.roles != nil && r.first != custodianOrRole && !slices.Contains(r.roles, e.Signer().Role) {
		return refuse(CodeRole, what(e), "role %q; %s is needed", e.Signer().Role, either(r.roles))
	}
	if e.Action == evidence.Dispose {
		return TwoPersons(e)
	}
	return nil
}

// who checks the first signer against the table.
func (r rule) who(s State, e *evidence.Event) *Refusal {
	signer := e.Signer()
	inRole := slices.Contains(r.roles, signer.Role)
	if (signer.Role == evidence.RoleAuthority) != (r.first == authority) {
		return refuse(CodeAuthority, what(e), "signed in the role %q", signer.Role)
	}
	isCustodian := signer.Key == s.Custodian && s.Custodian != evidence.KeyID{}
	switch r.first {
	case custodianOrRole:
		if !isCustodian && !inRole {
			return refuse(CodeRole, what(e), "the signer is neither the custodian nor in the role %s", either(r.roles))
		}
		return nil
	case eitherSide:
		if !isCustodian && (signer.Key != s.Other || s.Other == evidence.KeyID{}) {
			return refuse(CodeCustodian, what(e), "the custodian is %s, the other side %s", short(s.Custodian), short(s.Other))
		}
	case custodian:
		if !isCustodian {
			return refuse(CodeCustodian, what(e), "the custodian is %s", short(s.Custodian))
		}
	case receiver:
		if s.Receiver == (evidence.KeyID{}) {
			return refuse(CodeReceiver, what(e), "the offer names no key")
		}
		if signer.Key != s.Receiver {
			return refuse(CodeReceiver, what(e), "the offer names %s", short(s.Receiver))
		}
	}
	if r.roles != nil && !inRole {
		return refuse(CodeRole, what(e), "role %q; %s is needed", signer.Role, either(r.roles))
	}
	return nil
}

// continuing: who takes up a dead item's successor does not do so alone (rule P4).
func continuing(_ State, e *evidence.Event) *Refusal {
	if e.Continues != (evidence.ItemID{}) && len(e.Signers) < 2 {
		return refuse(CodeSecond, what(e), "going on from another item takes two signatures")
	}
	return nil
}

// offering: a handoff has two parties.
func offering(s State, e *evidence.Event) *Refusal {
	if e.Counterparty != nil && e.Counterparty.Key == s.Custodian {
		return refuse(CodeReceiver, what(e), "offered to the giver's own key")
	}
	return nil
}

// withdrawing: until the answer is due the receiver must agree (rule P14).
func withdrawing(s State, e *evidence.Event) *Refusal {
	if !e.Made().Before(s.Due) {
		return nil
	}
	if s.Receiver == (evidence.KeyID{}) || !e.SignedBy(s.Receiver) {
		return refuse(CodeSecond, what(e), "before the offer is due the receiver must sign as well")
	}
	return nil
}

// releasing: what a prosecutor or a court ordered, the custodian does not lift.
func releasing(s State, e *evidence.Event) *Refusal {
	if s.Holds == s.Ordered && !ordering(e) {
		return refuse(CodeHold, what(e), "every hold on the item is by a prosecutor or a court; releasing it is theirs")
	}
	return nil
}

// ordering reports whether a prosecutor or a court signed e, first or not.
func ordering(e *evidence.Event) bool {
	return slices.ContainsFunc(e.Signers, func(s evidence.Signer) bool { return slices.Contains(holders, s.Role) })
}

func disposing(_ State, e *evidence.Event) *Refusal { return TwoPersons(e) }

// TwoPersons reports whether a dispose bears, beside the first signature, that
// of another key in a role that may approve it. It is all that an erasure asks of
// the acts of a disposal (rule P7): from where the item stood may be what was
// erased.
func TwoPersons(e *evidence.Event) *Refusal {
	for _, s := range e.Signers[1:] {
		if slices.Contains(approvers, s.Role) && s.Key != e.Signer().Key {
			return nil
		}
	}
	return refuse(CodeSecond, what(e), "needs a second signature in the role %s", either(approvers))
}

// enrolling: an authority speaks for its own state only.
func enrolling(_ State, e *evidence.Event) *Refusal {
	if e.Enrols == nil || e.Enrols.Authority != e.Signer().Authority {
		return refuse(CodeAuthority, what(e), "an authority enrols keys of its own state only")
	}
	return nil
}

func revoking(s State, e *evidence.Event) *Refusal {
	if e.Signer().Authority != s.Authority {
		return refuse(CodeAuthority, what(e), "the key was enrolled by the authority of %s", s.Authority)
	}
	return nil
}

func what(e *evidence.Event) string {
	return fmt.Sprintf("%s by %s", e.Action, short(e.Signer().Key))
}

func short(k evidence.KeyID) string {
	if k == (evidence.KeyID{}) {
		return "nobody known"
	}
	return k.String()[:12]
}

// either lists roles for a sentence.
func either(roles []evidence.Role) string {
	s := ""
	for i, r := range roles {
		switch {
		case i > 0 && i == len(roles)-1:
			s += " or "
		case i > 0:
			s += ", "
		}
		s += string(r)
	}
	return s
}
