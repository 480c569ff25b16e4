package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // the digests of the table
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Object identifiers, by the document that gives them.
var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1} // RFC 5652 §4
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2} // RFC 5652 §5.1
	oidTSTInfo    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3} // RFC 5652 §11
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidCertV2        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // RFC 5035 §3
	oidTimestamp     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14} // RFC 3161 appendix A

	oidRSA   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1} // RFC 8017 appendix A
	oidPSS   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidUsage = asn1.ObjectIdentifier{2, 5, 29, 37} // RFC 5280 §4.2.1.12
)

// digests are the digests that count (RFC 5754), each with its signatures.
var digests = []struct {
	hash       crypto.Hash
	oid        asn1.ObjectIdentifier
	ecdsa, rsa asn1.ObjectIdentifier
	withECDSA  x509.SignatureAlgorithm
	withRSA    x509.SignatureAlgorithm
	withPSS    x509.SignatureAlgorithm
}{
	{crypto.SHA256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, x509.ECDSAWithSHA256, x509.SHA256WithRSA, x509.SHA256WithRSAPSS},
	{crypto.SHA384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, x509.ECDSAWithSHA384, x509.SHA384WithRSA, x509.SHA384WithRSAPSS},
	{crypto.SHA512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, x509.ECDSAWithSHA512, x509.SHA512WithRSA, x509.SHA512WithRSAPSS},
}

// readAlgorithm reads an AlgorithmIdentifier; params is what follows the
// identifier and may be empty.
func readAlgorithm(s *cryptobyte.String) (oid asn1.ObjectIdentifier, params cryptobyte.String, err error) {
	if !s.ReadASN1(&params, der.SEQUENCE) || !params.ReadASN1ObjectIdentifier(&oid) {
		return nil, nil, badForm("algorithm identifier")
	}
	return oid, params, nil
}

// none reports whether parameters are absent or NULL, which RFC 5754 both wants
// accepted.
func none(params cryptobyte.String) bool {
	return len(params) == 0 || len(params) == 2 && params[0] == byte(der.NULL) && params[1] == 0
}

// readDigest reads the identifier of one of the digests.
func readDigest(s *cryptobyte.String) (crypto.Hash, error) {
	oid, params, err := readAlgorithm(s)
	if err != nil {
		return 0, err
	}
	for _, d := range digests {
		if d.oid.Equal(oid) && none(params) {
			return d.hash, nil
		}
	}
	return 0, weak("digest %s", oid)
}

// readSignature reads the identifier of a signature over the digest h.
func readSignature(s *cryptobyte.String, h crypto.Hash) (x509.SignatureAlgorithm, error) {
	oid, params, err := readAlgorithm(s)
	if err != nil {
		return 0, err
	}
	for _, d := range digests {
		switch {
		case d.hash != h:
		case oid.Equal(d.ecdsa) && len(params) == 0:
			return d.withECDSA, nil
		case (oid.Equal(d.rsa) || oid.Equal(oidRSA)) && none(params):
			return d.withRSA, nil
		case oid.Equal(oidPSS) && plainPSS(params, h):
			return d.withPSS, nil
		}
	}
	return 0, weak("signature %s over %v", oid, h)
}

// plainPSS accepts RSASSA-PSS-params with one digest for message and mask and
// as many bytes of salt (RFC 8017 appendix A.2.3).
func plainPSS(params cryptobyte.String, h crypto.Hash) bool {
	var body, digest, mask, inner, salt cryptobyte.String
	var n int
	if !params.ReadASN1(&body, der.SEQUENCE) || !params.Empty() ||
		!body.ReadASN1(&digest, explicit0) || !body.ReadASN1(&mask, explicit1) || !body.ReadASN1(&salt, der.Tag(2).ContextSpecific().Constructed()) || !body.Empty() {
		return false
	}
	first, err := readDigest(&digest)
	oid, inner, errMask := readAlgorithm(&mask)
	second, errInner := readDigest(&inner)
	return err == nil && errMask == nil && errInner == nil && digest.Empty() && mask.Empty() && inner.Empty() &&
		oid.Equal(oidMGF1) && first == h && second == h && salt.ReadASN1Integer(&n) && salt.Empty() && n == h.Size()
}

// addDigest writes the identifier of a digest, without parameters (RFC 5754 §2).
func addDigest(b *cryptobyte.Builder, h crypto.Hash) {
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidOf(h)) })
}

func oidOf(h crypto.Hash) asn1.ObjectIdentifier {
	for _, d := range digests {
		if d.hash == h {
			return d.oid
		}
	}
	panic("internal error: digest without identifier")
}

// hashOf returns the digest that a suite signs over.
func hashOf(s signing.Suite) crypto.Hash {
	if s == signing.ECDSAP384 {
		return crypto.SHA384
	}
	return crypto.SHA256
}

// addSignature writes the identifier of a suite's signatures.
func addSignature(b *cryptobyte.Builder, s signing.Suite) {
	h := hashOf(s)
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		if s != signing.RSAPSS3072 {
			for _, d := range digests {
				if d.hash == h {
					b.AddASN1ObjectIdentifier(d.ecdsa)
				}
			}
			return
		}
		b.AddASN1ObjectIdentifier(oidPSS)
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(explicit0, func(b *cryptobyte.Builder) { addDigest(b, h) })
			b.AddASN1(explicit1, func(b *cryptobyte.Builder) {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oidMGF1)
					addDigest(b, h)
				})
			})
			b.AddASN1(der.Tag(2).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(h.Size())) })
		})
	})
}

// minRSA and maxRSA bound the modulus in bits; above the larger one a signature
// takes a reader too long.
const (
	minRSA = 3072
	maxRSA = 8192
)

// checkKey reports with [ErrAlgorithm] a key that is too weak or of another kind.
func checkKey(c *x509.Certificate) error {
	switch k := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() || k.Curve == elliptic.P384() {
			return nil
		}
		return weak("curve %s", k.Curve.Params().Name)
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n >= minRSA && n <= maxRSA && k.E >= 65537 {
			return nil
		}
		return weak("RSA key of %d bits", k.N.BitLen())
	}
	return weak("key of type %T", c.PublicKey)
}
