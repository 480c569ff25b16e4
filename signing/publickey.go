package signing

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/sigstore/sigstore/pkg/signature"
)

// ErrSignature reports a signature that is proven wrong: it does not verify, or
// is not in the one encoding its suite allows (rule P19).
var ErrSignature = errors.New("signature does not verify")

// PublicKey is a key together with the suite it is used under. It is immutable
// and may be used by several goroutines.
type PublicKey struct {
	id       KeyID
	suite    Suite
	spki     []byte
	key      crypto.PublicKey
	verifier signature.Verifier
}

// NewPublicKey returns the key with the DER SubjectPublicKeyInfo spki (RFC 5280
// §4.1.2.7) under suite.
//
// It returns [ErrSuite] for an unknown suite, and [ErrKey] when spki is not
// exactly the DER this key has or the key does not fit the suite.
func NewPublicKey(suite Suite, spki []byte) (*PublicKey, error) {
	if _, err := ParseSuite(string(suite)); err != nil {
		return nil, err
	}
	pub, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, fmt.Errorf("public key: %w: %w", err, ErrKey)
	}
	k, err := newPublicKey(suite, pub)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(k.spki, spki) {
		// Otherwise one key could have several ids.
		return nil, fmt.Errorf("public key is not in its one DER form: %w", ErrKey)
	}
	return k, nil
}

// PublicKeyOf returns cert's key under the one suite that fits it: how an
// authority's suite follows from its certificate (spec/event.md, "Suite").
func PublicKeyOf(cert *x509.Certificate) (*PublicKey, error) {
	suite, err := SuiteOf(cert.PublicKey)
	if err != nil {
		return nil, err
	}
	return newPublicKey(suite, cert.PublicKey)
}

func newPublicKey(suite Suite, pub crypto.PublicKey) (*PublicKey, error) {
	if err := suite.check(pub); err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("public key: %w: %w", err, ErrKey)
	}
	v, err := signature.LoadVerifierWithOpts(pub, suite.options()...)
	if err != nil {
		return nil, fmt.Errorf("public key: %w: %w", err, ErrKey)
	}
	return &PublicKey{id: KeyIDOf(spki), suite: suite, spki: spki, key: pub, verifier: v}, nil
}

// ID returns the key's id.
func (k *PublicKey) ID() KeyID { return k.id }

// Suite returns the suite the key is used under.
func (k *PublicKey) Suite() Suite { return k.suite }

// SPKI returns a copy of the key's DER SubjectPublicKeyInfo.
func (k *PublicKey) SPKI() []byte { return bytes.Clone(k.spki) }

// Key returns the key as the standard library has it.
func (k *PublicKey) Key() crypto.PublicKey { return k.key }

// Verify reports with [ErrSignature] that sig is not k's signature over the DSSE
// pre-authentication encoding of payloadType and payload, or is not in the one
// encoding that k's suite allows; a high S is [ErrHighS], which wraps it.
func (k *PublicKey) Verify(payloadType string, payload, sig []byte) error {
	return k.verify(dsse.PAE(payloadType, payload), sig)
}

func (k *PublicKey) verify(message, sig []byte) error {
	if pub, ok := k.key.(*ecdsa.PublicKey); ok {
		// sigstore's verifier takes high S, loose DER and the raw r ‖ s form as
		// well; each would be a second signature made without the key.
		if err := checkECDSA(sig, pub.Curve); err != nil {
			return fmt.Errorf("key %s: %w", k.id, err)
		}
	}
	err := k.verifier.VerifySignature(bytes.NewReader(sig), bytes.NewReader(message))
	if err != nil {
		return fmt.Errorf("key %s: %w", k.id, ErrSignature)
	}
	return nil
}
