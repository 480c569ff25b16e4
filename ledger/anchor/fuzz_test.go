package anchor_test

import (
	"bytes"
	"errors"
	"testing"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
)

func FuzzParseAnchored(f *testing.F) {
	f.Add([]byte(`{"format":"custody/anchored/v1","note":"ledger.AA\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— ledger.AA AAAAAAAA\n","state":"AA","transaction":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff","trust":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, _, err := anchor.ParseAnchored(b)
		if err != nil {
			return
		}
		if again, err := a.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%s\n%s", err, b, again)
		}
	})
}

func FuzzParseAgreement(f *testing.F) {
	b, err := newNetwork(&testing.T{}).agreement.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := anchor.ParseAgreement(b)
		if err != nil {
			return
		}
		if again, err := a.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%s\n%s", err, b, again)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add([]byte(`{"answers":["AA=="],"block":"AA==","format":"custody/anchor/v1","transaction":0}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := anchor.ParseProof(b)
		if err != nil {
			return
		}
		if again, err := p.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%s\n%s", err, b, again)
		}
	})
}

// Whatever stands in a block: a proof is refused with a check that says why, or every
// endorsement and signature in it is right.
func FuzzVerify(f *testing.F) {
	t := &testing.T{}
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"])
	envelope := p.Envelope(n.client)
	f.Add(anchortest.Block(7, [][]byte{envelope}, n.orderers[0]), anchortest.Answer(n.peers["AA"], "qscc", envelope, 0))
	a := n.agreed()
	f.Fuzz(func(t *testing.T, block, answer []byte) {
		r, err := anchor.Proof{Block: block, Answers: [][]byte{answer}}.Verify(a)
		var failed *anchor.ProofError
		if err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
		if err == nil && len(r.Endorsers) < 2 {
			t.Fatalf("%+v", r)
		}
	})
}
