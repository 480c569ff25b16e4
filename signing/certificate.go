package signing

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// ErrCertificate reports a certificate that is malformed, outside its time,
// without the usages its role needs, or not vouched for by an authority given.
var ErrCertificate = errors.New("certificate does not count")

const (
	authorityUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	// Persons' certificates say that the holder answers for what is signed;
	// validators warn where contentCommitment (nonRepudiation) is missing.
	officerUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
)

// Template is what the maker of a certificate chooses.
type Template struct {
	Subject   pkix.Name // who; a pseudonym where the name must not be known
	NotBefore time.Time // whole seconds, inclusive
	NotAfter  time.Time // whole seconds, inclusive
	// Serial is the serial number, positive and at most 20 bytes (RFC 5280
	// §4.1.2.2); nil draws 127 random bits.
	Serial *big.Int
	// Lists lets an authority issue revocation lists ([CreateRevocationList]): without
	// that usage no validator takes them. It says nothing of an officer's certificate.
	Lists bool
}

// CreateAuthority returns the self-signed certificate of an authority that
// signs with key: critical basicConstraints with path length 0 (an authority
// vouches for officers, not for further authorities), critical keyUsage
// keyCertSign and digitalSignature (RFC 5280 §4.2.1), and cRLSign when t says so.
func CreateAuthority(key crypto.Signer, t Template) (*x509.Certificate, error) {
	public, err := signerKey(key)
	if err != nil {
		return nil, err
	}
	c := t.certificate(public)
	c.IsCA, c.MaxPathLenZero, c.KeyUsage = true, true, authorityUsage
	if t.Lists {
		c.KeyUsage |= x509.KeyUsageCRLSign
	}
	c.AuthorityKeyId = c.SubjectKeyId
	return issue(c, c, public, key)
}

// CreateOfficer returns the certificate by which authority, whose key is
// authorityKey, vouches for the holder of officer: keyUsage digitalSignature
// and contentCommitment (RFC 5280 §4.2.1.3), no authority over others.
//
// It returns [ErrCertificate] when t reaches beyond the authority's own time,
// and [ErrKey] when authorityKey is not the authority's.
func CreateOfficer(authority *x509.Certificate, authorityKey crypto.Signer, officer *PublicKey, t Template) (*x509.Certificate, error) {
	public, err := signerKey(authorityKey)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(public.spki, authority.RawSubjectPublicKeyInfo) {
		return nil, fmt.Errorf("key %s is not that of authority %s: %w", public.id, authority.Subject, ErrKey)
	}
	if t.NotBefore.Before(authority.NotBefore) || t.NotAfter.After(authority.NotAfter) {
		return nil, fmt.Errorf("valid beyond authority %s: %w", authority.Subject, ErrCertificate)
	}
	c := t.certificate(officer)
	c.KeyUsage = officerUsage
	c.AuthorityKeyId = authority.SubjectKeyId
	return issue(c, authority, officer, authorityKey)
}

// certificate fills in what both kinds share.
func (t Template) certificate(public *PublicKey) *x509.Certificate {
	serial := t.Serial
	if serial == nil {
		var b [16]byte
		rand.Read(b[:])         // never fails: crypto/rand ends the program instead
		b[0] = b[0]&0x3f | 0x40 // positive, and always of the same length
		serial = new(big.Int).SetBytes(b[:])
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               t.Subject,
		NotBefore:             t.NotBefore.UTC(),
		NotAfter:              t.NotAfter.UTC(),
		BasicConstraintsValid: true,
		SubjectKeyId:          public.id[:20], // RFC 7093 §2, method 4: a hash of the SPKI
	}
}

func issue(c, parent *x509.Certificate, public *PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	if c.NotAfter.Before(c.NotBefore) {
		return nil, fmt.Errorf("valid until %s, before it starts: %w", c.NotAfter, ErrCertificate)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public.key, key)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", c.Subject, err)
	}
	return x509.ParseCertificate(der)
}

func signerKey(key crypto.Signer) (*PublicKey, error) {
	suite, err := SuiteOf(key.Public())
	if err != nil {
		return nil, err
	}
	return newPublicKey(suite, key.Public())
}

// CertificateDigest returns SHA-256 of the certificate's DER: how a trust list
// names an authority (spec/trust.md).
func CertificateDigest(cert *x509.Certificate) [sha256.Size]byte { return sha256.Sum256(cert.Raw) }

// VerifyChain checks that chain, the signer's certificate first and then any
// between, leads to one of authorities at the time at, and returns that one.
//
// Only authorities count as roots; the system's are never asked. Bounds are
// inclusive. Any extended key usage is accepted: what a key may do comes from
// its enrolment. Revocation is not looked at: a key ends when its seal is
// closed (rule P8). Errors wrap [ErrCertificate].
func VerifyChain(chain, authorities []*x509.Certificate, at time.Time) (*x509.Certificate, error) {
	if len(chain) == 0 {
		return nil, fmt.Errorf("no certificate given: %w", ErrCertificate)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range authorities {
		roots.AddCert(c)
	}
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	paths, err := chain[0].Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: between,
		CurrentTime:   at,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w: %w", chain[0].Subject, err, ErrCertificate)
	}
	return paths[0][len(paths[0])-1], nil
}

// CheckOfficer reports with [ErrCertificate] a certificate that is not one of a
// person who answers for what is signed: digitalSignature and
// contentCommitment, and no authority over others.
func CheckOfficer(cert *x509.Certificate) error {
	if cert.KeyUsage&officerUsage != officerUsage || cert.IsCA {
		return fmt.Errorf("certificate of %s lacks digitalSignature and contentCommitment, or is an authority's: %w", cert.Subject, ErrCertificate)
	}
	return nil
}

// CheckAuthority reports with [ErrCertificate] a certificate that cannot vouch
// for officers: not self-signed, no keyCertSign, or no authority at all.
func CheckAuthority(cert *x509.Certificate) error {
	if !cert.IsCA || cert.KeyUsage&authorityUsage != authorityUsage {
		return fmt.Errorf("certificate of %s is not an authority's: %w", cert.Subject, ErrCertificate)
	}
	if err := cert.CheckSignatureFrom(cert); err != nil {
		return fmt.Errorf("certificate of %s is not signed by itself: %w: %w", cert.Subject, err, ErrCertificate)
	}
	return nil
}
