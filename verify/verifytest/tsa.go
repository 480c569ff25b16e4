package verifytest

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync/atomic"
	"time"

	"example.org/custody/signing"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
)

// TSA is a timestamp authority that dates as it is told.
type TSA struct {
	key   *signerKey
	cert  *x509.Certificate
	given atomic.Int64 // cases ask it at once
}

var _ signing.Certified = certified{}

// certified joins key and certificate.
type certified struct {
	*signerKey
	chain []*x509.Certificate
}

// Chain implements [signing.Certified].
func (s certified) Chain() []*x509.Certificate { return s.chain }

// NewTSA makes an authority whose certificate is valid for years.
func NewTSA(label string) *TSA {
	key := newSignerKey("tsa " + label)
	cert, err := cms.CreateAuthority(certSigner{key.private}, signing.Template{
		Subject: pkix.Name{CommonName: "Time " + label}, NotBefore: Start.AddDate(-1, 0, 0), NotAfter: Start.AddDate(9, 0, 0), Serial: big.NewInt(2),
	})
	must(err)
	return &TSA{key: key, cert: cert}
}

// Listed returns the line of a trust list for the authority: from a year before
// [Start] until to, open when it is zero.
func (a *TSA) Listed(state string, to time.Time) trust.TSA {
	return trust.TSA{State: state, Digest: trust.Digest(signing.CertificateDigest(a.cert)), From: Start.AddDate(-1, 0, 0), To: to}
}

// Long returns a token over the SHA-512 of bytes, for an archive timestamp.
func (a *TSA) Long(over []byte, at time.Time) []byte {
	digest := sha512.Sum512(over)
	return a.give(cms.Request{Long: digest[:]}, at)
}

// Token returns a token over bytes, of the time given in whole seconds.
func (a *TSA) Token(over []byte, at time.Time) []byte { return a.TokenOver(sha256.Sum256(over), at) }
