package intake

import (
	"encoding/json"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/signing"
	"example.org/custody/verify/pack"
)

// candidate is an event that may be taken, opened and found to fit together.
type candidate struct {
	body     bodies.Body
	envelope *signing.Envelope
	event    *evidence.Event
	leaf     ledger.Leaf
	hash     evidence.Hash // leaf hash

	verified []*signing.PublicKey // under these keys the signatures hold; nil: not looked at
}

// open reads what was submitted: form and commitment (steps 1 and 2 of a submission).
func open(e wire.Event) (*candidate, *Refusal) {
	c, r := openEnvelope(e.Envelope, e.Salt, e.SealKey)
	if r != nil {
		return nil, r
	}
	if c.leaf != ledger.Leaf(e.Leaf) {
		return nil, refuse(CodeLeaf, "envelope, salt and seal key make the leaf %s, stated is %s", c.hash, ledger.Leaf(e.Leaf).Hash())
	}
	v, err := evidence.ParseView(e.Record)
	if err == nil {
		err = v.Verify(c.event.Record)
	}
	if err != nil {
		return nil, refuse(CodeRecord, "%v", err)
	}
	c.body.Record = e.Record
	return c, nil
}

// openLine reads an event that came as proof.
func openLine(l pack.EventLine) (*candidate, *Refusal) {
	c, r := openEnvelope(l.Envelope, l.Salt, evidence.Hash(l.SealKey))
	if r != nil {
		return nil, r
	}
	if l.Record == nil {
		return nil, refuse(CodeRecord, "event %d has none", c.event.Seq)
	}
	if err := l.Record.Verify(c.event.Record); err != nil {
		return nil, refuse(CodeRecord, "%v", err)
	}
	raw, err := evidence.Canonical(l.Record)
	if err != nil {
		return nil, refuse(CodeRecord, "%v", err)
	}
	index := l.Index
	c.body.Index, c.body.Record = &index, json.RawMessage(raw)
	return c, nil
}

func openEnvelope(envelope []byte, salt, key evidence.Hash) (*candidate, *Refusal) {
	env, err := signing.Parse(envelope)
	if err != nil {
		return nil, refuse(CodeEvent, "%v", err)
	}
	if env.PayloadType != evidence.EventPayloadType {
		return nil, refuse(CodeEvent, "an envelope of type %.80q", env.PayloadType)
	}
	e, err := evidence.ParseEvent(env.Payload)
	if err != nil {
		return nil, refuse(CodeEvent, "%v", err)
	}
	leaf := ledger.EventLeaf(evidence.SealKey(key), salt, envelope)
	if seal := evidence.SealKey(key).Seal(); seal != e.Closes {
		return nil, refuse(CodeLeaf, "the seal key is of the seal %.12s, the event closes %.12s", seal, e.Closes)
	}
	return &candidate{
		envelope: env, event: e, leaf: leaf, hash: leaf.Hash(),
		body: bodies.Body{Envelope: envelope, Item: e.Item, Origin: e.Origin, Salt: salt, SealKey: key, Seq: uint64(e.Seq)},
	}, nil
}
