package keyfile

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"

	"example.org/custody/signing"
)

const bundleHeader = "# custody/key/v1"

// Bundle is everything an officer holds: what one key file keeps.
type Bundle struct {
	Key   crypto.Signer       // signs; ECDSA P-256 when made here
	Chain []*x509.Certificate // for Key, its own first; may be empty
	Age   *age.X25519Identity // opens what is encrypted to the officer
	Card  Card                // describes both; kept without its enrolment
}

// Generate makes the keys of a new officer. card gives role, authority, state,
// alias and vault; key and age recipient are filled in. The chain is set by
// whoever issues the certificate, before [Create].
func Generate(card Card) (*Bundle, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("officer's key: %w", err)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("officer's age identity: %w", err)
	}
	signer, err := signing.NewSigner(key)
	if err != nil {
		return nil, err
	}
	b := &Bundle{Key: key, Age: identity, Card: card}
	b.Card.Key, b.Card.Age, b.Card.Enrolment = signer.Public(), identity.Recipient().String(), nil
	return b, b.validate()
}

// Signer returns what signs envelopes with the bundle's key.
func (b *Bundle) Signer() (*signing.KeySigner, error) { return signing.NewSigner(b.Key, b.Chain...) }

// validate checks that the card is about these keys.
func (b *Bundle) validate() error {
	if err := b.Card.validate(); err != nil {
		return fmt.Errorf("%w: %w", err, ErrCard)
	}
	s, err := b.Signer()
	if err != nil {
		return err
	}
	if s.Public().ID() != b.Card.Key.ID() || s.Public().Suite() != b.Card.Key.Suite() || b.Age.Recipient().String() != b.Card.Age {
		return fmt.Errorf("card is about other keys: %w", ErrCard)
	}
	return nil
}

// marshal returns the key file's plaintext (spec/keys.md, "Key file"): text in
// which age finds the identity and openssl the key.
func (b *Bundle) marshal() ([]byte, error) {
	if err := b.validate(); err != nil {
		return nil, err
	}
	public := b.Card
	public.Enrolment = nil
	card, err := public.Marshal()
	if err != nil {
		return nil, err
	}
	key, err := MarshalKey(b.Key, b.Chain...)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s\n# %s\n%s\n%s", bundleHeader, card, b.Age, key), nil
}

// parseBundle reads what marshal wrote, and nothing else.
func parseBundle(plain []byte) (*Bundle, error) {
	lines := strings.SplitN(string(plain), "\n", 4)
	if len(lines) != 4 || lines[0] != bundleHeader {
		return nil, fmt.Errorf("no %q: %w", bundleHeader, ErrDamaged)
	}
	card, err := ParseCard([]byte(strings.TrimPrefix(lines[1], "# ")))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	b := &Bundle{Card: *card}
	if b.Age, err = age.ParseX25519Identity(lines[2]); err != nil {
		return nil, fmt.Errorf("age identity: %w", ErrDamaged) // never the identity's text
	}
	if b.Key, b.Chain, err = ParseKey([]byte(lines[3])); err != nil {
		return nil, err
	}
	again, err := b.marshal()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !bytes.Equal(again, plain) {
		return nil, fmt.Errorf("not in the one form of a key file: %w", ErrDamaged)
	}
	return b, nil
}

const (
	pemKey         = "PRIVATE KEY" // RFC 7468 §10
	pemCertificate = "CERTIFICATE" // RFC 7468 §5
)

// MarshalKey returns key as PKCS#8 and its certificates, in PEM (RFC 7468): what
// a bundle, and the secret of an authority, holds.
func MarshalKey(key crypto.Signer, chain ...*x509.Certificate) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: der})
	for _, c := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: c.Raw})...)
	}
	return out, nil
}

// ParseKey reads what [MarshalKey] wrote, and nothing else; errors wrap
// [ErrDamaged]. The first certificate must be for the key.
func ParseKey(b []byte) (crypto.Signer, []*x509.Certificate, error) {
	block, rest := pem.Decode(b)
	if block == nil || block.Type != pemKey {
		return nil, nil, fmt.Errorf("no private key: %w", ErrDamaged)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(crypto.Signer)
	if err != nil || !ok {
		return nil, nil, fmt.Errorf("private key: %w", ErrDamaged)
	}
	var chain []*x509.Certificate
	for len(rest) > 0 {
		if block, rest = pem.Decode(rest); block == nil || block.Type != pemCertificate {
			return nil, nil, fmt.Errorf("something else after the key: %w", ErrDamaged)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, nil, fmt.Errorf("certificate: %w: %w", ErrDamaged, err)
		}
		chain = append(chain, c)
	}
	again, err := MarshalKey(key, chain...)
	if err != nil || !bytes.Equal(again, b) {
		return nil, nil, fmt.Errorf("key is not in its one form: %w", ErrDamaged)
	}
	if _, err := signing.NewSigner(key, chain...); err != nil {
		return nil, nil, errors.Join(ErrDamaged, err)
	}
	return key, chain, nil
}
