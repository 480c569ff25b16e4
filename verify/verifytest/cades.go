package verifytest

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"

	"example.org/custody/signing"
	"example.org/custody/signing/cms"
)

// CAdES returns the officer's CAdES signature over bytes, dated at, under a
// certificate of the state's authority that ends at until: level T with the token
// that stamp gives over the signature, level B when it is nil.
func (o *Officer) CAdES(over []byte, at, until time.Time, stamp func(digest [32]byte) []byte) []byte {
	cert, err := signing.CreateOfficer(o.State.Cert, certSigner{o.State.Authority.key.private}, o.key.public, signing.Template{
		Subject: pkix.Name{CommonName: "Officer of " + o.State.Code}, NotBefore: Start.AddDate(0, -1, 0), NotAfter: until, Serial: big.NewInt(3),
	})
	must(err)
	signed, err := cms.Sign(context.Background(), over, certified{o.key, []*x509.Certificate{cert, o.State.Cert}}, at)
	must(err)
	if stamp == nil {
		return signed
	}
	s, err := cms.ParseSignature(signed)
	must(err)
	signed, err = cms.WithToken(signed, stamp(s.Digest()))
	must(err)
	return signed
}

// RevocationList returns the list that the state's authority issued at that time: it
// names the certificate of [Officer.CAdES] as revoked from then on, or nothing when
// revoked is zero.
func (s *State) RevocationList(at, revoked time.Time) []byte {
	var lines []signing.Revoked
	if !revoked.IsZero() {
		lines = []signing.Revoked{{Certificate: &x509.Certificate{RawIssuer: s.Cert.RawSubject, SerialNumber: big.NewInt(3)}, At: revoked}}
	}
	list, err := signing.CreateRevocationList(s.Cert, certSigner{s.Authority.key.private}, lines, at, at.AddDate(0, 0, 7))
	must(err)
	return list
}

// TokenOver is [TSA.Token] over bytes whose SHA-256 is known.
func (a *TSA) TokenOver(digest [32]byte, at time.Time) []byte {
	return a.give(cms.Request{Digest: digest}, at)
}

func (a *TSA) give(r cms.Request, at time.Time) []byte {
	token, err := cms.SignToken(context.Background(), cms.Grant{
		Request: r, Time: at.Truncate(time.Second), Serial: big.NewInt(a.given.Add(1)), Policy: []int{1, 3, 6, 1, 4, 1, 99999, 1},
	}, certified{a.key, []*x509.Certificate{a.cert}})
	must(err)
	return token
}
