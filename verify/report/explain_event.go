package report

import (
	"crypto/sha256"
	"crypto/sha3"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"hash"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/report/plain"
)

func sha256Of(parts ...[]byte) evidence.Hash { return hashOf(sha256.New(), parts) }

func sha3Of(parts ...[]byte) evidence.Hash { return hashOf(sha3.New256(), parts) }

func hashOf(h hash.Hash, parts [][]byte) evidence.Hash {
	for _, p := range parts {
		h.Write(p)
	}
	return evidence.Hash(h.Sum(nil))
}

// publicKey is a key for checking the signatures of envelopes.
type publicKey struct{ suite, spki string }

// keys finds the keys of those who sign: officers by their enrolments, and
// authorities by their certificates, each of which is written out.
func (s *script) keys() {
	s.officers = map[evidence.ItemID]publicKey{}
	s.issuers = map[evidence.KeyID]publicKey{}
	s.leaves = map[evidence.ItemID]evidence.Hash{}
	s.title("Certificates of authorities")
	for _, der := range certificates(s.d, s.t.Certs) {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			continue
		}
		key, err := signing.PublicKeyOf(cert)
		if err != nil {
			continue
		}
		id := evidence.KeyID(key.ID())
		s.issuers[id] = publicKey{string(key.Suite()), base(key.SPKI())}
		digest := sha256Of(der)
		s.step("sha256", "certificate "+digest.String()[:12], "SHA-256(certificate)", digest.String(), part64(der))
		s.line("keyof", quote("its key "+id.String()[:12]), id.String(), base(der))
	}
	for i := range s.d.Events {
		e := &s.d.Events[i]
		item, _, err := e.Place()
		if event := shownEvent(e); err == nil && event != nil && event.Enrols != nil {
			s.officers[item] = publicKey{event.Enrols.Suite, base(event.Enrols.SPKI)}
		}
	}
}

func shownEvent(e *pack.EventLine) *evidence.Event {
	if e.Erased != nil {
		return nil
	}
	return eventOf(e)
}

// event writes the steps of one event: seal, record, commitments, leaf,
// signatures, and its own receipt.
func (s *script) event(e *pack.EventLine) {
	item, seq, err := e.Place()
	if err != nil {
		return
	}
	name := fmt.Sprintf("event %d of %s", seq, item.Short())
	if e.Erased != nil {
		s.title("%s was erased; its leaf stands for it", name)
		s.step("sha256", name+": leaf hash", "SHA-256(0x00 ‖ leaf)", e.Erased.Leaf.Hash().String(), "00", fmt.Sprintf("%x", e.Erased.Leaf[:]))
		s.leaves[item] = e.Erased.Leaf.Hash()
		return
	}
	event := eventOf(e)
	if event == nil {
		s.title("%s: its envelope holds no event", name)
		return
	}
	s.title("%s (item %s): %s, in %s#%d", name, item, event.Action, event.Origin, e.Index)
	s.record(name, e.Record, event)
	s.seal(name, e, event)
	leaf := s.leaf(name, e)
	s.order(name, item, event, leaf)
	s.signatures(name, e, event)
	s.receipt(name, e, leaf)
}

// seal writes the seal that the event closes, and for the first event the item's
// id: the seal of a key that follows from ledger and record.
func (s *script) seal(name string, e *pack.EventLine, event *evidence.Event) {
	key := fmt.Sprintf("%x", e.SealKey[:])
	if event.Seq == 0 {
		birth := evidence.BirthKey(event.Origin, event.Record.Root)
		s.step("sha256", name+": birth key", `SHA-256("custody/birth/v1" ‖ ledger ‖ record root)`, fmt.Sprintf("%x", birth[:]),
			"text:custody/birth/v1", part64([]byte(event.Origin)), event.Record.Root.String())
		s.same(name+": the seal key in the leaf is the birth key", fmt.Sprintf("%x", birth[:]), key)
		s.same(name+": the seal it closes is the item's id", event.Item.String(), event.Closes.String())
	}
	s.step("sha256", name+": seal", `SHA-256("custody/seal/v1" ‖ seal key), which the event says it closes`, event.Closes.String(), "text:custody/seal/v1", key)
}

// leaf writes both commitments and the leaf hash, which it returns.
func (s *script) leaf(name string, e *pack.EventLine) evidence.Hash {
	leaf := ledger.EventLeaf(e.SealKey, e.Salt, e.Envelope)
	parts := []string{"text:custody/event/v1", e.Salt.String(), part64(e.Envelope)}
	s.step("sha256", name+": commitment", `SHA-256("custody/event/v1" ‖ salt ‖ envelope)`, fmt.Sprintf("%x", leaf[33:65]), parts...)
	s.step("sha3", name+": second commitment", `SHA3-256("custody/event/v1" ‖ salt ‖ envelope)`, fmt.Sprintf("%x", leaf[65:]), parts...)
	s.step("sha256", name+": leaf hash", "SHA-256(0x00 ‖ 0x01 ‖ seal key ‖ commitment ‖ second commitment)", leaf.Hash().String(),
		"00", "01", fmt.Sprintf("%x", leaf[1:33]), fmt.Sprintf("%x", leaf[33:65]), fmt.Sprintf("%x", leaf[65:]))
	return leaf.Hash()
}

