package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	begin  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	end    = time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	bytes1 = []byte("the manifest\n")
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rsaKey makes one key of 3072 bits for all tests: it takes seconds.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		panic(err)
	}
	return k
})

func ecKey(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	must(t, err)
	return k
}

func template(name string) signing.Template {
	return signing.Template{Subject: pkix.Name{CommonName: name, Country: []string{"AA"}}, NotBefore: begin, NotAfter: end}
}

// party is a key with its certificates.
type party struct {
	*signing.KeySigner
	key   crypto.Signer
	cert  *x509.Certificate
	roots []*x509.Certificate
}

// stamper is a timestamp authority.
func stamper(t testing.TB, key crypto.Signer) party {
	t.Helper()
	c, err := CreateAuthority(key, template("Time AA"))
	must(t, err)
	s, err := signing.NewSigner(key, c)
	must(t, err)
	return party{s, key, c, nil}
}

// officer is a person with an authority's certificate.
func officer(t testing.TB, key crypto.Signer) party {
	t.Helper()
	root := ecKey(t, elliptic.P256())
	authority, err := signing.CreateAuthority(root, template("Prosecution AA"))
	must(t, err)
	public, err := signing.NewSigner(key)
	must(t, err)
	c, err := signing.CreateOfficer(authority, root, public.Public(), template("Officer AA"))
	must(t, err)
	s, err := signing.NewSigner(key, c, authority)
	must(t, err)
	return party{s, key, c, []*x509.Certificate{authority}}
}

func grant(of []byte, at time.Time) Grant {
	return Grant{Request: Request{Digest: sha256.Sum256(of), Nonce: big.NewInt(1 << 62)}, Time: at, Accuracy: time.Second, Serial: big.NewInt(7), Policy: []int{1, 2, 3, 4}}
}

func tokenOf(t testing.TB, p party, of []byte, at time.Time) []byte {
	t.Helper()
	b, err := SignToken(t.Context(), grant(of, at), p)
	must(t, err)
	return b
}

// node is an element of DER as a tree, so that a test can change any part of it
// and write the rest as it was.
type node struct {
	tag  byte
	kids []*node // of a constructed element
	raw  []byte  // of a primitive one
}

func decode(t testing.TB, b []byte) *node {
	t.Helper()
	in := cryptobyte.String(b)
	n := decodeNext(t, &in)
	if !in.Empty() {
		t.Fatal("trailing bytes")
	}
	return n
}

func decodeNext(t testing.TB, in *cryptobyte.String) *node {
	t.Helper()
	var content cryptobyte.String
	var tag der.Tag
	if !in.ReadAnyASN1(&content, &tag) {
		t.Fatal("not DER")
	}
	n := &node{tag: byte(tag)}
	if tag&0x20 == 0 {
		n.raw = slices.Clone(content)
		return n
	}
	for !content.Empty() {
		n.kids = append(n.kids, decodeNext(t, &content))
	}
	return n
}

func (n *node) encode() []byte {
	b := new(cryptobyte.Builder)
	b.AddASN1(der.Tag(n.tag), func(b *cryptobyte.Builder) {
		b.AddBytes(n.raw)
		for _, k := range n.kids {
			b.AddBytes(k.encode())
		}
	})
	return b.BytesOrPanic()
}

// at follows places from n downwards.
func (n *node) at(places ...int) *node {
	for _, i := range places {
		if i < 0 {
			i += len(n.kids)
		}
		n = n.kids[i]
	}
	return n
}

// The places in signed data with certificates and without revocation lists.
func (n *node) body() *node   { return n.at(1, 0) }
func (n *node) certs() *node  { return n.body().at(3) }
func (n *node) signer() *node { return n.body().at(-1, 0) }
func (n *node) signed() *node { return n.signer().at(3) }

// attr returns the attribute of that type among the signed ones.
func (n *node) attr(oid asn1.ObjectIdentifier) *node {
	want, _ := asn1.Marshal(oid)
	for _, a := range n.signed().kids {
		if bytes.Equal(a.at(0).encode(), want) {
			return a
		}
	}
	panic("no attribute " + oid.String())
}

// resign signs the attributes as they are.
func (n *node) resign(t testing.TB, key crypto.Signer) {
	t.Helper()
	message := n.signed().encode()
	message[0] = byte(der.SET)
	digest := sha256.Sum256(message)
	sig, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	must(t, err)
	n.signer().at(5).raw = sig
}
