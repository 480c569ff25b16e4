package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/signing"
	"example.org/custody/signing/keyfile"
)

// Session is a home whose vault is open. With an officer it can act.
type Session struct {
	*Home
	Resumed  []Resumed // what an interrupted process had left, and what was done about it
	vaultID  *age.X25519Identity
	acting   *officer                      // who signs; nil for the founding of a desk
	officers map[string]*officer           // unlocked in this session, by alias
	keeper   *keeper                       // vault and store
	bucket   *s3.Config                    // where the store is, when it is in a bucket
	ended    map[evidence.Origin]*book     // ledgers of this desk that have ended, opened to prove from
	book     *book                         // the desk's own ledger, opened at the first act
	node     *nodeBook                     // its state's ledger at a node, in the place of its own
	ledgers  map[evidence.Origin]*followed // other states', at their nodes
	queue    *waiting                      // acts that are signed and not logged, once looked at
	waitsFor error                         // why acts had to wait; those signed later wait behind them
	trusted  *trustlist.Pinned             // the pinned trust list, nil when there is none
	keys     map[evidence.ItemID]*Item     // enrolments looked at in this session
	latest   *anchor                       // the newest cosigned checkpoint, once looked for
}

// officer is an unlocked key and what its signatures say about it.
type officer struct {
	alias  string
	signer signing.Signer
	as     evidence.Signer
}

// Errors about who acts.
var (
	ErrNoOfficer   = errors.New("no such officer at this desk")
	ErrWhichKey    = errors.New("the desk has several officers; name one")
	ErrNotEnrolled = errors.New("the key has no enrolment at this desk")
	ErrRevoked     = errors.New("the key is revoked")
	ErrNoAuthority = errors.New("the authority's key cannot be opened")
)

// Officers lists the aliases of the desk's officers, sorted.
func (h *Home) Officers() ([]string, error) {
	found, err := filepath.Glob(h.path("keys", "*.key"))
	if err != nil {
		return nil, err
	}
	aliases := make([]string, 0, len(found))
	for _, p := range found {
		aliases = append(aliases, strings.TrimSuffix(filepath.Base(p), ".key"))
	}
	slices.Sort(aliases)
	return aliases, nil
}

// Officer returns the alias to use when the user named alias, or the only one
// there is when the user named none.
func (h *Home) Officer(alias string) (string, error) {
	all, err := h.Officers()
	switch {
	case err != nil:
		return "", err
	case alias != "" && slices.Contains(all, alias):
		return alias, nil
	case alias != "":
		return "", fmt.Errorf("%q, the desk has %s: %w", alias, strings.Join(all, ", "), ErrNoOfficer)
	case len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return "", fmt.Errorf("its making was interrupted before it had an officer: %w", ErrHomeDamaged)
	}
	return "", fmt.Errorf("%s: %w", strings.Join(all, ", "), ErrWhichKey)
}

