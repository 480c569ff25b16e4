package intake

import (
	"example.org/custody/evidence"
	"example.org/custody/signing"
)

// precheck refuses, before anybody has to wait for it, an event that no state of the
// ledger could make good: one for another ledger, or with a signature that is not its
// signer's. What is in the ledger already is not looked at (rule P20), and of a signer
// whose key is not known yet the proofs that came along may tell.
func (b *batch) precheck() {
	for i, c := range b.all {
		switch {
		case c == nil || b.in.has(c):
		case c.event.Origin != b.in.Origin:
			b.out[i].Refused = refuse(CodeEvent, "it is for the ledger %s", c.event.Origin)
		default:
			b.out[i].Refused = b.verify(c)
		}
	}
}

// verify verifies the signatures of an event whose signers are all known.
func (b *batch) verify(c *candidate) *Refusal {
	keys := make([]*signing.PublicKey, len(c.event.Signers))
	for i, who := range c.event.Signers {
		if keys[i] = b.keyOf(who); keys[i] == nil {
			return nil
		}
	}
	r := c.signed(keys)
	if r == nil {
		c.verified = keys
	}
	return r
}

// keyOf returns the key that a signer names, nil when it is not known. Whether it counts
// is not asked.
func (b *batch) keyOf(who evidence.Signer) *signing.PublicKey {
	if who.Role == evidence.RoleAuthority {
		for _, i := range b.pin.issuers[who.Key] {
			return i.key
		}
		return nil
	}
	if it := b.in.item(who.Enrolled); it != nil && it.key != nil && it.key.Key == who.Key {
		return it.key.public
	}
	return nil
}

// revokes reports whether an event from ≤ i < to ends a key: one that an authority has
// signed, and that is not logged yet.
func (b *batch) revokes(from, to int) bool {
	for i, c := range b.all[from:to] {
		if c != nil && b.out[from+i].Refused == nil && c.ends() && c.verified != nil && !b.in.has(c) {
			return true
		}
	}
	return false
}

func (c *candidate) ends() bool { return c.event.Action == evidence.Revoke }
