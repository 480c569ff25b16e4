package desk

import (
	"context"
	"errors"

	"example.org/custody/evidence/vault"
)

// openKept opens the keeper. A look at a home that cannot act goes on with one that
// is read only, and the session says why.
func (s *Session) openKept(ctx context.Context) error {
	why := s.stuck
	if why == nil {
		k, err := openKeeper(ctx, s)
		if err == nil || !s.looks || ctx.Err() != nil {
			s.keeper = k
			return err
		}
		why = err
	}
	k, err := lookKeeper(ctx, s)
	if err != nil {
		return err // it cannot even be read
	}
	s.keeper, s.stuck = k, why
	return nil
}

// lookKeeper opens store and vault without their locks, and leaves as it is what an
// interrupted process left.
func lookKeeper(ctx context.Context, s *Session) (*keeper, error) {
	to, err := s.vaultRecipients()
	if err != nil {
		return nil, err
	}
	k := &keeper{desk: s}
	if k.store, err = s.openStore(true); err != nil {
		return nil, err
	}
	k.vault, err = vault.Open(ctx, s.path("vault"), vault.Options{
		Store: k.store, Identity: s.vaultID, Recipients: to, Now: s.Now, ReadOnly: true,
	})
	if err != nil {
		return nil, errors.Join(err, k.store.Close())
	}
	return k, nil
}
