package cms

import (
	"bytes"
	"crypto/elliptic"
	"errors"
	"testing"

	"example.org/custody/signing"
)

// known are the errors that reading and verifying may end in.
var known = []error{ErrForm, ErrAlgorithm, ErrContent, ErrRefused, signing.ErrSignature, signing.ErrCertificate}

func checkKnown(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, k := range known {
		if errors.Is(err, k) {
			return
		}
	}
	t.Fatalf("an error of no kind: %v", err)
}

// FuzzParseToken: whatever is read is either the token that was made, or does
// not verify; nothing panics.
func FuzzParseToken(f *testing.F) {
	p := stamper(f, ecKey(f, elliptic.P256()))
	good := tokenOf(f, p, bytes1, noon)
	f.Add(good)
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		tok, err := ParseToken(b)
		checkKnown(t, err)
		if err != nil {
			return
		}
		err = tok.Verify()
		checkKnown(t, err)
		if err == nil && tok.Certificate().Equal(p.cert) && !bytes.Equal(tok.sd.message, mustToken(t, good).sd.message) {
			t.Fatal("another token verifies under the certificate")
		}
	})
}

func mustToken(t *testing.T, b []byte) *Token {
	t.Helper()
	tok, err := ParseToken(b)
	must(t, err)
	return tok
}

func FuzzParseSignature(f *testing.F) {
	p, tsa := officer(f, ecKey(f, elliptic.P256())), stamper(f, ecKey(f, elliptic.P256()))
	f.Add(signatureOf(f, p, bytes1, noon))
	f.Add(stamped(f, p, tsa, bytes1, noon, noon))
	q, list := lister(f)
	lt, err := WithRevocations(stamped(f, q, tsa, bytes1, noon, noon), [][]byte{list(noon), list(noon, signing.Revoked{Certificate: q.cert, At: noon})})
	must(f, err)
	f.Add(lt)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSignature(b)
		checkKnown(t, err)
		if err != nil {
			return
		}
		checkKnown(t, s.Verify([]byte("another content"), p.roots))
		if s.Verify([]byte("another content"), p.roots) == nil {
			t.Fatal("verifies over another content")
		}
		if r := s.Revocation(q.roots); r.Listed.IsZero() && !r.Revoked.IsZero() {
			t.Fatal("revoked, and no list says so")
		}
		if s.Token == nil {
			_, err = WithToken(b, nil)
			checkKnown(t, err)
		}
	})
}

// FuzzParseRequest: what is read is written as it was, but for extensions, which
// are passed over.
func FuzzParseRequest(f *testing.F) {
	f.Add(grant(bytes1, noon).Request.Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRequest(b)
		checkKnown(t, err)
		if err != nil {
			return
		}
		again, err := ParseRequest(r.Marshal())
		if err != nil || again.Digest != r.Digest || (again.Nonce == nil) != (r.Nonce == nil) || r.Nonce != nil && again.Nonce.Cmp(r.Nonce) != 0 {
			t.Fatalf("written otherwise than read: %v", err)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	p := stamper(f, ecKey(f, elliptic.P256()))
	r := grant(bytes1, noon).Request
	f.Add(MarshalResponse(tokenOf(f, p, bytes1, noon)))
	f.Add(MarshalRefusal("no"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _, err := r.ParseResponse(b)
		checkKnown(t, err)
	})
}
