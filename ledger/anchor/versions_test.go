package anchor_test

import (
	"errors"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/signing/trust"
)

// version returns the present agreement as a file, and pins it in the list.
func (n *network) version(v int64, l *trust.List, texts map[evidence.Hash][]byte, revoked ...evidence.Hash) evidence.Hash {
	n.t.Helper()
	a := n.agreement
	a.Version, a.Revoked = v, revoked
	b, err := a.Marshal()
	if err != nil {
		n.t.Fatal(err)
	}
	digest := trust.DigestOf(b)
	l.Instruments = append(l.Instruments, trust.Pin{Name: a.Name(), Digest: digest})
	texts[evidence.Hash(digest)] = b
	return evidence.Hash(digest)
}

// What one version of the agreement revokes is revoked in every other one that the list
// names, and nobody escapes that by leaving a version out.
func TestVersionsRevoke(t *testing.T) {
	n := newNetwork(t)
	texts, list := map[evidence.Hash][]byte{}, &trust.List{Version: 3}
	first := n.version(1, list, texts)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"])
	proof := n.proof(p.Envelope(n.client))
	verify := func(under evidence.Hash) error {
		a, err := anchor.Pinned(list, under, texts)
		if err != nil {
			return err
		}
		_, err = proof.Verify(a)
		return err
	}
	if err := verify(first); err != nil {
		t.Fatal(err)
	}
	second := n.version(2, list, texts, evidence.Hash(trust.DigestOf(n.peers["CC"].DER)))
	for _, under := range []evidence.Hash{first, second} {
		if err := verify(under); err != nil {
			t.Errorf("another peer is revoked: %v", err)
		}
	}
	third := n.version(3, list, texts, evidence.Hash(trust.DigestOf(n.peers["BB"].DER)))
	for _, under := range []evidence.Hash{first, second, third} {
		if got := checkOf(t, verify(under)); got != anchor.CheckEndorsement {
			t.Errorf("a peer is revoked: %q", got)
		}
	}
	delete(texts, third)
	var missing *anchor.MissingError
	if err := verify(first); !errors.As(err, &missing) || missing.Digest != third {
		t.Errorf("a version is not at hand: %v", err)
	}
	list.Instruments = list.Instruments[:2]
	if err := verify(first); err != nil {
		t.Errorf("a version that the list does not name: %v", err)
	}
	if err := verify(third); !errors.As(err, &missing) {
		t.Errorf("under a version that is not at hand: %v", err)
	}
	list.Instruments[1].Name = "channel-anchors.2/1"
	delete(texts, second)
	if err := verify(first); err != nil {
		t.Errorf("the agreement of another channel: %v", err)
	}
}
