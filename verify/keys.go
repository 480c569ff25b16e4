package verify

import (
	"cmp"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/admit"
	"example.org/custody/verify/pack"
)

// keyCase is one enrolled key: its enrolment, its end, and what is proven of
// both (rule P8).
type keyCase struct {
	enrol  *eventCase
	revoke *eventCase // nil when none is shown
	public *signing.PublicKey
	suite  error // why public is nil
	proven admit.Enrolment

	authority *Finding   // key.enrolled: by an authority that counts
	seal      accounting // what became of the enrolment's seal
}

// authorised is a certificate of an authority that the list names.
type authorised struct {
	cert   *x509.Certificate
	digest trust.Digest
	key    *signing.PublicKey
}

// openKeys finds the enrolments among the events, verifies who made them, and
// works out for which part of a ledger each key is good.
func (s *session) openKeys() {
	s.openIssuers()
	for _, e := range s.events {
		if e.event != nil && e.event.Action == evidence.Enrol {
			s.keys[e.item] = s.openKey(e)
		}
	}
	s.verifySignatures()
	// Enrolments first: every other signature rests on them.
	for _, first := range []bool{true, false} {
		for _, e := range s.events {
			if e.event != nil && (e.event.Signer().Role == evidence.RoleAuthority) == first {
				s.judgeSigners(e)
			}
		}
		for _, k := range s.keys {
			s.judgeHistory(s.items[k.enrol.item])
		}
	}
}

// lacks returns the findings that would have shown how long the key is good for
// an event.
func (k *keyCase) lacks(e *eventCase) []*Finding {
	list := []*Finding{k.seal.accounted}
	if e != nil && e.origin != k.enrol.origin {
		list = append(list, e.receipt.finding, k.enrol.receipt.finding)
		if l := k.enrol.log; l != nil && l.time.IsZero() {
			list = append(list, l.court())
		}
	}
	return list
}

