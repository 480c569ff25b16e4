package signing

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"
)

// maxRevoked is how many certificates a list that is read may name.
const maxRevoked = 100_000

// Revoked is one line of an authority's revocation list.
type Revoked struct {
	Certificate *x509.Certificate // that the authority issued
	At          time.Time         // whole seconds; from when on it does not count
}

// CreateRevocationList returns in DER the revocation list (RFC 5280 §5) by which
// authority, whose key is authorityKey, says at this time which of its certificates
// do not count; until next it will say it again. The list's number is the time in
// seconds, so that a later list has a larger one.
//
// It returns [ErrCertificate] for an authority whose certificate does not let it
// issue lists, and for a certificate of another one, and [ErrKey] when authorityKey
// is not the authority's.
func CreateRevocationList(authority *x509.Certificate, authorityKey crypto.Signer, revoked []Revoked, at, next time.Time) ([]byte, error) {
	public, err := signerKey(authorityKey)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(public.spki, authority.RawSubjectPublicKeyInfo) {
		return nil, fmt.Errorf("key %s is not that of authority %s: %w", public.id, authority.Subject, ErrKey)
	}
	if authority.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return nil, fmt.Errorf("authority %s may not issue revocation lists: %w", authority.Subject, ErrCertificate)
	}
	at = at.UTC().Truncate(time.Second)
	list := &x509.RevocationList{Number: big.NewInt(at.Unix()), ThisUpdate: at, NextUpdate: next.UTC().Truncate(time.Second)}
	for _, r := range revoked {
		if !bytes.Equal(r.Certificate.RawIssuer, authority.RawSubject) {
			return nil, fmt.Errorf("certificate of %s is another authority's: %w", r.Certificate.Subject, ErrCertificate)
		}
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: r.Certificate.SerialNumber, RevocationTime: r.At.UTC().Truncate(time.Second),
		})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, authority, authorityKey)
	if err != nil {
		return nil, fmt.Errorf("revocation list of %s: %w", authority.Subject, err)
	}
	return der, nil
}

// CheckRevocationList reports with [ErrCertificate] a list that authority did not
// issue, that names more than 100,000 certificates, or that has a critical extension:
// such a list may speak of a part of the certificates only (RFC 5280 §5.2.5).
func CheckRevocationList(list *x509.RevocationList, authority *x509.Certificate) error {
	if len(list.RevokedCertificateEntries) > maxRevoked {
		return fmt.Errorf("revocation list of %d certificates: %w", len(list.RevokedCertificateEntries), ErrCertificate)
	}
	for _, x := range list.Extensions {
		if x.Critical {
			return fmt.Errorf("revocation list with the critical extension %s: %w", x.Id, ErrCertificate)
		}
	}
	if !bytes.Equal(list.RawIssuer, authority.RawSubject) {
		return fmt.Errorf("revocation list of %s, not of %s: %w", list.Issuer, authority.Subject, ErrCertificate)
	}
	if err := list.CheckSignatureFrom(authority); err != nil {
		return fmt.Errorf("revocation list of %s: %w: %w", list.Issuer, err, ErrCertificate)
	}
	return nil
}

// RevokedAt returns since when a list says that the certificate does not count; false
// when it does not name it. That the list is the issuer's is [CheckRevocationList]'s
// to check.
func RevokedAt(list *x509.RevocationList, c *x509.Certificate) (time.Time, bool) {
	for _, e := range list.RevokedCertificateEntries {
		if e.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return e.RevocationTime, true
		}
	}
	return time.Time{}, false
}
