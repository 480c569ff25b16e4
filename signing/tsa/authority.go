package tsa

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net/http"
	"sync/atomic"
	"time"

	"example.org/custody/signing"
	"example.org/custody/signing/cms"
)

// policy is the object identifier under which an [Authority] stamps: an arc for
// examples (RFC 5612).
var policy = []int{1, 3, 6, 1, 4, 1, 32473, 1}

const (
	maxQuery = 64 << 10 // bytes of a request that are read
	lifetime = 366 * 24 * time.Hour
)

// Authority is a timestamp authority for tests and demonstrations: an
// [http.Handler] that answers at every path. It may be used concurrently.
type Authority struct {
	signer *signing.KeySigner
	now    func() time.Time
	serial atomic.Int64
}

// NewAuthority makes an authority of a state with a fresh key, whose certificate
// is valid from an hour before now for a year.
func NewAuthority(state string, now func() time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	from := now().UTC().Truncate(time.Second).Add(-time.Hour)
	cert, err := cms.CreateAuthority(key, signing.Template{
		Subject: pkix.Name{CommonName: "Timestamps of " + state}, NotBefore: from, NotAfter: from.Add(lifetime),
	})
	if err != nil {
		return nil, err
	}
	s, err := signing.NewSigner(key, cert)
	if err != nil {
		return nil, err
	}
	return &Authority{signer: s, now: now}, nil
}

// Certificate returns the certificate that a trust list has to name.
func (a *Authority) Certificate() *x509.Certificate { return a.signer.Chain()[0] }

// ServeHTTP answers a timestamp query (RFC 3161 §3.4).
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != queryType {
		http.Error(w, "POST "+queryType, http.StatusBadRequest)
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuery))
	if err != nil {
		http.Error(w, "the query is too large, or ended too early", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", replyType)
	w.Write(a.answer(r, b)) // whoever asked is gone when this fails
}

func (a *Authority) answer(r *http.Request, b []byte) []byte {
	query, err := cms.ParseRequest(b)
	if err != nil {
		return cms.MarshalRefusal(err.Error())
	}
	token, err := cms.SignToken(r.Context(), cms.Grant{
		Request: query, Time: a.now().UTC().Truncate(time.Second), Accuracy: time.Second, Serial: big.NewInt(a.serial.Add(1)), Policy: policy,
	}, a.signer)
	if err != nil {
		return cms.MarshalRefusal(err.Error())
	}
	return cms.MarshalResponse(token)
}
