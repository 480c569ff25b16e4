package cms

import (
	"bytes"
	"crypto"

	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"example.org/custody/signing"
)

// der1 encodes one value.
func der1(t testing.TB, v any) *node {
	t.Helper()
	b, err := asn1.Marshal(v)
	must(t, err)
	return decode(t, b)
}

var sha1OID, md5OID = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}

// hostile is one way in which signed data is not what it should be. Both kinds
// are changed by it, and refused for the same reason.
type hostile struct {
	name   string
	want   error
	change func(n *node) []byte // nil: the tree as it is then
	resign bool                 // by the same key
}

func hostiles(t *testing.T) []hostile {
	sort := func(n *node) {
		slices.SortFunc(n.kids, func(a, b *node) int { return bytes.Compare(a.encode(), b.encode()) })
	}
	edit := func(f func(n *node)) func(*node) []byte { return func(n *node) []byte { f(n); return nil } }
	sorted := func(f func(n *node)) func(*node) []byte {
		return func(n *node) []byte { f(n); sort(n.signed()); return nil }
	}
	return []hostile{
		{"trailing bytes", ErrForm, func(n *node) []byte { return append(n.encode(), 0) }, false},
		{"cut short", ErrForm, func(n *node) []byte { b := n.encode(); return b[:len(b)-1] }, false},
		{"indefinite length", ErrForm, func(n *node) []byte {
			b := n.encode()
			return slices.Concat([]byte{b[0], 0x80}, b[4:], []byte{0, 0})
		}, false},
		{"length not minimal", ErrForm, func(n *node) []byte {
			b := n.encode()
			return slices.Concat([]byte{b[0], 0x83, 0}, b[2:])
		}, false},
		{"something after the signer", ErrForm, edit(func(n *node) { n.body().kids = append(n.body().kids, der1(t, 1)) }), false},
		{"something inside the wrapping", ErrForm, edit(func(n *node) { n.at(1).kids = append(n.at(1).kids, der1(t, 1)) }), false},
		{"another type", ErrForm, edit(func(n *node) { n.kids[0] = der1(t, oidData) }), false},
		{"another version", ErrForm, edit(func(n *node) { n.body().kids[0] = der1(t, 2) }), false},
		{"signer by key identifier", ErrForm, edit(func(n *node) { n.signer().kids[0] = der1(t, 3) }), false},
		{"MD5", ErrAlgorithm, edit(func(n *node) { n.body().at(1, 0).kids[0] = der1(t, md5OID) }), false},
		{"SHA-1 of the signer", ErrAlgorithm, edit(func(n *node) { n.signer().at(2).kids[0] = der1(t, sha1OID) }), false},
		{"ECDSA with SHA-1", ErrAlgorithm, edit(func(n *node) { n.signer().at(4).kids[0] = der1(t, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}) }), false},
		{"another digest than announced", ErrForm, edit(func(n *node) { n.signer().at(2).kids[0] = der1(t, oidOf(crypto.SHA384)) }), false},
		{"two digests", ErrForm, edit(func(n *node) { d := n.body().at(1); d.kids = append(d.kids, d.kids[0]) }), false},
		{"two signers", ErrForm, edit(func(n *node) { s := n.body().at(-1); s.kids = append(s.kids, s.kids[0]) }), false},
		{"no signer", ErrForm, edit(func(n *node) { n.body().at(-1).kids = nil }), false},
		{"no certificate", ErrForm, edit(func(n *node) { n.certs().kids = nil }), false},
		{"another serial number", ErrForm, edit(func(n *node) { n.signer().at(1).kids[1] = der1(t, 5) }), false},
		{"a certificate that is none", ErrForm, edit(func(n *node) { n.certs().kids = append(n.certs().kids, der1(t, []int{1})) }), false},
		{"seventeen certificates", ErrForm, edit(func(n *node) {
			for len(n.certs().kids) < 17 {
				n.certs().kids = append(n.certs().kids, n.certs().kids[0])
			}
		}), false},
		{"no signed attributes", ErrForm, edit(func(n *node) { s := n.signer(); s.kids = slices.Delete(s.kids, 3, 4) }), false},
		{"unsorted attributes", ErrForm, edit(func(n *node) { slices.Reverse(n.signed().kids) }), true},
		{"an attribute twice", ErrForm, sorted(func(n *node) { n.signed().kids = append(n.signed().kids, n.attr(oidMessageDigest)) }), true},
		{"an attribute with two values", ErrForm, sorted(func(n *node) { v := n.attr(oidMessageDigest).at(1); v.kids = append(v.kids, v.kids[0]) }), true},
		{"an attribute without value", ErrForm, sorted(func(n *node) { n.attr(oidMessageDigest).at(1).kids = nil }), true},
		{"no content type", ErrForm, sorted(func(n *node) { drop(n, oidContentType) }), true},
		{"another content type", ErrForm, sorted(func(n *node) { n.attr(oidContentType).at(1).kids[0] = der1(t, oidSignedData) }), true},
		{"no message digest", ErrForm, sorted(func(n *node) { drop(n, oidMessageDigest) }), true},
		{"another message digest", ErrContent, sorted(func(n *node) { n.attr(oidMessageDigest).at(1, 0).raw = make([]byte, 32) }), true},
		{"no signing certificate", ErrForm, sorted(func(n *node) { drop(n, oidCertV2) }), true},
		{"wrong certificate digest", signing.ErrCertificate, sorted(func(n *node) { n.attr(oidCertV2).at(1, 0, 0, 0).kids[0] = der1(t, make([]byte, 32)) }), true},
		{"certificate digest by SHA-1", ErrAlgorithm, sorted(func(n *node) {
			id := n.attr(oidCertV2).at(1, 0, 0, 0)
			id.kids = slices.Insert(id.kids, 0, der1(t, pkix.AlgorithmIdentifier{Algorithm: sha1OID}))
		}), true},
		{"another issuer in the certificate id", signing.ErrCertificate, sorted(func(n *node) {
			id := n.attr(oidCertV2).at(1, 0, 0, 0)
			id.kids = append(id.kids, &node{tag: 0x30, kids: []*node{{tag: 0x30, kids: []*node{{tag: 0xa4, kids: []*node{n.signer().at(1, 0)}}}}, der1(t, 5)}})
		}), true},
		{"attribute changed after signing", signing.ErrSignature, sorted(func(n *node) { n.attr(oidMessageDigest).at(1, 0).raw = make([]byte, 32) }), false},
		{"signature changed", signing.ErrSignature, edit(func(n *node) { n.signer().at(5).raw[20] ^= 1 }), false},
		{"signature empty", ErrForm, edit(func(n *node) { n.signer().at(5).raw = nil }), false},
		{"too many bytes", ErrForm, edit(func(n *node) { n.signer().at(5).raw = make([]byte, maxSize) }), false},
	}
}

