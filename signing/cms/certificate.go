package cms

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"

	"example.org/custody/signing"
)

// CreateAuthority returns the self-signed certificate of a timestamp authority
// that signs with key: what [CheckAuthority] asks for. A trust list names it by
// its digest, so nobody has to vouch for it.
func CreateAuthority(key crypto.Signer, t signing.Template) (*x509.Certificate, error) {
	suite, err := signing.SuiteOf(key.Public())
	if err != nil {
		return nil, err
	}
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}) // id-kp-timeStamping, RFC 5280 §4.2.1.12
	if err != nil {
		return nil, err
	}
	serial := t.Serial
	if serial == nil {
		var b [16]byte
		rand.Read(b[:])         // never fails: crypto/rand ends the program instead
		b[0] = b[0]&0x3f | 0x40 // positive, and always of the same length
		serial = new(big.Int).SetBytes(b[:])
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: t.Subject, NotBefore: t.NotBefore.UTC(), NotAfter: t.NotAfter.UTC(),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
		// The standard library writes the usage as not critical.
		ExtraExtensions: []pkix.Extension{{Id: oidUsage, Critical: true, Value: usage}},
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s, suite %s: %w", t.Subject, suite, err)
	}
	if c, err = x509.ParseCertificate(raw); err != nil {
		return nil, err
	}
	return c, CheckAuthority(c)
}
