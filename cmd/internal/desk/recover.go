package desk

import (
	"context"
	"errors"
	"fmt"

	"filippo.io/age"

	"example.org/custody/signing/keyfile"
)

// Errors about recovery.
var (
	ErrNoRecovery    = errors.New("the desk was made without a recovery identity")
	ErrOtherRecovery = errors.New("the recovery identity is that of another desk")
)

// Recover opens the home with the recovery identity, for when no officer can:
// [Session.AddOfficer] then makes one. Nobody acts in the session before that.
//
// An officer's signing key is nowhere but in its key file, and no recovery
// brings it back: who signs must be the only one who can.
func (h *Home) Recover(ctx context.Context, id *age.X25519Identity) (*Session, error) {
	switch h.Config.Recovery {
	case "":
		return nil, ErrNoRecovery
	case id.Recipient().String():
	default:
		return nil, ErrOtherRecovery
	}
	text, err := keyfile.OpenSecret(h.path("keys", "vault.age"), secretVault, id)
	if err != nil {
		return nil, err
	}
	vault, err := age.ParseX25519Identity(string(text))
	if err != nil {
		return nil, fmt.Errorf("keys/vault.age: %w", ErrHomeDamaged)
	}
	s, err := h.unlockWith(ctx, vault)
	if err != nil {
		return nil, err
	}
	if err := s.putRight(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
