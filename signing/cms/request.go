package cms

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math/big"
	"strings"
	"time"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Request asks an authority for a token over bytes with a SHA-256 (RFC 3161
// §2.4.1), with the authority's certificate enclosed, because whoever checks the
// token has nobody to ask.
type Request struct {
	Digest [sha256.Size]byte
	Long   []byte   // a SHA-512 that the token is to be over in place of Digest; nil for none
	Nonce  *big.Int // random, at least 64 bits; nil for none
}

// Marshal returns the request in DER.
func (r Request) Marshal() []byte {
	b := new(cryptobyte.Builder)
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		r.addImprint(b)
		if r.Nonce != nil {
			b.AddASN1BigInt(r.Nonce)
		}
		b.AddASN1Boolean(true)
	})
	return b.BytesOrPanic()
}

func (r Request) addImprint(b *cryptobyte.Builder) {
	h, digest := crypto.SHA256, r.Digest[:]
	if r.Long != nil {
		h, digest = crypto.SHA512, r.Long
	}
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		addDigest(b, h)
		b.AddASN1OctetString(digest)
	})
}

// answers reports whether a token is over what was asked, with the same nonce.
func (r Request) answers(t *Token) bool {
	over := t.Covers(r.Digest)
	if r.Long != nil {
		over = t.CoversLong(r.Long)
	}
	return over && (r.Nonce == nil) == (t.Nonce == nil) && (r.Nonce == nil || r.Nonce.Cmp(t.Nonce) == 0)
}

// ParseRequest reads a request over a SHA-256 or SHA-512 for a token with certificate and
// under no particular policy. It returns [ErrForm] or [ErrAlgorithm].
func ParseRequest(b []byte) (Request, error) {
	in := cryptobyte.String(b)
	var body cryptobyte.String
	var r Request
	var version int
	if len(b) > maxSize || !in.ReadASN1(&body, der.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(&version) || version != 1 {
		return r, badForm("timestamp request")
	}
	h, imprint, err := readImprint(&body)
	if err != nil {
		return r, err
	}
	switch h {
	case crypto.SHA256:
		copy(r.Digest[:], imprint)
	case crypto.SHA512:
		r.Long = imprint
	default:
		return r, weak("digest %v", h)
	}
	if r.Nonce, err = readNonce(&body); err != nil {
		return r, err
	}
	wants := false
	if !body.ReadASN1Boolean(&wants) || !wants {
		return r, badForm("the request wants a policy, or no certificate")
	}
	return r, readExtensions(&body, explicit0)
}

// ParseResponse reads an authority's answer to r (RFC 3161 §2.4.2) and returns
// the token in it, verified, and its bytes: granted, over the same digest, with
// the same nonce. Whether the authority counts is not asked.
//
// It returns [ErrRefused] with the authority's own words, [ErrContent] for the
// token of another request, and what [ParseToken] and [Token.Verify] return.
func (r Request) ParseResponse(b []byte) (*Token, []byte, error) {
	in := cryptobyte.String(b)
	var body, status, words cryptobyte.String
	var code int
	if len(b) > maxSize || !in.ReadASN1(&body, der.SEQUENCE) || !in.Empty() || !body.ReadASN1(&status, der.SEQUENCE) || !status.ReadASN1Integer(&code) {
		return nil, nil, badForm("the answer is no timestamp response")
	}
	if code != 0 && code != 1 {
		status.ReadASN1(&words, der.SEQUENCE)
		return nil, nil, fmt.Errorf("status %d%s: %w", code, freeText(words), ErrRefused)
	}
	raw := bytes.Clone(body)
	t, err := ParseToken(raw)
	if err != nil {
		return nil, nil, err
	}
	if !r.answers(t) {
		return nil, nil, fmt.Errorf("the token answers another request: %w", ErrContent)
	}
	return t, raw, t.Verify()
}

// freeText reads PKIFreeText as far as it can be shown.
func freeText(s cryptobyte.String) string {
	var all []string
	for !s.Empty() && len(all) < 8 {
		var text cryptobyte.String
		if !s.ReadASN1(&text, der.UTF8String) {
			break
		}
		all = append(all, fmt.Sprintf("%.200q", string(text)))
	}
	if all == nil {
		return ""
	}
	return " " + strings.Join(all, " ")
}

// Grant is what an authority says in a token that it gives.
type Grant struct {
	Request  Request
	Time     time.Time     // whole seconds are written
	Accuracy time.Duration // whole seconds, 0 for none
	Serial   *big.Int      // unique for this authority
	Policy   []int         // object identifier
}

// MarshalResponse returns the answer that a granted request gets, in DER.
func MarshalResponse(token []byte) []byte {
	b := new(cryptobyte.Builder)
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(0) })
		b.AddBytes(token)
	})
	return b.BytesOrPanic()
}

// MarshalRefusal returns the answer that a refused request gets: rejection, with
// words.
func MarshalRefusal(words string) []byte {
	b := new(cryptobyte.Builder)
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(2)
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(der.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(words)) })
			})
		})
	})
	return b.BytesOrPanic()
}

// info returns the content of the token: TSTInfo.
func (g Grant) info() []byte {
	b := new(cryptobyte.Builder)
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1ObjectIdentifier(g.Policy)
		g.Request.addImprint(b)
		b.AddASN1BigInt(g.Serial)
		b.AddASN1GeneralizedTime(g.Time.UTC())
		if s := int64(g.Accuracy / time.Second); s > 0 {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(s) })
		}
		if g.Request.Nonce != nil {
			b.AddASN1BigInt(g.Request.Nonce)
		}
	})
	return b.BytesOrPanic()
}

// chainOf returns a signer's certificates, or [signing.ErrCertificate] for a
// signer without.
func chainOf(s signing.Certified) ([]*x509.Certificate, error) {
	chain := s.Chain()
	if len(chain) == 0 {
		return nil, fmt.Errorf("the signing key has no certificate: %w", signing.ErrCertificate)
	}
	return chain, nil
}
