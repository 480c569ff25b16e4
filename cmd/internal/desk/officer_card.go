package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
	"example.org/custody/verify/pack"
)

// cards reads the cards of the desk's officers, by alias.
func (h *Home) cards() ([]*keyfile.Card, error) {
	return readCards(h.path("keys", "*.card"))
}

func readCards(pattern string) ([]*keyfile.Card, error) {
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	cards := make([]*keyfile.Card, len(found))
	for i, path := range found {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if cards[i], err = keyfile.ParseCard(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return cards, nil
}

// OfficerInfo is an officer as the cards tell; no passphrase is needed.
type OfficerInfo struct {
	Alias    string          `json:"alias"`
	Role     string          `json:"role"`
	Key      string          `json:"key"`               // key id
	Enrolled evidence.ItemID `json:"enrolled,omitzero"` // item of the enrolment
	Revoked  bool            `json:"revoked"`           //
	Complete bool            `json:"complete"`          // false while its making is interrupted
}

// OfficerList lists the officers, revoked ones last.
func (h *Home) OfficerList() ([]OfficerInfo, error) {
	all := []OfficerInfo{}
	for _, group := range []struct {
		pattern string
		revoked bool
	}{{"*.card", false}, {"*.revoked", true}} {
		cards, err := readCards(h.path("keys", group.pattern))
		if err != nil {
			return nil, err
		}
		for _, c := range cards {
			o := OfficerInfo{Alias: c.Alias, Role: c.Role, Key: c.Key.ID().String(), Revoked: group.revoked, Complete: c.Enrolment != nil}
			if o.Complete {
				if o.Enrolled, err = cardEnrolment(c); err != nil {
					return nil, err
				}
			}
			all = append(all, o)
		}
	}
	return all, nil
}

// ownKeys lists the keys that this desk's officers have or had.
func (h *Home) ownKeys() ([]evidence.KeyID, error) {
	var keys []evidence.KeyID
	for _, pattern := range []string{"*.card", "*.revoked"} {
		cards, err := readCards(h.path("keys", pattern))
		if err != nil {
			return nil, err
		}
		for _, c := range cards {
			keys = append(keys, evidence.KeyID(c.Key.ID()))
		}
	}
	return keys, nil
}

// enrolmentDossier proves an enrolment to another desk: a dossier about the
// key's item, its files by name.
func (s *Session) enrolmentDossier(ctx context.Context, id evidence.ItemID) ([]byte, error) {
	d, err := s.dossier(ctx, []*selection{{id: id, view: hideAll}})
	if err != nil {
		return nil, err
	}
	return marshalDossier(d)
}

// hideAll withholds who the holder of a key is.
func hideAll(evidence.ViewEntry) *evidence.Withholding {
	return &evidence.Withholding{Withheld: evidence.Withheld{
		Authority: "enrolling authority", Code: evidence.ReasonScope, Review: "2100-01-01",
	}}
}

func marshalDossier(d *pack.Dossier) ([]byte, error) {
	files, err := d.Encode()
	if err != nil {
		return nil, err
	}
	return evidence.Canonical(files)
}

func parseDossier(b []byte) (*pack.Dossier, error) {
	var files map[string][]byte
	if err := json.Unmarshal(b, &files); err != nil {
		return nil, err
	}
	return pack.Decode(files)
}

// cardEnrolment returns the item of the enrolment that a card proves.
func cardEnrolment(c *keyfile.Card) (evidence.ItemID, error) {
	if c.Enrolment == nil {
		return evidence.ItemID{}, fmt.Errorf("%s: %w", c.Alias, ErrNotEnrolled)
	}
	d, err := parseDossier(c.Enrolment)
	if err != nil || len(d.Items) != 1 {
		return evidence.ItemID{}, fmt.Errorf("card of %s: %w", c.Alias, errors.Join(ErrNotEnrolled, err))
	}
	return d.Items[0].Item, nil
}

// shareVault encrypts the vault's identity to every officer who has a card, and
// to the recovery recipient.
func (s *Session) shareVault() error {
	cards, err := s.cards()
	if err != nil {
		return err
	}
	var to []age.Recipient
	for _, card := range cards {
		if err := s.checkCard(card); err != nil {
			return err
		}
		r, err := age.ParseX25519Recipient(card.Age)
		if err != nil {
			return err
		}
		to = append(to, r)
	}
	if s.Config.Recovery != "" {
		r, err := age.ParseX25519Recipient(s.Config.Recovery)
		if err != nil {
			return err
		}
		to = append(to, r)
	}
	path := s.path("keys", "vault.age")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return keyfile.CreateSecret(path, secretVault, []byte(s.vaultID.String()), to...)
	}
	return keyfile.ReplaceSecret(path, secretVault, []byte(s.vaultID.String()), to...)
}

// CardFile is where an officer's card lies.
func (h *Home) CardFile(alias string) string { return h.cardPath(alias) }

// CheckPassphrase reports with [keyfile.ErrPassphrase] whether a passphrase is
// not the officer's.
func (h *Home) CheckPassphrase(alias, passphrase string) error {
	_, err := keyfile.Open(h.keyPath(alias), passphrase)
	releaseMemory()
	return err
}

// ChangePassphrase gives an officer's key file another passphrase.
func (h *Home) ChangePassphrase(alias, from, to string) error {
	defer releaseMemory()
	return keyfile.ChangePassphrase(h.keyPath(alias), from, to)
}
