package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"math/big"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// checkCertID checks that the signer signed which certificate is meant
// (ESSCertIDv2, RFC 5035 §4): issuer and serial number are in no signature.
func (sd *signedData) checkCertID() error {
	v, ok := find(sd.signed, oidCertV2)
	if !ok {
		return badForm("no signing certificate of version 2 is signed")
	}
	var body, ids, id, hash, serial cryptobyte.String
	if !v.ReadASN1(&body, der.SEQUENCE) || !v.Empty() || !body.ReadASN1(&ids, der.SEQUENCE) || !body.SkipOptionalASN1(der.SEQUENCE) || !body.Empty() ||
		!ids.ReadASN1(&id, der.SEQUENCE) {
		return badForm("signing certificate")
	}
	h := crypto.SHA256
	if id.PeekASN1Tag(der.SEQUENCE) {
		// SHA-256 is the default and DER would leave it out; authorities write it.
		var err error
		if h, err = readDigest(&id); err != nil {
			return err
		}
	}
	if !id.ReadASN1(&hash, der.OCTET_STRING) || !id.ReadOptionalASN1(&serial, nil, der.SEQUENCE) || !id.Empty() {
		return badForm("signing certificate")
	}
	sum := h.New()
	sum.Write(sd.signer.Raw)
	if !bytes.Equal(hash, sum.Sum(nil)) || serial != nil && !namesCert(serial, sd.signer) {
		return fmt.Errorf("signed is another certificate than the one enclosed: %w", signing.ErrCertificate)
	}
	return nil
}

// namesCert compares an IssuerSerial (RFC 5035 §5) with a certificate.
func namesCert(s cryptobyte.String, c *x509.Certificate) bool {
	var names, name cryptobyte.String
	serial := new(big.Int)
	return s.ReadASN1(&names, der.SEQUENCE) && names.ReadASN1(&name, explicit4) && names.Empty() && s.ReadASN1Integer(serial) && s.Empty() &&
		bytes.Equal(name, c.RawIssuer) && serial.Cmp(c.SerialNumber) == 0
}

// addCertID writes a SigningCertificateV2 of one certificate by SHA-256.
func addCertID(b *cryptobyte.Builder, c *x509.Certificate) {
	digest := signing.CertificateDigest(c)
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest[:]) })
		})
	})
}
