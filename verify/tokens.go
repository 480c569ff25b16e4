package verify

import (
	"bytes"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// tokenCase is a timestamp token as the trust list sees it (spec/time.md).
type tokenCase struct {
	finding *Finding
	time    time.Time // genTime; zero unless the token counts
	latest  time.Time // with its accuracy; likewise
}

// counts reports whether the token proves a time.
func (t *tokenCase) counts() bool { return t != nil && t.finding.Status == Holds }

// openTokens judges every token of the dossier, by the note it is over.
func (s *session) openTokens() {
	digests := slices.SortedFunc(maps.Keys(s.d.Tokens), func(a, b evidence.Hash) int { return bytes.Compare(a[:], b[:]) })
	for _, digest := range digests {
		raw, name := s.d.Tokens[digest], pack.TokenName(digest)
		note, err := s.noteUnder(raw)
		if err != nil {
			s.strays = append(s.strays, notCounted(checkToken, name, err).finding)
			continue
		}
		s.tokens[note] = append(s.tokens[note], judgeToken(checkToken, name, raw, s.list))
	}
}

// noteUnder returns the note that a token is over.
func (s *session) noteUnder(raw []byte) (evidence.Hash, error) {
	t, err := cms.ParseToken(raw)
	if err != nil {
		return evidence.Hash{}, err
	}
	for note := range s.blobs {
		if t.Covers(note) {
			return note, nil
		}
	}
	return evidence.Hash{}, errors.New("it is over no checkpoint that is here")
}

// judgeToken verifies a token whose imprint was compared, and asks the list
// whether its authority counted at its time (rule P12). A token that does not
// count says nothing; one that is false under a listed certificate is proven so.
func judgeToken(check, subject string, raw []byte, list *trust.List) *tokenCase {
	t, err := cms.ParseToken(raw)
	if err != nil {
		return notCounted(check, subject, err)
	}
	if list == nil {
		return notCounted(check, subject, errors.New("there is no trust list that names its authority"))
	}
	who, err := list.TSA(trust.Digest(signing.CertificateDigest(t.Certificate())), t.Time)
	if err != nil {
		return notCounted(check, subject, err)
	}
	err = t.Verify()
	switch {
	case errors.Is(err, signing.ErrSignature), errors.Is(err, cms.ErrContent):
		proof := Proof{"token": base64.StdEncoding.EncodeToString(raw)}
		return &tokenCase{finding: conclude(check, subject, fails(proof, "the signature is not that of the timestamp authority of %s: %v", who.State, err))}
	case err != nil:
		return notCounted(check, subject, err)
	}
	r := holds("a timestamp authority of %s says %s", who.State, stamp(t.Latest()))
	return &tokenCase{conclude(check, subject, r), t.Time, t.Latest()}
}

func notCounted(check, subject string, err error) *tokenCase {
	return &tokenCase{finding: conclude(check, subject, notApplicable("the timestamp token is not counted: %v", err))}
}

// stampOn returns the token over a checkpoint's note that bounds it best, or nil:
// the ledger's own key must have signed the note.
func (s *session) stampOn(c *checkpoint) (best *tokenCase) {
	if c.signed.Status != Holds {
		return nil
	}
	for _, t := range s.tokens[c.digest] {
		if t.counts() && (best == nil || t.latest.Before(best.latest)) {
			best = t
		}
	}
	return best
}

// findingsOf returns the findings about the tokens over a checkpoint.
func (s *session) findingsOf(c *checkpoint) (list []*Finding) {
	for _, t := range s.tokens[c.digest] {
		list = append(list, t.finding)
	}
	return list
}

// tokenTimes returns the times of the tokens that count for an event: over the
// checkpoint of its receipt or the shared one, under which it was found to stand.
func (s *session) tokenTimes(e *eventCase) (times []time.Time) {
	notes := map[evidence.Hash]bool{}
	if r := e.line.Receipt; r != nil && e.receipt.finding != nil && e.receipt.finding.Status == Holds {
		notes[r.Note] = true
	}
	if e.log != nil && e.included.Status == Holds {
		notes[e.log.line.Note] = true
	}
	for _, note := range slices.SortedFunc(maps.Keys(notes), func(a, b evidence.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		for _, t := range s.tokens[note] {
			if t.counts() {
				times = append(times, t.time)
			}
		}
	}
	return times
}

// packingTime judges the token over the manifest, which gives the packing time
// (rule P3). It is nil for a package without one.
func packingTime(p *pack.Package, list *trust.List) *tokenCase {
	if p.Timestamp == nil {
		return nil
	}
	if t, err := cms.ParseToken(p.Timestamp); err == nil && !t.Covers(p.Stamped) {
		proof := Proof{"manifest": p.Stamped.String(), "token": base64.StdEncoding.EncodeToString(p.Timestamp)}
		return &tokenCase{finding: conclude(checkStamp, pack.TimestampName, fails(proof, "the timestamp token is over other bytes than the manifest"))}
	}
	return judgeToken(checkStamp, pack.TimestampName, p.Timestamp, list)
}
