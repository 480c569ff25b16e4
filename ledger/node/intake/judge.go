package intake

import (
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/signing"
	"example.org/custody/verify/admit"
)

// judge asks whether an event may be added at a place: history, signatures, rule
// (steps 4 to 6 of a submission).
func (s *scope) judge(p *Pinned, c *candidate, at admit.Place) *Refusal {
	ask := admit.Case{Event: c.event, Place: at}
	it := s.item(c.event.Item)
	if it != nil {
		ask.State = p.moved(it.state, c.event)
	}
	if r := s.known(it, c, ask.State); r != nil {
		return r
	}
	if parent := c.event.Parent; parent != nil {
		ask.Derive, ask.DeriveLeaf = s.derive(parent), parent.Leaf
		if admit.Parent(c.event, ask.Derive, ask.DeriveLeaf) != nil {
			return unknown()
		}
	}
	keys := make([]*signing.PublicKey, len(c.event.Signers))
	for i, who := range c.event.Signers {
		n, public, r := s.signer(p, who, at)
		if r != nil {
			return r
		}
		ask.Enrolments, keys[i] = append(ask.Enrolments, n), public
	}
	if r := c.signed(keys); r != nil {
		return r
	}
	return refusalOf(admit.Check(ask))
}

// unknown is the one answer to whoever does not see an item: whether it is here, how
// far it went and which leaves are its cannot be found out by guessing.
func unknown() *Refusal {
	return refuse(wire.CodeHistoryNeeded, "what it rests on is not known here")
}

// known reports whether all that comes before an event is known. Whoever sees the item
// is told more.
func (s *scope) known(it *item, c *candidate, state admit.State) *Refusal {
	if it == nil && !c.event.Action.First() {
		return unknown()
	}
	r := admit.Chain(state, c.event)
	if r == nil {
		return nil
	}
	if seen, ok := it.sees(s.who); !ok || !seen.Values { // whom the event names as signer is not proven yet
		return unknown()
	}
	if c.event.Seq > state.Seq {
		return refuse(wire.CodeHistoryNeeded, "it is number %d, known here are %d events of the item", c.event.Seq, state.Seq)
	}
	return refusalOf(r)
}

func (s *scope) derive(p *evidence.Parent) *evidence.Event {
	if it := s.item(p.Item); it != nil {
		return it.derives[p.Leaf]
	}
	return nil
}

// signer finds the key of one who signed, and what is proven of its enrolment.
func (s *scope) signer(p *Pinned, who evidence.Signer, at admit.Place) (*admit.Enrolment, *signing.PublicKey, *Refusal) {
	if who.Role == evidence.RoleAuthority {
		public, r := p.enrols(who, at.Origin, at.Index, s.in.own)
		if _, _, ok := p.Authority(who.Key, at.Received); s.now && r == nil && !ok {
			r = refuse(string(admit.CodeAuthority), "the certificate of the key %s does not count any more", who.Key)
		}
		return nil, public, r
	}
	it := s.item(who.Enrolled)
	if it == nil || it.key == nil {
		return nil, nil, refuse(wire.CodeEnrolmentNeeded, "the enrolment %s is not known here", who.Enrolled.Short())
	}
	k := it.key
	if k.Key != who.Key {
		return nil, nil, refuse(string(admit.CodeEnrolment), "the enrolment %s is of another key", who.Enrolled.Short())
	}
	if _, r := p.enrols(k.by, k.Place.Origin, k.Place.Index, s.in.own); r != nil {
		return nil, nil, refuse(string(admit.CodePeriod), "the authority that made the enrolment %s does not count there", who.Enrolled.Short())
	}
	if s.now && k.Place.Origin != s.in.Origin && k.Closed != nil {
		return nil, nil, refuse(string(admit.CodePeriod), "the enrolment %s was ended in %s", who.Enrolled.Short(), k.Closed.Origin)
	}
	n, err := s.in.enrolment(k, at)
	if err != nil {
		return nil, nil, refuse(wire.CodeEnrolmentNeeded, "the enrolment %s cannot be looked up: %v", who.Enrolled.Short(), err)
	}
	return n, k.public, nil
}

// enrolment says what is proven of a key for an event at a place. Of the node's own
// ledger that is everything: whether the enrolment's seal is closed at the moment.
func (in *Intake) enrolment(k *key, at admit.Place) (*admit.Enrolment, error) {
	n := k.Enrolment
	if !in.own(n.Place.Origin) {
		return &n, nil
	}
	where, _, closed, err := in.closing(k.seal)
	switch {
	case err != nil:
		return nil, err
	case closed:
		n.Closed = &where
	case in.own(at.Origin):
		n.Unbroken = []admit.Checkpoint{{Size: at.Index + 1, Time: at.Received}}
	}
	return &n, nil
}

// signed verifies that exactly these keys signed, in their order.
func (c *candidate) signed(keys []*signing.PublicKey) *Refusal {
	if c.verified != nil && slices.Equal(c.verified, keys) {
		return nil
	}
	ids := make([]signing.KeyID, len(keys))
	for i, k := range keys {
		ids[i] = k.ID()
	}
	if err := c.envelope.CheckSigners(ids...); err != nil {
		return refuse(CodeSigner, "%v", err)
	}
	for i, k := range keys {
		if err := k.Verify(c.envelope.PayloadType, c.envelope.Payload, c.envelope.Signatures[i].Sig); err != nil {
			return refuse(CodeSigner, "key %s: %v", k.ID(), err)
		}
	}
	return nil
}
