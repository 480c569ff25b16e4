package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// NewOfficer is what a new officer of the desk is given.
type NewOfficer struct {
	Alias      string        // 1 to 32 of a–z, 0–9, -; names the key file
	Role       evidence.Role //
	Passphrase string        //
	Name       string        // in the certificate, which stays in the record; "" is the alias
	Years      int           // how long the certificate is good; 0: 3
}

// Errors about officers.
var (
	ErrAlias         = errors.New("an alias is 1 to 32 of a–z, 0–9 and -")
	ErrOfficerExists = errors.New("the desk has an officer of that name already")
	ErrRole          = errors.New("not a role that an officer can have")
)

// Validate checks name and role, before a passphrase is asked for.
func (n *NewOfficer) Validate() error {
	if n.Alias == "" || len(n.Alias) > 32 || strings.Trim(n.Alias, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("%q: %w", n.Alias, ErrAlias)
	}
	if !slices.Contains(evidence.Roles(), n.Role) {
		return fmt.Errorf("%q: %w", n.Role, ErrRole)
	}
	return nil
}

// CanAdd reports what [Session.AddOfficer] would refuse, the passphrase left out.
func (h *Home) CanAdd(n NewOfficer) error {
	if err := n.Validate(); err != nil {
		return err
	}
	if _, err := os.Stat(h.keyPath(n.Alias)); err == nil {
		return fmt.Errorf("%q: %w", n.Alias, ErrOfficerExists)
	}
	return nil
}

func (h *Home) keyPath(alias string) string  { return h.path("keys", alias+".key") }
func (h *Home) cardPath(alias string) string { return h.path("keys", alias+".card") }

// AddOfficer makes an officer's key, has the authority enrol it, and gives it
// the vault. It needs no officer to act: the authority's key signs.
//
// The card says how far it came: without an enrolment the officer is not
// complete, and the next command that opens the home completes or removes it.
func (s *Session) AddOfficer(ctx context.Context, n NewOfficer) (*keyfile.Card, error) {
	if err := errors.Join(s.CanAdd(n), keyfile.CheckPassphrase(n.Passphrase)); err != nil {
		return nil, err
	}
	auth, err := s.authority()
	if err != nil {
		return nil, err
	}
	b, err := keyfile.Generate(keyfile.Card{
		Role: string(n.Role), Authority: s.Config.State, State: s.Config.State, Alias: n.Alias, Vault: s.Config.Vault,
	})
	if err != nil {
		return nil, err
	}
	if err := auth.certify(b, n, s.Now()); err != nil {
		return nil, err
	}
	if !s.DryRun {
		if err := s.placeKey(b, n); err != nil {
			return nil, err
		}
	}
	done, err := s.enrol(ctx, auth, b)
	if err != nil {
		return nil, errors.Join(err, s.unplaceKey(n.Alias))
	}
	if done.Waits { // the officer can open the desk; what proves the enrolment comes later
		return &b.Card, errors.Join(done.Pending, s.shareVault())
	}
	card, err := s.completeOfficer(ctx, b.Card, done.Entry.Event.Item)
	if err != nil {
		return nil, err
	}
	o, err := s.admitOfficer(n.Alias, b)
	if err == nil && s.acting == nil {
		s.acting = o
	}
	return card, err
}

// placeKey writes the key file and the card that is not complete yet.
func (s *Session) placeKey(b *keyfile.Bundle, n NewOfficer) error {
	if err := s.writeCard(&b.Card); err != nil {
		return err
	}
	err := keyfile.Create(s.keyPath(n.Alias), b, n.Passphrase)
	releaseMemory()
	return err
}

// unplaceKey takes back what placeKey wrote, unless the enrolment is queued and
// will be logged.
func (s *Session) unplaceKey(alias string) error {
	if queued, _ := s.Waiting(); s.DryRun || queued > 0 {
		return nil
	}
	return removeAll(s.keyPath(alias), s.cardPath(alias))
}

// removeAll removes files, whether they are there or not.
func removeAll(paths ...string) error {
	var errs []error
	for _, p := range paths {
		if err := files.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (s *Session) writeCard(card *keyfile.Card) error {
	raw, err := card.Marshal()
	if err != nil {
		return err
	}
	if err := s.bind(boundCard, raw); err != nil {
		return err
	}
	return files.WriteFile(s.cardPath(card.Alias), raw, 0o644)
}

// enrol logs the event that admits the key.
func (s *Session) enrol(ctx context.Context, auth *authority, b *keyfile.Bundle) (Done, error) {
	d := &draft{action: evidence.Enrol, signers: []*officer{auth.officer}}
	if err := d.newRecord(map[string]any{"certificate": b.Chain[0].Raw, "alias": b.Card.Alias}); err != nil {
		return Done{}, err
	}
	d.shape = func(e *evidence.Event) {
		e.Enrols = &evidence.Enrolment{
			Authority: evidence.StateCode(s.Config.State), Key: evidence.KeyID(b.Card.Key.ID()),
			Role: evidence.Role(b.Card.Role), SPKI: b.Card.Key.SPKI(), Suite: string(b.Card.Key.Suite()),
		}
	}
	return one(s.perform(ctx, d))
}

// completeOfficer gives an enrolled key the vault, and its card the enrolment.
func (s *Session) completeOfficer(ctx context.Context, card keyfile.Card, id evidence.ItemID) (*keyfile.Card, error) {
	if err := s.shareVault(); err != nil {
		return nil, err
	}
	var err error
	if card.Enrolment, err = s.enrolmentDossier(ctx, id); err != nil {
		return nil, err
	}
	return &card, s.writeCard(&card)
}

// finishOfficers completes or takes back officers whose making or revocation was
// interrupted.
func (s *Session) finishOfficers(ctx context.Context) error {
	if err := s.finishRevocations(); err != nil {
		return err
	}
	cards, err := s.cards()
	if err != nil {
		return err
	}
	for _, card := range cards {
		if card.Enrolment != nil {
			continue
		}
		if err := s.finishOfficer(ctx, *card); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) finishOfficer(ctx context.Context, card keyfile.Card) error {
	ids, err := s.lookUp(indexKey, evidence.KeyID(card.Key.ID()).String())
	if err != nil {
		return err
	}
	what := "its making was interrupted before it was enrolled; its files are removed"
	if waits, err := s.enrolmentWaits(card); waits || err != nil {
		return err
	}
	if len(ids) == 0 {
		err = removeAll(s.keyPath(card.Alias), s.cardPath(card.Alias))
	} else {
		what = "its making was interrupted after it was enrolled; it is complete now"
		_, err = s.completeOfficer(ctx, card, ids[0])
	}
	if err == nil {
		s.Resumed = append(s.Resumed, Resumed{Action: evidence.Enrol, What: "officer " + card.Alias + ": " + what})
	}
	return err
}

// enrolmentWaits reports whether the enrolment of a card's key is queued.
func (s *Session) enrolmentWaits(card keyfile.Card) (bool, error) {
	w, err := s.waits()
	if err != nil {
		return false, err
	}
	for _, entries := range w.byItem {
		if e := entries[0].Event.Enrols; e != nil && e.Key == evidence.KeyID(card.Key.ID()) && entries[0].Body.Index == nil {
			return true, nil
		}
	}
	return false, nil
}
