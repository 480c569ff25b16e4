package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/options"
)

// Signer holds a private key, or the way to one (key file, KMS, smart card).
type Signer interface {
	// Public returns the key that verifies what Sign makes; it never changes.
	Public() *PublicKey

	// Sign returns the signature of message, which it hashes itself, in the
	// encoding usual for the suite: DER for ECDSA, with any S. [Sign] brings S
	// down and verifies the result before anything leaves it. ctx ends a wait
	// for a remote key. Sign may be called concurrently.
	Sign(ctx context.Context, message []byte) ([]byte, error)
}

// Certified is a [Signer] whose key has an X.509 certificate.
type Certified interface {
	Signer
	// Chain returns the certificates, the signer's own first; it may be empty.
	Chain() []*x509.Certificate
}

// KeySigner signs with a private key in memory.
type KeySigner struct {
	public *PublicKey
	signer signature.Signer
	chain  []*x509.Certificate
}

var _ Certified = (*KeySigner)(nil)

// NewSigner returns a signer for key, an *[ecdsa.PrivateKey] or
// *[crypto/rsa.PrivateKey], under the suite that fits it. chain holds its
// certificates, its own first; none is allowed.
//
// It returns [ErrKey] when no suite fits, or when the first certificate is for
// another key.
func NewSigner(key crypto.Signer, chain ...*x509.Certificate) (*KeySigner, error) {
	suite, err := SuiteOf(key.Public())
	if err != nil {
		return nil, err
	}
	public, err := newPublicKey(suite, key.Public())
	if err != nil {
		return nil, err
	}
	if len(chain) > 0 && !bytes.Equal(chain[0].RawSubjectPublicKeyInfo, public.spki) {
		return nil, fmt.Errorf("certificate %s is for another key: %w", chain[0].Subject, ErrKey)
	}
	s, err := signature.LoadSignerWithOpts(key, suite.options()...)
	if err != nil {
		return nil, fmt.Errorf("private key: %w: %w", err, ErrKey)
	}
	return &KeySigner{public: public, signer: s, chain: chain}, nil
}

// Public implements [Signer].
func (s *KeySigner) Public() *PublicKey { return s.public }

// Chain implements [Certified].
func (s *KeySigner) Chain() []*x509.Certificate { return s.chain }

// Sign implements [Signer].
func (s *KeySigner) Sign(ctx context.Context, message []byte) ([]byte, error) {
	return s.signer.SignMessage(bytes.NewReader(message), options.WithContext(ctx))
}

// normalise brings an ECDSA signature to low S and leaves others alone.
func (k *PublicKey) normalise(sig []byte) ([]byte, error) {
	if pub, ok := k.key.(*ecdsa.PublicKey); ok {
		return lowS(sig, pub.Curve)
	}
	return sig, nil
}
