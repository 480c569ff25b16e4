package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"example.org/custody/cmd/internal/desk/matches"
	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// Matches returns where the acting officer compares identifiers with other desks
// (spec/matching.md). Nothing of it is an act: no ledger learns of it.
func (s *Session) Matches() (*matches.Desk, error) {
	card, _, err := s.ownCard()
	if err != nil {
		return nil, err
	}
	keep, err := s.recipients()
	if err != nil {
		return nil, err
	}
	return &matches.Desk{
		Dir: s.path("matching"), Key: evidence.KeyID(card.Key.ID()), Signer: s.acting.signer,
		Vault: s.vaultID, Keep: keep, Now: s.Now, Random: rand.Reader, DryRun: s.DryRun,
	}, nil
}

// CheckCard verifies that a card's key was enrolled, under the pinned list. undecided says
// why the list decides nothing about it, and is "" when it holds. Errors: [ErrNotEnrolled],
// [ErrUntrusted].
func (s *Session) CheckCard(card *keyfile.Card) (undecided string, err error) {
	_, undecided, err = s.enrolledIn(card)
	return undecided, err
}

// enrolledIn is [Session.CheckCard], and returns the event that enrolled the key. Where the
// pinned list knows its ledger, that list alone has judged it.
func (s *Session) enrolledIn(card *keyfile.Card) (enrolment *evidence.Event, undecided string, err error) {
	id, err := cardEnrolment(card)
	if err != nil {
		return nil, "", err
	}
	var proofs map[string][]byte
	if err := json.Unmarshal(card.Enrolment, &proofs); err != nil {
		return nil, "", fmt.Errorf("card of %s: %w: %w", card.Alias, ErrNotEnrolled, err)
	}
	j, err := s.judge(proofs)
	if err != nil {
		return nil, "", err
	}
	events, err := j.bodies(map[evidence.ItemID]bool{id: true})
	if err != nil {
		return nil, "", err
	}
	for _, e := range events {
		if n := e.Event.Enrols; n != nil && e.Event.Item == id && n.Key == evidence.KeyID(card.Key.ID()) {
			return e.Event, j.undecided, nil
		}
	}
	return nil, "", fmt.Errorf("card of %s: its proof is of another key: %w", card.Alias, ErrNotEnrolled)
}

// ErrNoHit reports a session that is not over, or that found nothing.
var ErrNoHit = errors.New("the session has no hit to talk about")

// Consultation opens the consultation that a hit calls for, as an item of this desk
// (spec/matching.md, "Consultation"): with whom, why, and how much both have; no
// identifier and no reference. again reports that it is open already. Errors:
// [ErrNoHit], and those of [Session.Seal], such as that the officer may not seal.
func (s *Session) Consultation(ctx context.Context, o *matches.Outcome) (item evidence.ItemID, again bool, err error) {
	if o.Step != matches.Over || len(o.Hits) == 0 {
		return item, false, ErrNoHit
	}
	name := "consultation " + o.Session.String()[:16]
	there, err := s.byValue(ctx, indexExhibit, name)
	if err != nil {
		return item, false, err
	}
	if len(there) > 0 {
		return there[0].ID, true, nil
	}
	sealed, err := s.Seal(ctx, Sealing{Object: name, Fields: map[string]any{
		"exhibit": name, consultEntry + "session": o.Session, consultEntry + "with": o.Peer, consultEntry + "purpose": o.Purpose,
		consultEntry + "asking": o.Asking, consultEntry + "hits": len(o.Hits),
	}})
	if err != nil {
		return item, false, err
	}
	return sealed.Item, false, nil
}

// consultEntry begins the entries of a consultation's record.
const consultEntry = "consultation/"
