package verifytest

import (
	"fmt"

	"example.org/custody/evidence"
)

// Prepare makes a new key of the state and the record of its enrolment, which
// [Officer.Register] logs. Until then its signatures name an enrolment that is
// in no ledger.
func (s *State) Prepare(role evidence.Role) *Officer {
	w := s.world
	key := newSignerKey(fmt.Sprintf("officer %s %s %d", s.Code, role, w.drawn))
	o := &Officer{State: s, Role: role, ID: evidence.KeyID(key.public.ID()), key: key}
	o.Enrolment = w.item(s.Log.Origin, w.record(Record{Fields: map[string]any{"holder": "officer of " + s.Code}}))
	return o
}

// Register logs the enrolment of an officer that was prepared, signed by an
// authority, which need not be the one of the officer's state.
func (o *Officer) Register(by *Officer, edits ...Edit) *Event {
	enrols := &evidence.Enrolment{
		Authority: evidence.StateCode(o.State.Code), Key: o.ID, Role: o.Role, SPKI: o.key.public.SPKI(), Suite: string(o.key.public.Suite()),
	}
	return o.Enrolment.log(evidence.Enrol, []*Officer{by}, o.Enrolment.record, append([]Edit{func(e *evidence.Event) { e.Enrols = enrols }}, edits...))
}

// Enrol enrols a new key of the state.
func (s *State) Enrol(role evidence.Role, edits ...Edit) *Officer {
	o := s.Prepare(role)
	o.Register(s.Authority, edits...)
	return o
}

// Revoke ends the officer's enrolment.
func (o *Officer) Revoke(edits ...Edit) *Event {
	return o.RevokeBy(o.State.Authority, edits...)
}

// RevokeBy ends the enrolment by an authority, which need not be the one that
// may.
func (o *Officer) RevokeBy(by *Officer, edits ...Edit) *Event {
	return o.Enrolment.Act(evidence.Revoke, []*Officer{by}, Record{}, edits...)
}