func drop(n *node, oid asn1.ObjectIdentifier) {
	a := n.attr(oid)
	n.signed().kids = slices.DeleteFunc(n.signed().kids, func(k *node) bool { return k == a })
}

func TestHostileToken(t *testing.T) {
	p := stamper(t, ecKey(t, elliptic.P256()))
	good := tokenOf(t, p, bytes1, noon)
	verify := func(b []byte) error {
		tok, err := ParseToken(b)
		if err != nil {
			return err
		}
		return tok.Verify()
	}
	must(t, verify(decode(t, good).encode()))
	for _, h := range hostiles(t) {
		refuse(t, h, good, p.key, verify)
	}
	info := func(place int, with *node) func(*node) []byte {
		return func(n *node) []byte {
			content := n.body().at(2, 1, 0)
			in := decode(t, content.raw)
			in.kids[place] = with
			content.raw = in.encode()
			return nil
		}
	}
	for _, h := range []hostile{
		{"detached", ErrForm, func(n *node) []byte { c := n.body().at(2); c.kids = c.kids[:1]; return nil }, false},
		{"content of another type", ErrForm, func(n *node) []byte { n.body().at(2).kids[0] = der1(t, oidData); return nil }, false},
		{"content changed", ErrContent, info(3, der1(t, 8)), false},
		{"version of the content", ErrForm, info(0, der1(t, 2)), false},
		{"imprint by SHA-1", ErrAlgorithm, info(2, der1(t, struct {
			A pkix.AlgorithmIdentifier
			B []byte
		}{pkix.AlgorithmIdentifier{Algorithm: sha1OID}, make([]byte, 20)})), false},
		{"imprint too short", ErrForm, info(2, der1(t, struct {
			A pkix.AlgorithmIdentifier
			B []byte
		}{pkix.AlgorithmIdentifier{Algorithm: oidOf(crypto.SHA256)}, make([]byte, 20)})), false},
		{"local time", ErrForm, info(4, &node{tag: 0x18, raw: []byte("20261124120000+0100")}), false},
		{"fraction with zeros", ErrForm, info(4, &node{tag: 0x18, raw: []byte("20261124120000.50Z")}), false},
		{"accuracy of 1,000 milliseconds", ErrForm, info(5, &node{tag: 0x30, kids: []*node{{tag: 0x80, raw: []byte{3, 0xe8}}}}), false},
		{"critical extension", ErrForm, info(6, &node{tag: 0xa1, kids: []*node{der1(t, pkix.Extension{Id: oidData, Critical: true, Value: []byte{5, 0}})}}), false},
		{"something after the last field", ErrForm, info(6, der1(t, []int{1})), false},
	} {
		refuse(t, h, good, p.key, verify)
	}
	// What is allowed and not written by us.
	for name, f := range map[string]func(*node) []byte{
		"fraction of a second": info(4, &node{tag: 0x18, raw: []byte("20261124120000.123Z")}),
		"another extension":    info(6, &node{tag: 0xa1, kids: []*node{der1(t, pkix.Extension{Id: oidData, Value: []byte{5, 0}})}}),
	} {
		n := decode(t, good)
		f(n)
		if _, err := ParseToken(n.encode()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// refuse changes good and asks that it is refused for the one reason.
func refuse(t *testing.T, h hostile, good []byte, key crypto.Signer, verify func([]byte) error) {
	t.Helper()
	n := decode(t, good)
	b := h.change(n)
	if b == nil {
		if h.resign {
			n.resign(t, key)
		}
		b = n.encode()
	}
	if err := verify(b); !errors.Is(err, h.want) {
		t.Errorf("%s: %v", h.name, err)
	}
}

// A certificate with anything beyond timestamps, or a weak key, does not count.
func TestHostileAuthority(t *testing.T) {
	stamping, _ := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	both, _ := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}, {1, 3, 6, 1, 5, 5, 7, 3, 3}})
	weakRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	strong := ecKey(t, elliptic.P256())
	for name, c := range map[string]struct {
		key   crypto.Signer
		usage x509.KeyUsage
		ca    bool
		ext   []pkix.Extension
		want  error
	}{
		"good":              {strong, x509.KeyUsageDigitalSignature, false, []pkix.Extension{{Id: oidUsage, Critical: true, Value: stamping}}, nil},
		"no key usage":      {strong, 0, false, []pkix.Extension{{Id: oidUsage, Critical: true, Value: stamping}}, nil},
		"no purpose":        {strong, x509.KeyUsageDigitalSignature, false, nil, signing.ErrCertificate},
		"not critical":      {strong, x509.KeyUsageDigitalSignature, false, []pkix.Extension{{Id: oidUsage, Value: stamping}}, signing.ErrCertificate},
		"code signing too":  {strong, x509.KeyUsageDigitalSignature, false, []pkix.Extension{{Id: oidUsage, Critical: true, Value: both}}, signing.ErrCertificate},
		"signs keys":        {strong, x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, true, []pkix.Extension{{Id: oidUsage, Critical: true, Value: stamping}}, signing.ErrCertificate},
		"encipherment":      {strong, x509.KeyUsageKeyEncipherment, false, []pkix.Extension{{Id: oidUsage, Critical: true, Value: stamping}}, signing.ErrCertificate},
		"critical, unknown": {strong, x509.KeyUsageDigitalSignature, false, []pkix.Extension{{Id: oidUsage, Critical: true, Value: stamping}, {Id: oidData, Critical: true, Value: []byte{5, 0}}}, signing.ErrCertificate},
		"RSA 2048":          {weakRSA, x509.KeyUsageDigitalSignature, false, []pkix.Extension{{Id: oidUsage, Critical: true, Value: stamping}}, ErrAlgorithm},
		"P-521":             {ecKey(t, elliptic.P521()), x509.KeyUsageDigitalSignature, false, []pkix.Extension{{Id: oidUsage, Critical: true, Value: stamping}}, ErrAlgorithm},
		"P-224":             {ecKey(t, elliptic.P224()), x509.KeyUsageDigitalSignature, false, []pkix.Extension{{Id: oidUsage, Critical: true, Value: stamping}}, ErrAlgorithm},
	} {
		tpl := template(name)
		in := &x509.Certificate{SerialNumber: big.NewInt(5), Subject: tpl.Subject, NotBefore: begin, NotAfter: end, BasicConstraintsValid: true, IsCA: c.ca, KeyUsage: c.usage, ExtraExtensions: c.ext}
		raw, err := x509.CreateCertificate(rand.Reader, in, in, c.key.Public(), c.key)
		must(t, err)
		cert, err := x509.ParseCertificate(raw)
		must(t, err)
		if err := CheckAuthority(cert); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A token by another key under the certificate that is listed.
func TestForgedToken(t *testing.T) {
	p := stamper(t, ecKey(t, elliptic.P256()))
	n := decode(t, tokenOf(t, p, bytes1, noon))
	n.resign(t, ecKey(t, elliptic.P256()))
	tok, err := ParseToken(n.encode())
	must(t, err)
	if err := tok.Verify(); !errors.Is(err, signing.ErrSignature) {
		t.Error(err)
	}
}

// An expired certificate, or one that is not valid yet, at the token's time.
func TestTokenOutsideCertificate(t *testing.T) {
	p := stamper(t, ecKey(t, elliptic.P256()))
	for _, at := range []time.Time{begin.AddDate(-1, 0, 0), end.AddDate(1, 0, 0)} {
		tok, err := ParseToken(tokenOf(t, p, bytes1, at))
		must(t, err)
		if err := tok.Verify(); !errors.Is(err, signing.ErrCertificate) {
			t.Errorf("at %s: %v", at, err)
		}
	}
}
