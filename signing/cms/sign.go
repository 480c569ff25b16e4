package cms

import (
	"context"
	"encoding/asn1"
	"time"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// draft is signed data in the making.
type draft struct {
	kind     asn1.ObjectIdentifier
	content  []byte
	detached bool
	at       time.Time // signing time; zero for none
}

// Sign returns a CAdES-B-B signature over content, detached, dated at in whole
// seconds: the signed attributes are content type, message digest, signing time
// and ESSCertIDv2 (EN 319 122-1 §6.3). The signer's chain is enclosed.
//
// It returns [signing.ErrCertificate] for a key without certificate, or one whose
// certificate does not count at that time.
func Sign(ctx context.Context, content []byte, s signing.Certified, at time.Time) ([]byte, error) {
	chain, err := chainOf(s)
	if err != nil {
		return nil, err
	}
	if err := validAt(chain[0], at); err != nil {
		return nil, err
	}
	return draft{kind: oidData, content: content, detached: true, at: at}.sign(ctx, s)
}

// SignToken returns the timestamp token that says g, in DER. The signer must be
// a timestamp authority's: [CheckAuthority].
func SignToken(ctx context.Context, g Grant, s signing.Certified) ([]byte, error) {
	chain, err := chainOf(s)
	if err != nil {
		return nil, err
	}
	if err := CheckAuthority(chain[0]); err != nil {
		return nil, err
	}
	return draft{kind: oidTSTInfo, content: g.info()}.sign(ctx, s)
}

func (d draft) sign(ctx context.Context, s signing.Certified) ([]byte, error) {
	attributes := d.attributes(s)
	set := new(cryptobyte.Builder)
	addSet(set, der.SET, attributes)
	message, err := set.Bytes()
	if err != nil {
		return nil, err
	}
	signature, err := s.Sign(ctx, message)
	if err != nil {
		return nil, err
	}
	b := new(cryptobyte.Builder)
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(explicit0, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { d.addBody(b, s, attributes, signature) })
		})
	})
	out, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	return out, d.check(out)
}

// check reads back what was made, before anything leaves: a remote key may
// answer with anything.
func (d draft) check(out []byte) error {
	sd, err := parseSignedData(out)
	if err != nil {
		return err
	}
	return sd.verify(d.content)
}

// attributes returns the signed attributes, each encoded.
func (d draft) attributes(s signing.Certified) (all [][]byte) {
	h := hashOf(s.Public().Suite()).New()
	h.Write(d.content)
	all = addAttribute(all, oidContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(d.kind) })
	all = addAttribute(all, oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(h.Sum(nil)) })
	all = addAttribute(all, oidCertV2, func(b *cryptobyte.Builder) { addCertID(b, s.Chain()[0]) })
	if !d.at.IsZero() {
		all = addAttribute(all, oidSigningTime, func(b *cryptobyte.Builder) { addTime(b, d.at.UTC()) })
	}
	return all
}

// addTime writes UTCTime before 2050 and GeneralizedTime from then on (RFC 5652
// §11.3).
func addTime(b *cryptobyte.Builder, at time.Time) {
	if at.Year() < 2050 {
		b.AddASN1UTCTime(at)
		return
	}
	b.AddASN1GeneralizedTime(at)
}

func (d draft) addBody(b *cryptobyte.Builder, s signing.Certified, attributes [][]byte, signature []byte) {
	suite, chain := s.Public().Suite(), s.Chain()
	version := int64(1)
	if !d.kind.Equal(oidData) {
		version = 3 // RFC 5652 §5.1
	}
	b.AddASN1Int64(version)
	b.AddASN1(der.SET, func(b *cryptobyte.Builder) { addDigest(b, hashOf(suite)) })
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(d.kind)
		if !d.detached {
			b.AddASN1(explicit0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(d.content) })
		}
	})
	var certs [][]byte
	for _, c := range chain {
		certs = append(certs, c.Raw)
	}
	addSet(b, explicit0, certs)
	b.AddASN1(der.SET, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(chain[0].RawIssuer)
				b.AddASN1BigInt(chain[0].SerialNumber)
			})
			addDigest(b, hashOf(suite))
			addSet(b, explicit0, attributes)
			addSignature(b, suite)
			b.AddASN1OctetString(signature)
		})
	})
}
