package desk

import (
	"crypto/rand"
	"encoding/json"
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
	id, err := cardEnrolment(card)
	if err != nil {
		return "", err
	}
	var proofs map[string][]byte
	if err := json.Unmarshal(card.Enrolment, &proofs); err != nil {
		return "", fmt.Errorf("card of %s: %w: %w", card.Alias, ErrNotEnrolled, err)
	}
	j, err := s.judge(proofs)
	if err != nil {
		return "", err
	}
	events, err := j.bodies(map[evidence.ItemID]bool{id: true})
	if err != nil {
		return "", err
	}
	for _, e := range events {
		if n := e.Event.Enrols; n != nil && e.Event.Item == id && n.Key == evidence.KeyID(card.Key.ID()) {
			return j.undecided, nil
		}
	}
	return "", fmt.Errorf("card of %s: its proof is of another key: %w", card.Alias, ErrNotEnrolled)
}
