package cms

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Signature is a detached CAdES signature of baseline level B, T or LT (EN 319
// 122-1 §6). Nothing it says is proven before [Signature.Verify].
type Signature struct {
	Signed time.Time // by the signer's own clock
	Token  *Token    // over the signature; nil at level B

	sd *signedData
}

// ParseSignature reads a signature of at most 1 MiB, or returns [ErrForm] or
// [ErrAlgorithm]. Signed and unsigned attributes other than those of level T
// are refused: nothing here says what they would mean.
func ParseSignature(b []byte) (*Signature, error) {
	sd, err := parseSignedData(b)
	if err != nil {
		return nil, err
	}
	if !sd.kind.Equal(oidData) || sd.content != nil {
		return nil, badForm("no detached signature over data")
	}
	s := &Signature{sd: sd}
	for _, of := range []struct {
		have    []attribute
		allowed []asn1.ObjectIdentifier
	}{{sd.signed, []asn1.ObjectIdentifier{oidContentType, oidMessageDigest, oidSigningTime, oidCertV2}}, {sd.unsigned, []asn1.ObjectIdentifier{oidTimestamp}}} {
		for _, a := range of.have {
			if !among(a.kind, of.allowed) {
				return nil, badForm("attribute %s", a.kind)
			}
		}
	}
	if s.Signed, err = signingTime(sd.signed); err != nil {
		return nil, err
	}
	if token, ok := find(sd.unsigned, oidTimestamp); ok {
		s.Token, err = ParseToken(token)
	}
	return s, err
}

func among(kind asn1.ObjectIdentifier, list []asn1.ObjectIdentifier) bool {
	for _, x := range list {
		if x.Equal(kind) {
			return true
		}
	}
	return false
}

// signingTime reads the one signing time that level B asks for.
func signingTime(signed []attribute) (time.Time, error) {
	v, ok := find(signed, oidSigningTime)
	if !ok {
		return time.Time{}, badForm("no signing time is signed")
	}
	var at time.Time
	var read bool
	if v.PeekASN1Tag(der.UTCTime) {
		read = v.ReadASN1UTCTime(&at)
	} else {
		read = v.ReadASN1GeneralizedTime(&at) && at.Year() >= 2050
	}
	if !read || !v.Empty() {
		return time.Time{}, badForm("signing time")
	}
	return at.UTC(), nil
}

// Certificate returns the certificate that is said to have signed.
func (s *Signature) Certificate() *x509.Certificate { return s.sd.signer }

// Chain returns the enclosed certificates, the signer's first.
func (s *Signature) Chain() []*x509.Certificate {
	chain := []*x509.Certificate{s.sd.signer}
	for _, c := range s.sd.certs {
		if c != s.sd.signer {
			chain = append(chain, c)
		}
	}
	return chain
}

// Digest is SHA-256 of the signature's own bytes: what its token is over.
func (s *Signature) Digest() [sha256.Size]byte { return sha256.Sum256(s.sd.signature) }

// At is the time at which the certificates are judged: the token's, or without
// one the signer's word.
func (s *Signature) At() time.Time {
	if s.Token != nil {
		return s.Token.Time
	}
	return s.Signed
}

// Verify checks that content was signed by the enclosed certificate, which leads
// to one of authorities, an officer's ([signing.CheckOfficer]), at [Signature.At];
// at level T also that the token is over this signature and verifies. Whether its
// authority counts is not asked.
//
// It returns [ErrContent] when content, or the token's, is another one,
// [signing.ErrSignature], [signing.ErrCertificate], [ErrForm] and [ErrAlgorithm].
func (s *Signature) Verify(content []byte, authorities []*x509.Certificate) error {
	if err := s.verifyToken(); err != nil {
		return err
	}
	if err := s.sd.verify(content); err != nil {
		return err
	}
	for _, at := range []time.Time{s.Signed, s.At()} {
		if err := validAt(s.sd.signer, at); err != nil {
			return err
		}
	}
	if err := signing.CheckOfficer(s.sd.signer); err != nil {
		return err
	}
	_, err := signing.VerifyChain(s.Chain(), authorities, s.At().Truncate(time.Second)) // certificates have whole seconds
	return err
}

func (s *Signature) verifyToken() error {
	if s.Token == nil {
		return nil
	}
	if !s.Token.Covers(s.Digest()) {
		return fmt.Errorf("the token is over another signature: %w", ErrContent)
	}
	if err := s.Token.Verify(); err != nil {
		return fmt.Errorf("timestamp token: %w", err)
	}
	return nil
}

// WithToken returns a signature of level B with a token over [Signature.Digest]
// as its signature timestamp: level T.
//
// It returns [ErrContent] for a token over something else, and what
// [ParseSignature], [ParseToken] and [Token.Verify] return.
func WithToken(signature, token []byte) ([]byte, error) {
	s, err := ParseSignature(signature)
	if err != nil {
		return nil, err
	}
	if s.Token != nil {
		return nil, badForm("the signature has a token already")
	}
	if s.Token, err = ParseToken(token); err != nil {
		return nil, err
	}
	if err := s.verifyToken(); err != nil {
		return nil, err
	}
	attribute := addAttribute(nil, oidTimestamp, func(b *cryptobyte.Builder) { b.AddBytes(token) })
	return appendUnsigned(signature, attribute), nil
}

// appendUnsigned writes signed data without unsigned attributes again, with them.
func appendUnsigned(b []byte, attributes [][]byte) []byte {
	parts := cut(b)
	out := new(cryptobyte.Builder)
	addSet(out, explicit1, attributes)
	parts.signer = append(parts.signer, out.BytesOrPanic()...)
	return parts.join()
}

// parts are the pieces of signed data between which something is put in; each is
// kept as it was.
type parts struct {
	kind   asn1.ObjectIdentifier
	before []byte // version, digests, content, certificates
	lists  []byte // revocation values, with their tag; empty for none
	signer []byte // content of the one signer info
}

// cut takes apart signed data that was read before.
func cut(b []byte) (p parts) {
	var info, wrapped, body, set, signer cryptobyte.String
	in := cryptobyte.String(b)
	in.ReadASN1(&info, der.SEQUENCE)
	info.ReadASN1ObjectIdentifier(&p.kind)
	info.ReadASN1(&wrapped, explicit0)
	wrapped.ReadASN1(&body, der.SEQUENCE)
	rest := body
	for _, part := range []der.Tag{der.INTEGER, der.SET, der.SEQUENCE, explicit0} {
		rest.SkipOptionalASN1(part)
	}
	p.before = body[:len(body)-len(rest)]
	lists := rest
	rest.SkipOptionalASN1(explicit1)
	p.lists = lists[:len(lists)-len(rest)]
	if !rest.ReadASN1(&set, der.SET) || !set.ReadASN1(&signer, der.SEQUENCE) {
		panic("internal error: signed data that was read has no signer")
	}
	p.signer = slices.Clone(signer)
	return p
}

func (p parts) join() []byte {
	out := new(cryptobyte.Builder)
	out.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(p.kind)
		b.AddASN1(explicit0, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(p.before)
				b.AddBytes(p.lists)
				b.AddASN1(der.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(p.signer) })
				})
			})
		})
	})
	return out.BytesOrPanic()
}