// openIssuers reads the authorities' certificates that the list names.
func (s *session) openIssuers() {
	s.issuers = make(map[evidence.KeyID][]authorised)
	if s.list == nil {
		return
	}
	for _, a := range s.list.Authorities {
		der, ok := s.certs[evidence.Hash(a.Digest)]
		if !ok {
			continue
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil || signing.CheckAuthority(cert) != nil {
			continue
		}
		key, err := signing.PublicKeyOf(cert)
		if err != nil {
			continue
		}
		id := evidence.KeyID(key.ID())
		s.issuers[id] = append(s.issuers[id], authorised{cert, a.Digest, key})
	}
}

func (s *session) openKey(e *eventCase) *keyCase {
	n := e.event.Enrols
	k := &keyCase{enrol: e}
	suite, err := signing.ParseSuite(n.Suite)
	if err == nil {
		k.public, err = signing.NewPublicKey(suite, n.SPKI)
	}
	k.suite = err
	for _, x := range s.items[e.item] {
		if x.event != nil && x.event.Action == evidence.Revoke {
			k.revoke = x
		}
	}
	k.proven = admit.Enrolment{
		Item: e.item, Key: n.Key, Role: n.Role, Authority: n.Authority,
		Place: admit.Place{Origin: e.origin, Index: e.line.Index, Received: s.received(e)},
	}
	r := s.authorise(e)
	k.authority = conclude(checkEnrolled, e.subject, r, e.form, e.included)
	if e.receipt.lower.IsZero() && len(s.issuers[e.event.Signer().Key]) > 0 {
		want([]*Finding{e.receipt.finding}, k.authority, r)
	}
	s.followKey(k)
	return k
}

// authorise checks that an enrolment was signed by an authority of its own
// state that counted at the time, in that state's ledger (rule P8).
func (s *session) authorise(e *eventCase) result {
	who := e.event.Signer()
	if s.list == nil {
		return undecided("there is no trust list that names the authority")
	}
	certs := s.issuers[who.Key]
	if len(certs) == 0 {
		return undecided("no certificate at hand that the trust list names has the authority's key %s", who.Key)
	}
	if e.receipt.lower.IsZero() {
		return undecided("the enrolment has no receipt that tells its time")
	}
	r := undecided("no authority of %s counts", who.Authority)
	for _, c := range certs {
		a, err := s.list.Authority(c.digest, s.received(e))
		if err == nil && a.State != string(who.Authority) {
			r = fails(Proof{"signs_for": string(who.Authority), "listed_for": a.State}, "the authority is of %s and signs for %s", a.State, who.Authority)
			continue
		}
		if err == nil {
			if r, err = s.enrolIn(e, c); err == nil {
				return r
			}
		}
		r = unlisted(err)
	}
	return r
}

// enrolIn checks the authority against the ledger in which it enrolled the key.
func (s *session) enrolIn(e *eventCase, c authorised) (result, error) {
	point, err := s.list.CheckEnrolment(c.digest, string(e.origin), e.line.Index)
	if err != nil {
		return result{}, err
	}
	if point != nil && e.log != nil {
		if r, ok := e.log.reaches(point); !ok {
			return r, nil
		}
	}
	return holds("enrolled by the authority of %s, listed at the time", e.event.Signer().Authority), nil
}

// reaches checks the shared checkpoint against the point up to which what an
// authority enrolled in the ledger is good. A larger one that the court policy
// vouches for has the same leaves below the point.
func (l *logCase) reaches(point *trust.Point) (result, bool) {
	switch {
	case l.shared.cp.Size == point.Size:
		return l.shared.pinned(point)
	case l.shared.cp.Size < point.Size || l.court().Status != Holds:
		return undecided("the authority was compromised past size %d, and nothing proves that the enrolment belongs before", point.Size), false
	}
	return result{}, true
}

// unlisted turns the list's answer into a result: what the list says no to is
// void, what it does not speak about is undecided.
func unlisted(err error) result {
	if errors.Is(err, trust.ErrOutside) || errors.Is(err, trust.ErrRevoked) {
		return fails(Proof{"trust_list": err.Error()}, "the authority did not count: %v", err)
	}
	return undecided("the authority does not count: %v", err)
}

// followKey works out how long the key is good: until its revocation, or as far
// as its seal is proven unbroken.
func (s *session) followKey(k *keyCase) {
	next := k.enrol.event.Opens.Next
	k.seal = s.account(k.enrol, opening{seal: next.Seal, origin: next.Origin})
	l := k.enrol.log
	if l == nil {
		return
	}
	if by := s.closers[next.Seal]; by != nil {
		// Closing ends the enrolment, whoever did it and however (rule P8).
		if all(by.included, by.closes).Status != Holds {
			return
		}
		k.proven.Closed = &admit.Place{Origin: by.origin, Index: by.line.Index}
		for _, c := range s.checkpointsOf(by.origin) {
			k.proven.Seen = append(k.proven.Seen, admit.Checkpoint{Size: c.cp.Size, Time: c.lower})
		}
		return
	}
	if f := k.seal.unbroken; f != nil && f.Status == Holds {
		k.proven.Unbroken = []admit.Checkpoint{{Size: l.commits.Covered, Time: k.seal.epoch.time}}
	}
}

// counted is a checkpoint that counts and tells a time.
type counted struct {
	*checkpoint
	soonest time.Time // the earliest T of this and all larger ones
}

// checkpointsOf returns the ledger's checkpoints that count and tell a time, no
// larger than its shared one, the smallest first.
func (s *session) checkpointsOf(o evidence.Origin) []counted {
	if s.counted == nil {
		s.countCheckpoints()
	}
	return s.counted[o]
}

func (s *session) countCheckpoints() {
	s.counted = make(map[evidence.Origin][]counted)
	for _, n := range s.d.Notes {
		c := s.checkpoint(pack.NoteDigest(n))
		l := s.logs[c.cp.Origin]
		if c.timed && c.policy[trust.Receipt].Status == Holds && l != nil && c.cp.Size <= l.shared.cp.Size {
			s.counted[c.cp.Origin] = append(s.counted[c.cp.Origin], counted{c, c.lower})
		}
	}
	for _, list := range s.counted {
		slices.SortStableFunc(list, func(a, b counted) int { return cmp.Compare(a.cp.Size, b.cp.Size) })
		for i := len(list) - 2; i >= 0; i-- {
			if next := list[i+1].soonest; next.Before(list[i].soonest) {
				list[i].soonest = next
			}
		}
	}
}

// findings returns what is shown of a key beside the events it signed.
func (k *keyCase) findings() []*Finding {
	var list []*Finding
	for _, e := range []*eventCase{k.enrol, k.revoke} {
		if e == nil {
			continue
		}
		list = append(list, e.form)
		list = append(list, e.signatures...)
		list = append(list, e.included, e.closes, e.allowed, e.record)
	}
	if l := k.enrol.log; l != nil {
		list = append(list, l.epoch)
	}
	list = append(list, k.enrol.receipt.finding)
	list = append(list, k.enrol.receipt.open...)
	list = append(list, k.authority, k.seal.accounted)
	return append(list, k.seal.rests()...)
}
