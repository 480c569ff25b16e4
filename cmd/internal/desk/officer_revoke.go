package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// ErrLastOfficer reports a revocation that would leave nobody who can open the
// home.
var ErrLastOfficer = errors.New("the desk has no other officer")

// RevokeOfficer closes the seal of an officer's enrolment: what the key signs
// from here on does not count (rule P8). The officer's key file goes, the vault
// is closed to it, and its card stays as <alias>-<key>.revoked.
func (s *Session) RevokeOfficer(ctx context.Context, alias, reason string) (Done, error) {
	auth, err := s.authority()
	if err != nil {
		return Done{}, err
	}
	it, err := s.officerItem(ctx, alias)
	if err != nil {
		return Done{}, err
	}
	if err := s.othersThan(alias); err != nil {
		return Done{}, err
	}
	d := &draft{item: it, action: evidence.Revoke, ends: true, signers: []*officer{auth.officer}}
	if err := d.newRecord(map[string]any{"reason": reason}); err != nil {
		return Done{}, err
	}
	if !s.DryRun {
		// With the mark, a process that dies here is followed by one that knows.
		if err := files.WriteFile(s.revokingPath(alias), []byte(it.ID.String()), 0o600); err != nil {
			return Done{}, err
		}
	}
	done, err := one(s.perform(ctx, d))
	if err != nil {
		return done, err
	}
	return done, s.finishRevocations()
}

func (s *Session) revokingPath(alias string) string { return s.path("keys", alias+".revoking") }

// officerItem loads the enrolment of an officer of this desk.
func (s *Session) officerItem(ctx context.Context, alias string) (*Item, error) {
	raw, err := os.ReadFile(s.cardPath(alias))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", alias, ErrNoOfficer)
	}
	card, err := keyfile.ParseCard(raw)
	if err != nil {
		return nil, err
	}
	id, err := cardEnrolment(card)
	if err != nil {
		return nil, err
	}
	return s.Load(ctx, id)
}

// othersThan reports with [ErrLastOfficer] when alias is the only officer.
func (s *Session) othersThan(alias string) error {
	all, err := s.Officers()
	if err != nil {
		return err
	}
	for _, a := range all {
		if a != alias {
			return nil
		}
	}
	return ErrLastOfficer
}

// finishRevocations takes the files of revoked officers away. A mark whose
// revocation was never logged is removed.
func (s *Session) finishRevocations() error {
	marks, err := filepath.Glob(s.path("keys", "*.revoking"))
	if err != nil {
		return err
	}
	for _, mark := range marks {
		alias := strings.TrimSuffix(filepath.Base(mark), ".revoking")
		if err := s.finishRevocation(alias); err != nil {
			return err
		}
		if err := files.Remove(mark); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) finishRevocation(alias string) error {
	raw, err := os.ReadFile(s.cardPath(alias))
	if errors.Is(err, os.ErrNotExist) {
		return s.shareVault() // moved before; the vault may not have been closed
	}
	if err != nil {
		return err
	}
	card, err := keyfile.ParseCard(raw)
	if err != nil {
		return err
	}
	it, err := s.officerItem(context.Background(), alias)
	if err != nil || it.Last().Event.Action != evidence.Revoke {
		return err
	}
	if err := removeAll(s.keyPath(alias)); err != nil {
		return err
	}
	to := s.path("keys", alias+"-"+evidence.KeyID(card.Key.ID()).String()[:12]+".revoked")
	if err := files.Replace(s.cardPath(alias), to); err != nil {
		return err
	}
	return s.shareVault()
}
