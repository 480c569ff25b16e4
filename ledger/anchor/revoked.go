package anchor

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"slices"

	"example.org/custody/evidence"
)

// signedCertificate is a Certificate (RFC 5280, section 4.1).
type signedCertificate struct {
	TBS, Algorithm asn1.RawValue
	Signature      asn1.BitString
}

// isRevoked reports whether a certificate that the authority has signed is revoked, in
// whatever form it is shown.
func (i *register) isRevoked(c, authority *x509.Certificate) bool {
	return slices.ContainsFunc(formsOf(c, authority), func(der []byte) bool {
		return slices.Contains(i.revoked, evidence.Hash(sha256.Sum256(der)))
	})
}

// formsOf returns the certificate as it is, and as its authority may have issued it. The
// authority does not sign how its signature is written: anybody can pad the bits of it, have
// something follow it, and make (r, n-s) of the ECDSA signature (r, s), for other bytes
// under which the same certificate holds.
func formsOf(c, authority *x509.Certificate) [][]byte {
	forms := [][]byte{c.Raw}
	signatures := [][]byte{c.Signature}
	var rs struct{ R, S *big.Int }
	key, ok := authority.PublicKey.(*ecdsa.PublicKey)
	if _, err := asn1.Unmarshal(c.Signature, &rs); ok && err == nil {
		rs.S.Sub(key.Params().N, rs.S)
		if other, err := asn1.Marshal(rs); err == nil {
			signatures = append(signatures, other)
		}
	}
	var parts signedCertificate
	if _, err := asn1.Unmarshal(c.Raw, &parts); err != nil {
		return forms // x509 has read it
	}
	for _, s := range signatures {
		parts.Signature = asn1.BitString{Bytes: s, BitLength: 8 * len(s)}
		if der, err := asn1.Marshal(parts); err == nil {
			forms = append(forms, der)
		}
	}
	return forms
}