// order writes that the event names the leaf of the one before it.
func (s *script) order(name string, item evidence.ItemID, event *evidence.Event, leaf evidence.Hash) {
	if before, ok := s.leaves[item]; ok && event.Seq > 0 {
		s.same(name+": it names the leaf of the event before it", before.String(), event.Previous.String())
	}
	s.leaves[item] = leaf
}

func (s *script) signatures(name string, e *pack.EventLine, event *evidence.Event) {
	env, err := signing.Parse(e.Envelope)
	if err != nil || len(env.Signatures) != len(event.Signers) {
		s.say("%s: the envelope is not signed by those it names", name)
		return
	}
	for i, who := range event.Signers {
		key, ok := s.officers[who.Enrolled]
		if who.Role == evidence.RoleAuthority {
			key, ok = s.issuers[who.Key]
		}
		if !ok {
			s.say("%s: the key %s of the %s is not at hand", name, who.Key, who.Role)
			continue
		}
		s.line("signed", quote(fmt.Sprintf("%s: signature of the %s of %s", name, who.Role, who.Authority)),
			quote(plain.Text(key.suite)), key.spki, quote(env.PayloadType), base(env.Payload), base(env.Signatures[i].Sig))
	}
}

// receipt writes the steps from the leaf to the checkpoint of the event's own
// receipt.
func (s *script) receipt(name string, e *pack.EventLine, leaf evidence.Hash) {
	if e.Receipt == nil {
		return
	}
	if cp, ok := s.checkpoint(e.Receipt.Note); ok {
		s.inclusion(name+": receipt", leaf, e.Index, e.Receipt.Proof, cp)
	}
}

// record writes both roots of a record: SHA-256, and the same with SHA3-256.
func (s *script) record(name string, v *evidence.View, event *evidence.Event) {
	for _, h := range []recordHash{
		{"sha256", "SHA-256", sha256Of, "record root", event.Record.Root, func(e *evidence.ViewEntry) evidence.Hash { return e.Hash }},
		{"sha3", "SHA3-256", sha3Of, "second record root", event.Record.Root3, func(e *evidence.ViewEntry) evidence.Hash { return e.Hash3 }},
	} {
		s.recordWith(name, v, h)
	}
}

// recordHash is one of the two hash functions of a record.
type recordHash struct {
	command, name string
	of            func(...[]byte) evidence.Hash
	what          string
	signed        evidence.Hash
	given         func(*evidence.ViewEntry) evidence.Hash // in place of what is held back
}

func (s *script) recordWith(name string, v *evidence.View, h recordHash) {
	s.say("record: value = %s(salt ‖ value), leaf = %s(0x00 ‖ length of name ‖ name ‖ value), node = %s(0x01 ‖ left ‖ right)", h.name, h.name, h.name)
	var level []evidence.Hash
	for i := range v.Entries {
		level = append(level, s.entry(i, &v.Entries[i], h))
	}
	root := s.fold(level, h)
	s.same(fmt.Sprintf("%s: %s, as signed", name, h.what), h.signed.String(), root.String())
}

// entry writes the leaf of one entry of a record.
func (s *script) entry(i int, e *evidence.ViewEntry, h recordHash) evidence.Hash {
	if e.Form == evidence.NameWithheld {
		s.say("entry %d is held back with its name; %s stands for it", i, h.given(e))
		return h.given(e)
	}
	value := h.given(e)
	if e.Form == evidence.Shown {
		value = h.of(e.Salt[:], e.Value)
		s.say("%s = %s", plain.Text(e.Name), plain.Shorten(plain.Text(string(e.Value)), 200))
		s.step(h.command, "value of "+e.Name, "", value.String(), fmt.Sprintf("%x", e.Salt[:]), part64(e.Value))
	} else {
		s.say("%s is held back; %s stands for its value", e.Name, value)
	}
	length := binary.BigEndian.AppendUint16(nil, uint16(len(e.Name)))
	leaf := h.of([]byte{0}, length, []byte(e.Name), value[:])
	s.step(h.command, "leaf of "+e.Name, "", leaf.String(), "00", fmt.Sprintf("%x", length), part64([]byte(e.Name)), value.String())
	return leaf
}

// fold writes the nodes over leaf hashes, level by level, an odd one going up as
// it is: the tree of RFC 6962 §2.1.
func (s *script) fold(level []evidence.Hash, h recordHash) evidence.Hash {
	if len(level) == 0 {
		return h.of()
	}
	for len(level) > 1 {
		var next []evidence.Hash
		for i := 0; i < len(level); i += 2 {
			if i+1 == len(level) {
				next = append(next, level[i])
				continue
			}
			node := h.of([]byte{1}, level[i][:], level[i+1][:])
			s.step(h.command, "node", "", node.String(), "01", level[i].String(), level[i+1].String())
			next = append(next, node)
		}
		level = next
	}
	return level[0]
}
