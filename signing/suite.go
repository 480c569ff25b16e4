package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/options"
)

// Suite names a way of signing. It comes from the key's enrolment or from the
// authority's certificate, never from the envelope (rule P19), so nobody can
// talk a verifier into a weaker one.
type Suite string

// The suites of version 1 (spec/event.md, "Suite"). Hybrids come later; a reader
// that does not know a suite answers undecided.
const (
	// ECDSAP256 is ECDSA on P-256 over SHA-256, DER, low S. Officers' and
	// authorities' keys are made under it.
	ECDSAP256 Suite = "ecdsa-p256-sha256"
	// ECDSAP384 is ECDSA on P-384 over SHA-384, DER, low S.
	ECDSAP384 Suite = "ecdsa-p384-sha384"
	// RSAPSS3072 is RSASSA-PSS (RFC 8017 §8.1) with a modulus of exactly 3072
	// bits, public exponent 65537, SHA-256 for message and mask, 32 bytes of salt.
	RSAPSS3072 Suite = "rsa-pss-3072-sha256"
)

// ErrSuite reports a suite this version does not know: what depends on it is
// undecided, not wrong.
var ErrSuite = errors.New("unknown signature suite")

// ErrKey reports a key that cannot belong to the suite it is given for.
var ErrKey = errors.New("key does not fit its suite")

// rsaExponent is the public exponent that RSAPSS3072 allows: one value, so that
// nothing has to be said about weak ones.
const rsaExponent = 65537

// ParseSuite returns the suite named s, or [ErrSuite].
func ParseSuite(s string) (Suite, error) {
	switch v := Suite(s); v {
	case ECDSAP256, ECDSAP384, RSAPSS3072:
		return v, nil
	}
	return "", fmt.Errorf("%.80q: %w", s, ErrSuite)
}

// SuiteOf returns the suite that a public key is used under, or [ErrKey] when
// version 1 has none for it.
func SuiteOf(pub crypto.PublicKey) (Suite, error) {
	for _, s := range []Suite{ECDSAP256, ECDSAP384, RSAPSS3072} {
		if s.check(pub) == nil {
			return s, nil
		}
	}
	return "", fmt.Errorf("no suite for a %T of this size: %w", pub, ErrKey)
}

// check reports with [ErrKey] a key of another kind or size than s uses.
func (s Suite) check(pub crypto.PublicKey) error {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		if k != nil && (s == ECDSAP256 && k.Curve == elliptic.P256() || s == ECDSAP384 && k.Curve == elliptic.P384()) {
			return nil
		}
	case *rsa.PublicKey:
		if k != nil && s == RSAPSS3072 && k.N.BitLen() == 3072 && k.E == rsaExponent {
			return nil
		}
	}
	return fmt.Errorf("%T for %s: %w", pub, s, ErrKey)
}

// options returns what sigstore's loaders need to know of s.
func (s Suite) options() []signature.LoadOption {
	h := crypto.SHA256
	if s == ECDSAP384 {
		h = crypto.SHA384
	}
	o := []signature.LoadOption{options.WithHash(h)}
	if s == RSAPSS3072 {
		// A fixed salt length: the automatic one would accept several
		// encodings of the same signature's strength.
		o = append(o, options.WithRSAPSS(&rsa.PSSOptions{SaltLength: h.Size(), Hash: h}))
	}
	return o
}
