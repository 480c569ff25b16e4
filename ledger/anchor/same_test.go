package anchor_test

import (
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/signing/trust"
)

// certificate is one whose fields stand by themselves, with room for what nobody signs.
type certificate struct {
	TBS, Algorithm asn1.RawValue
	Signature      asn1.BitString
	Rest           []asn1.RawValue `asn1:"optional,omitempty"`
}

// sameOnes returns an identity in other bytes that all verify, by what is other in them.
func sameOnes(t *testing.T, msp string, i anchortest.Identity) map[string]anchortest.Identity {
	t.Helper()
	wrapped := func(text []byte) anchortest.Identity {
		return anchortest.Identity{Serialized: anchortest.Message(1, []byte(msp), 2, text), DER: i.DER, Key: i.Key, Nonce: i.Nonce}
	}
	text := func(der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	issued := func(change func(c *certificate)) anchortest.Identity {
		var c certificate
		if _, err := asn1.Unmarshal(i.DER, &c); err != nil {
			t.Fatal(err)
		}
		change(&c)
		der, err := asn1.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return wrapped(text(der))
	}
	unknown := wrapped(text(i.DER))
	unknown.Serialized = slices.Concat(unknown.Serialized, anchortest.Message(3, []byte("x")))
	return map[string]anchortest.Identity{
		"an unknown field": unknown,
		"text before":      wrapped(append([]byte("x\n"), text(i.DER)...)),
		"a header":         wrapped(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Headers: map[string]string{"a": "b"}, Bytes: i.DER})),
		"the other signature": issued(func(c *certificate) {
			var rs struct{ R, S *big.Int }
			if _, err := asn1.Unmarshal(c.Signature.Bytes, &rs); err != nil {
				t.Fatal(err)
			}
			rs.S.Sub(elliptic.P256().Params().N, rs.S)
			b, err := asn1.Marshal(rs)
			if err != nil {
				t.Fatal(err)
			}
			c.Signature = asn1.BitString{Bytes: b, BitLength: 8 * len(b)}
		}),
		"padded bits": issued(func(c *certificate) {
			b := new(big.Int).Lsh(new(big.Int).SetBytes(c.Signature.Bytes), 1).Bytes()
			c.Signature = asn1.BitString{Bytes: b, BitLength: 8*len(b) - 1}
		}),
		"something after": issued(func(c *certificate) { c.Rest = []asn1.RawValue{asn1.NullRawValue} }),
	}
}

// One orderer is one, in whatever bytes its certificate is shown.
func TestOneOrdererIsOne(t *testing.T) {
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"])
	list := [][]byte{p.Envelope(n.client)}
	first := n.orderers[0]
	n.agreement.Consenters = []anchor.Consenter{{Certificate: first.DER, ID: 1, MSP: "ORD"}}
	verify := func(want int, orderers ...anchortest.Orderer) error {
		n.agreement.OrdererSignatures = want
		_, err := anchor.Proof{Block: anchortest.Block(1, list, orderers...)}.Verify(n.agreed())
		return err
	}
	others := sameOnes(t, "ORD", first.Identity)
	for name, i := range others {
		other := anchortest.Orderer{Identity: i}
		if err := verify(1, other); err != nil {
			t.Errorf("%s, alone: %v", name, err)
		}
		if got := checkOf(t, verify(2, first, other)); got != anchor.CheckOrderer {
			t.Errorf("%s counts twice: %q", name, got)
		}
	}
	consenter := anchortest.Orderer{Identity: first.Identity, ID: 1}
	if got := checkOf(t, verify(2, first, consenter)); got != anchor.CheckOrderer {
		t.Errorf("certificate and consenter id count twice: %q", got)
	}
	if err := verify(2, n.orderers[1], consenter); err != nil {
		t.Errorf("two orderers: %v", err)
	}
	if err := verify(1, slices.Repeat([]anchortest.Orderer{first}, 256)...); err != nil {
		t.Errorf("256 signatures: %v", err)
	}
	if got := checkOf(t, verify(1, slices.Repeat([]anchortest.Orderer{first}, 257)...)); got != anchor.CheckOrderer {
		t.Errorf("257 signatures: %q", got)
	}
}

// One peer is of one state, in whatever bytes: it makes no quorum, and no answer of two.
func TestOnePeerIsOne(t *testing.T) {
	n := newNetwork(t)
	r := n.request(n.checkpoint()...)
	p := anchortest.Make(r, n.peers["AA"], n.peers["BB"])
	envelope := p.Envelope(n.client)
	answer := anchortest.Answer(n.peers["AA"], "qscc", envelope, 0)
	for name, i := range sameOnes(t, "AA", n.peers["AA"]) {
		p := anchortest.Make(r, n.peers["AA"], i)
		_, err := n.proof(p.Envelope(n.client)).Verify(n.agreed())
		if got := checkOf(t, err); got != anchor.CheckQuorum {
			t.Errorf("%s, endorsing: %q", name, got)
		}
		got, err := n.proof(envelope, answer, anchortest.Answer(i, "qscc", envelope, 0)).Verify(n.agreed())
		if err != nil || got.Committed() {
			t.Errorf("%s, answering: %+v, %v", name, got, err)
		}
	}
}

// A revoked certificate stays revoked in other bytes.
func TestRevokedIsRevoked(t *testing.T) {
	n := newNetwork(t)
	revoked := n.peers["BB"]
	n.agreement.Revoked = []evidence.Hash{evidence.Hash(trust.DigestOf(revoked.DER))}
	for name, i := range sameOnes(t, "BB", revoked) {
		p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], i)
		_, err := n.proof(p.Envelope(n.client)).Verify(n.agreed())
		if got := checkOf(t, err); got != anchor.CheckEndorsement {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
}
