package desk

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/signing/keyfile"
)

// authority is the desk's authority, unlocked.
type authority struct {
	*officer
	secret authoritySecret
	key    crypto.Signer
	cert   *x509.Certificate
}

// authority opens the authority's key, which everyone who has the vault may use.
func (s *Session) authority() (*authority, error) {
	raw, err := keyfile.OpenSecret(s.path("keys", "authority.age"), secretAuthority, s.vaultID)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAuthority, err)
	}
	a := &authority{}
	if err := evidence.ParseCanonical(raw, &a.secret); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAuthority, err)
	}
	key, chain, err := keyfile.ParseKey([]byte(a.secret.PEM))
	if err != nil || len(chain) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrNoAuthority, err)
	}
	signer, err := signing.NewSigner(key, chain...)
	if err != nil {
		return nil, err
	}
	a.key, a.cert = key, chain[0]
	a.officer = &officer{alias: "authority", signer: signer, as: evidence.Signer{
		Authority: evidence.StateCode(s.Config.State), Key: evidence.KeyID(signer.Public().ID()), Role: evidence.RoleAuthority,
	}}
	return a, nil
}

// certify issues the officer's certificate.
func (a *authority) certify(b *keyfile.Bundle, n NewOfficer, now time.Time) error {
	name, years := n.Name, n.Years
	if name == "" {
		name = n.Alias
	}
	if years == 0 {
		years = 3
	}
	cert, err := signing.CreateOfficer(a.cert, a.key, b.Card.Key, signing.Template{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.Truncate(time.Second), NotAfter: now.Truncate(time.Second).AddDate(years, 0, 0),
	})
	if err != nil {
		return err
	}
	b.Chain = append(b.Chain, cert, a.cert)
	return nil
}
