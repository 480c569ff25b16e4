package verify

import (
	"errors"
	"fmt"
	"sort"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/verify/admit"
)

// verifySignatures verifies every signature of every event.
func (s *session) verifySignatures() {
	onAllCores(len(s.events), func(i int) {
		e := s.events[i]
		if e.event == nil {
			return
		}
		e.verified = make([]result, len(e.event.Signers))
		for j, who := range e.event.Signers {
			e.verified[j] = e.verify(j, s.keyOf(who))
		}
	})
}

// keyOf returns the public key under which who should have signed.
func (s *session) keyOf(who evidence.Signer) known {
	if who.Role != evidence.RoleAuthority {
		return s.keys[who.Enrolled].key(who)
	}
	if certs := s.issuers[who.Key]; len(certs) > 0 {
		return known{key: certs[0].key}
	}
	return known{why: "no certificate at hand that the trust list names has this key"}
}

// judgeSigners judges every signature of an event and what stands behind it.
// Whether an authority counted is a finding of the key it enrolled.
func (s *session) judgeSigners(e *eventCase) {
	for i, who := range e.event.Signers {
		e.signatures = append(e.signatures, conclude(checkSignature, e.subject, e.verified[i], e.form))
		if who.Role == evidence.RoleAuthority {
			continue
		}
		k := s.keys[who.Enrolled]
		enrolled := s.enrolled(e.subject, who, k)
		e.enrolled = append(e.enrolled, enrolled)
		r := s.periodOf(e, who, k)
		period := conclude(checkPeriod, e.subject, r, enrolled, e.included)
		if k != nil {
			period = want(k.lacks(e), period, r)
		}
		e.period = append(e.period, period)
	}
}

// known is a public key, or why there is none.
type known struct {
	key *signing.PublicKey
	why string
}

// key returns the public key under which who should have signed.
func (k *keyCase) key(who evidence.Signer) known {
	switch {
	case k == nil:
		return known{why: fmt.Sprintf("its enrolment %s is not in the package", who.Enrolled)}
	case k.proven.Key != who.Key:
		return known{why: "the enrolment it names is of another key"}
	case k.public == nil:
		return known{why: k.suite.Error()}
	}
	return known{key: k.public}
}

// verify checks signature i over the payload.
func (e *eventCase) verify(i int, k known) result {
	if e.envelope == nil || i >= len(e.envelope.Signatures) {
		return undecided("there is no signature to verify")
	}
	return verifySignature(e.envelope, i, e.event.Signers[i], k)
}

func verifySignature(env *signing.Envelope, i int, who evidence.Signer, k known) result {
	if k.key == nil {
		return undecided("the signature of key %s cannot be verified: %s", who.Key, k.why)
	}
	err := k.key.Verify(env.PayloadType, env.Payload, env.Signatures[i].Sig)
	switch {
	case errors.Is(err, signing.ErrSignature):
		return fails(Proof{
			"key": hexOf(k.key.SPKI()), "suite": string(k.key.Suite()), "payload_type": env.PayloadType,
			"payload": hexOf(env.Payload), "signature": hexOf(env.Signatures[i].Sig),
		}, "the signature of the %s does not verify: %v", signer(who), err)
	case err != nil:
		return undecided("the signature of the %s could not be verified: %v", signer(who), err)
	}
	return holds("signed by the %s", signer(who))
}

// enrolled checks that a signer signs as what its enrolment says, and rests on
// all that the enrolment rests on.
func (s *session) enrolled(subject string, who evidence.Signer, k *keyCase) *Finding {
	if k == nil {
		return conclude(checkEnrolled, subject, undecided("the enrolment %s of key %s is not in the package", who.Enrolled, who.Key))
	}
	var r result
	if x := k.proven.Signer(who); x != nil {
		r = refused(x)
	} else {
		r = holds("%s, enrolled by %s", signer(who), k.enrol.subject)
	}
	return conclude(checkEnrolled, subject, r, k.authority, k.enrol.sound(), k.enrol.allowed)
}

// periodOf asks whether the key was good where and when the event is (rule P8).
func (s *session) periodOf(e *eventCase, who evidence.Signer, k *keyCase) result {
	if k == nil {
		return undecided("the enrolment of key %s is not in the package", who.Key)
	}
	at := admit.Place{Origin: e.origin, Index: e.line.Index, Received: s.received(e)}
	if x := k.proven.Covers(at); x != nil {
		return refused(x)
	}
	return holds("%s was enrolled and not revoked at %s", signer(who), cite(e.origin, e.line.Index))
}

// received returns the receipt time by which an event is judged across ledgers
// (rule P8). Whoever packs chooses the receipt; so it is the earliest time of any
// checkpoint shown that has the event, its own receipt's or another's, as far as
// the court policy makes them one tree.
func (s *session) received(e *eventCase) time.Time {
	at := e.receipt.lower
	if at.IsZero() || e.included.Status != Holds || e.log.court().Status != Holds {
		return at
	}
	list := s.checkpointsOf(e.origin)
	from := sort.Search(len(list), func(i int) bool { return list[i].cp.Size > e.line.Index })
	if from < len(list) && list[from].soonest.Before(at) {
		return list[from].soonest
	}
	return at
}

// refused turns a refusal into a result.
func refused(x *admit.Refusal) result {
	if x.Undecided {
		return undecided("%s: %s", x.What, x.Why)
	}
	return fails(Proof{"rule": string(x.Code), "what": x.What, "why": x.Why}, "%s: %s", x.What, x.Why)
}
