package desk

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
)

// listLife is for how long a revocation list of the desk's authority speaks: a new one
// is issued with each package.
const listLife = 7 * 24 * time.Hour

// revocationList has the desk's authority say which of its officers' certificates do
// not count any more (spec/time.md, "Signature", level LT). That a key was revoked is
// proven by its closed seal; the list says it to validators that know no ledger.
func (s *Session) revocationList(ctx context.Context) ([]byte, error) {
	a, err := s.authority()
	if err != nil {
		return nil, err
	}
	cards, err := readCards(s.path("keys", "*.revoked"))
	if err != nil {
		return nil, err
	}
	var revoked []signing.Revoked
	for _, card := range cards {
		id, err := cardEnrolment(card)
		if err != nil {
			return nil, err
		}
		it, err := s.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		if it.Last().Event.Action != evidence.Revoke {
			continue
		}
		cert, err := certificateOf(it)
		if err != nil {
			return nil, fmt.Errorf("certificate of %s: %w", card.Alias, err)
		}
		if bytes.Equal(cert.RawIssuer, a.cert.RawSubject) {
			revoked = append(revoked, signing.Revoked{Certificate: cert, At: it.Last().Event.Recorded})
		}
	}
	now := s.Now()
	return signing.CreateRevocationList(a.cert, a.key, revoked, now, now.Add(listLife))
}

// certificateOf reads the certificate out of the record of a key's enrolment.
func certificateOf(it *Item) (*x509.Certificate, error) {
	view, err := it.First().View()
	if err != nil {
		return nil, err
	}
	for _, e := range view.Entries {
		if e.Name != "certificate" || e.Form != evidence.Shown {
			continue
		}
		var raw []byte
		if err := json.Unmarshal(e.Value, &raw); err != nil {
			return nil, err
		}
		return x509.ParseCertificate(raw)
	}
	return nil, fmt.Errorf("the enrolment's record shows none: %w", signing.ErrCertificate)
}
