package cms

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"testing"
	"time"

	"example.org/custody/signing"
)

func signatureOf(t testing.TB, p party, content []byte, at time.Time) []byte {
	t.Helper()
	b, err := Sign(t.Context(), content, p, at)
	must(t, err)
	return b
}

// stamped is a signature of level T.
func stamped(t testing.TB, p, tsa party, content []byte, signed, at time.Time) []byte {
	t.Helper()
	b := signatureOf(t, p, content, signed)
	s, err := ParseSignature(b)
	must(t, err)
	g := grant(nil, at)
	g.Request.Digest = s.Digest()
	token, err := SignToken(t.Context(), g, tsa)
	must(t, err)
	b, err = WithToken(b, token)
	must(t, err)
	return b
}

func verifyCAdES(b, content []byte, roots []*x509.Certificate) error {
	s, err := ParseSignature(b)
	if err != nil {
		return err
	}
	return s.Verify(content, roots)
}

func TestSignature(t *testing.T) {
	tsa := stamper(t, ecKey(t, elliptic.P256()))
	for name, p := range map[string]party{
		"P-256": officer(t, ecKey(t, elliptic.P256())),
		"P-384": officer(t, ecKey(t, elliptic.P384())),
		"RSA":   officer(t, rsaKey()),
	} {
		must(t, verifyCAdES(signatureOf(t, p, bytes1, noon), bytes1, p.roots))
		b := stamped(t, p, tsa, bytes1, noon, noon.Add(time.Minute))
		must(t, verifyCAdES(b, bytes1, p.roots))
		s, err := ParseSignature(b)
		must(t, err)
		if !s.Signed.Equal(noon) || !s.At().Equal(noon.Add(time.Minute)) || !s.Certificate().Equal(p.cert) || len(s.Chain()) != 2 {
			t.Errorf("%s: read %+v", name, s)
		}
		for what, err := range map[string]error{
			"other content":   s.Verify([]byte("another manifest\n"), p.roots),
			"other authority": s.Verify(bytes1, officer(t, ecKey(t, elliptic.P256())).roots),
			"no authority":    s.Verify(bytes1, nil),
		} {
			want := signing.ErrCertificate
			if what == "other content" {
				want = ErrContent
			}
			if !errors.Is(err, want) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}

func TestHostileSignature(t *testing.T) {
	p := officer(t, ecKey(t, elliptic.P256()))
	verify := func(b []byte) error { return verifyCAdES(b, bytes1, p.roots) }
	good := signatureOf(t, p, bytes1, noon)
	for _, h := range append(hostiles(t), []hostile{
		{"content enclosed", ErrForm, func(n *node) []byte {
			c := n.body().at(2)
			c.kids = append(c.kids, &node{tag: 0xa0, kids: []*node{der1(t, bytes1)}})
			return nil
		}, false},
		{"no signing time", ErrForm, func(n *node) []byte { drop(n, oidSigningTime); return nil }, true},
		{"signing time before 2050 as generalized time", ErrForm, func(n *node) []byte {
			n.attr(oidSigningTime).at(1).kids[0] = &node{tag: 0x18, raw: []byte("20261124120000Z")}
			sortSigned(n)
			return nil
		}, true},
		{"a signed attribute that is not known", ErrForm, func(n *node) []byte {
			n.signed().kids = append(n.signed().kids, der1(t, struct {
				Kind   asn1.ObjectIdentifier
				Values []int `asn1:"set"`
			}{oidData, []int{1}}))
			sortSigned(n)
			return nil
		}, true},
		{"an unsigned attribute that is not known", ErrForm, func(n *node) []byte {
			a := der1(t, struct {
				Kind   asn1.ObjectIdentifier
				Values []int `asn1:"set"`
			}{oidData, []int{1}})
			n.signer().kids = append(n.signer().kids, &node{tag: 0xa1, kids: []*node{a}})
			return nil
		}, false},
	}...) {
		refuse(t, h, good, p.key, verify)
	}
	if err := verifyCAdES(tokenOf(t, stamper(t, p.key), bytes1, noon), bytes1, p.roots); !errors.Is(err, ErrForm) {
		t.Errorf("a token as signature: %v", err)
	}
}

func sortSigned(n *node) {
	set := n.signed()
	for i := range set.kids {
		for j := range i {
			if string(set.kids[i].encode()) < string(set.kids[j].encode()) {
				set.kids[i], set.kids[j] = set.kids[j], set.kids[i]
			}
		}
	}
}

// The token over another signature, twice, or forged.
func TestHostileSignatureTimestamp(t *testing.T) {
	p, tsa := officer(t, ecKey(t, elliptic.P256())), stamper(t, ecKey(t, elliptic.P256()))
	one, two := stamped(t, p, tsa, bytes1, noon, noon), signatureOf(t, p, bytes1, noon)
	n, other := decode(t, one), decode(t, two)
	other.signer().kids = append(other.signer().kids, n.signer().at(-1))
	if err := verifyCAdES(other.encode(), bytes1, p.roots); !errors.Is(err, ErrContent) {
		t.Errorf("token over another signature: %v", err)
	}
	token := n.signer().at(-1, 0, 1, 0)
	if _, err := WithToken(two, token.encode()); !errors.Is(err, ErrContent) {
		t.Errorf("made with the token of another signature: %v", err)
	}
	if _, err := WithToken(one, token.encode()); !errors.Is(err, ErrForm) {
		t.Errorf("a second token: %v", err)
	}
	token.resign(t, p.key)
	if err := verifyCAdES(n.encode(), bytes1, p.roots); !errors.Is(err, signing.ErrSignature) {
		t.Errorf("forged token: %v", err)
	}
}

// The certificate is judged when the token was given, and when the signer says
// to have signed, never now.
func TestSignatureWindow(t *testing.T) {
	p, tsa := officer(t, ecKey(t, elliptic.P256())), stamper(t, ecKey(t, elliptic.P256()))
	long, err := CreateAuthority(tsa.key, signing.Template{Subject: tsa.cert.Subject, NotBefore: begin.AddDate(-1, 0, 0), NotAfter: end.AddDate(1, 0, 0)})
	must(t, err)
	s, err := signing.NewSigner(tsa.key, long)
	must(t, err)
	tsa = party{s, tsa.key, long, nil}
	for at, want := range map[time.Time]error{begin: nil, end: nil, end.Add(time.Second): signing.ErrCertificate, begin.Add(-time.Second): signing.ErrCertificate} {
		if err := verifyCAdES(stamped(t, p, tsa, bytes1, noon, at), bytes1, p.roots); !errors.Is(err, want) {
			t.Errorf("stamped at %s: %v", at, err)
		}
	}
	for _, at := range []time.Time{end.Add(time.Second), begin.Add(-time.Second)} {
		if _, err := Sign(t.Context(), bytes1, p, at); !errors.Is(err, signing.ErrCertificate) {
			t.Errorf("signed at %s: %v", at, err)
		}
	}
	if _, err := Sign(t.Context(), bytes1, tsa, noon); err != nil {
		t.Error(err)
	}
	if err := verifyCAdES(signatureOf(t, tsa, bytes1, noon), bytes1, []*x509.Certificate{long}); !errors.Is(err, signing.ErrCertificate) {
		t.Errorf("a timestamp authority signs for a person: %v", err)
	}
	if _, err := Sign(t.Context(), bytes1, bare{p.KeySigner}, noon); !errors.Is(err, signing.ErrCertificate) {
		t.Errorf("a key without certificate: %v", err)
	}
}

// bare is a signer whose certificate is not at hand.
type bare struct{ *signing.KeySigner }

func (bare) Chain() []*x509.Certificate { return nil }