// Unlock opens the home with an officer's passphrase and puts right what an
// interrupted process left. It returns [keyfile.ErrPassphrase] for a wrong one.
func (h *Home) Unlock(ctx context.Context, alias, passphrase string) (*Session, error) {
	b, err := keyfile.Open(h.path("keys", alias+".key"), passphrase)
	if err != nil {
		return nil, err
	}
	releaseMemory() // the key derivation takes 64 MiB that sealing has no use for
	text, err := keyfile.OpenSecret(h.path("keys", "vault.age"), secretVault, b.Age)
	if err != nil {
		return nil, err
	}
	id, err := age.ParseX25519Identity(string(text))
	if err != nil {
		return nil, fmt.Errorf("keys/vault.age: %w", ErrHomeDamaged)
	}
	s, err := h.unlockWith(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.acting, err = s.admitOfficer(alias, b); errors.Is(err, ErrNotEnrolled) {
		// Its enrolment may wait for the node.
		if err = s.putRight(ctx); err == nil {
			s.acting, err = s.admitOfficer(alias, b)
		}
		if errors.Is(err, ErrNotEnrolled) && s.waitsFor != nil {
			err = fmt.Errorf("the enrolment of %s: %w", alias, s.waitsFor)
		}
	} else if err == nil {
		err = s.putRight(ctx)
	}
	if err == nil {
		err = s.fetchMissed(ctx)
	}
	if err == nil {
		err = s.checkRevoked(ctx, s.acting)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// checkRevoked reports with [ErrRevoked] an officer whose enrolment was closed.
func (s *Session) checkRevoked(ctx context.Context, o *officer) error {
	it, err := s.keyItem(ctx, o.as.Enrolled)
	if errors.Is(err, ErrNoItem) {
		return nil // logged by another desk; its ledger decides
	}
	if err == nil && it.Last().Event.Action == evidence.Revoke {
		err = fmt.Errorf("%s: %w", o.alias, ErrRevoked)
	}
	return err
}

// UnlockSecond unlocks another officer of the same desk, for an act of two.
func (s *Session) UnlockSecond(alias, passphrase string) error {
	if _, err := s.Officer(alias); err != nil {
		return err
	}
	b, err := keyfile.Open(s.path("keys", alias+".key"), passphrase)
	if err != nil {
		return err
	}
	releaseMemory()
	o, err := s.admitOfficer(alias, b)
	if err != nil {
		return err
	}
	return s.checkRevoked(context.Background(), o)
}

func (h *Home) unlockWith(ctx context.Context, id *age.X25519Identity) (*Session, error) {
	if id.Recipient().String() != h.Config.Vault {
		return nil, fmt.Errorf("keys/vault.age holds another identity than custody.json names: %w", ErrHomeDamaged)
	}
	if h.alone && h.succeeds() {
		if err := h.finishSuccession(); err != nil {
			return nil, err
		}
	}
	s := &Session{Home: h, vaultID: id, officers: map[string]*officer{}, keys: map[evidence.ItemID]*Item{}}
	var err error
	if s.trusted, err = trustlist.Read(h.path("trust")); err != nil {
		return nil, err
	}
	if err := s.checkHome(); err != nil { // before anything is encrypted to what the home says
		return nil, err
	}
	if err := s.followOwn(); err != nil {
		return nil, err
	}
	return s, s.openKept(ctx)
}

// admitOfficer finds the officer's enrolment in its card.
func (s *Session) admitOfficer(alias string, b *keyfile.Bundle) (*officer, error) {
	signer, err := b.Signer()
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(s.path("keys", alias+".card"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", alias, ErrNotEnrolled)
	}
	card, err := keyfile.ParseCard(raw)
	if err != nil {
		return nil, err
	}
	enrolled, err := cardEnrolment(card)
	if err != nil {
		return nil, err
	}
	o := &officer{alias: alias, signer: signer, as: evidence.Signer{
		Authority: evidence.StateCode(card.State), Enrolled: enrolled,
		Key: evidence.KeyID(card.Key.ID()), Role: evidence.Role(card.Role),
	}}
	s.officers[alias] = o
	return o, nil
}

// Acting is who signs in this session: alias, role and key id.
func (s *Session) Acting() (alias string, as evidence.Signer) {
	if s.acting == nil {
		return "", evidence.Signer{}
	}
	return s.acting.alias, s.acting.as
}

// recipients are the two that everything in the home is encrypted to at least.
func (s *Session) recipients() ([]age.Recipient, error) {
	to := []age.Recipient{s.vaultID.Recipient()}
	if s.Config.Recovery == "" {
		return to, nil
	}
	r, err := age.ParseX25519Recipient(s.Config.Recovery)
	if err != nil {
		return nil, fmt.Errorf("custody.json: recovery: %w", ErrHomeDamaged)
	}
	return append(to, r), nil
}

// Close ends the session and gives the home back.
func (s *Session) Close() error {
	return errors.Join(s.closeLogbook(), s.keeper.close(), s.Home.Close())
}
