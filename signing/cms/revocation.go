package cms

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
)

// maxLists is how many revocation lists are enclosed, and how many are read.
const maxLists = 16

// Revocation is what the enclosed revocation lists say of the signer's certificate.
type Revocation struct {
	Listed  time.Time // when the newest list that counts was issued; zero when none counts
	Revoked time.Time // from when on the certificate does not count, zero when it is not revoked
}

// Revocation asks the enclosed lists of those of authorities that issued the signer's
// certificate. What one of them says is not taken back by another: a later list may
// leave out what has expired (RFC 5280 §3.3), so the earliest revocation counts, and a
// list from after the certificate's end counts only when it names it. Lists of others,
// and revocation values of other kinds than X.509 lists, say nothing.
func (s *Signature) Revocation(authorities []*x509.Certificate) (found Revocation) {
	for _, raw := range s.sd.lists[:min(len(s.sd.lists), maxLists)] {
		list, err := x509.ParseRevocationList(raw)
		if err != nil || list.ThisUpdate.IsZero() {
			continue
		}
		at, named := signing.RevokedAt(list, s.sd.signer)
		if !named && list.ThisUpdate.After(s.sd.signer.NotAfter) {
			continue
		}
		if !slices.ContainsFunc(authorities, func(a *x509.Certificate) bool {
			return s.sd.signer.CheckSignatureFrom(a) == nil && checkKey(a) == nil && signing.CheckRevocationList(list, a) == nil
		}) {
			continue
		}
		if list.ThisUpdate.After(found.Listed) {
			found.Listed = list.ThisUpdate
		}
		if named && (found.Revoked.IsZero() || at.Before(found.Revoked)) {
			found.Revoked = at
		}
	}
	return found
}

// WithRevocations returns a signature of level T with revocation lists, in DER, beside
// its certificates: level LT (EN 319 122-1 §6.3). What the signature and its token are
// over stays as it is.
//
// It returns [ErrForm] for a signature without token or with lists, for more than 16
// lists and for what is no list, and what [ParseSignature] returns.
func WithRevocations(signature []byte, lists [][]byte) ([]byte, error) {
	s, err := ParseSignature(signature)
	if err != nil {
		return nil, err
	}
	switch {
	case s.Token == nil:
		return nil, badForm("the signature has no token, which comes first")
	case len(s.sd.lists) > 0:
		return nil, badForm("the signature has revocation lists already")
	case len(lists) == 0 || len(lists) > maxLists:
		return nil, badForm("%d revocation lists", len(lists))
	}
	for _, raw := range lists {
		if _, err := x509.ParseRevocationList(raw); err != nil {
			return nil, badForm("revocation list: %v", err)
		}
	}
	p := cut(signature)
	b := new(cryptobyte.Builder)
	addSet(b, explicit1, lists)
	p.lists = b.BytesOrPanic()
	out := p.join()
	if again, err := ParseSignature(out); err != nil || len(again.sd.lists) != len(lists) {
		return nil, fmt.Errorf("internal error: a signature that cannot be read back: %w", err)
	}
	return out, nil
}
