package desk

import (
	"errors"

	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/signing"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/trust"
)

// MakeNode makes the home's folder node/, with which a node can keep the ledger from
// then on: it gets the ledger's key, and no other. Errors: [nodehome.ErrMade].
func (s *Session) MakeNode() error {
	if s.Joined() {
		return ErrNoLedger
	}
	raw, err := keyfile.OpenSecret(s.path("keys", "ledger.age"), secretLedger, s.vaultID)
	if err != nil {
		return err
	}
	var secret ledgerSecret
	if err := evidence.ParseCanonical(raw, &secret); err != nil {
		return errors.Join(ErrHomeDamaged, err)
	}
	about := nodehome.About{Origin: s.Config.Origin, Recovery: s.Config.Recovery, State: s.Config.State}
	return nodehome.Make(s.Dir, about, secret.Log, files)
}

// HasNode reports whether a node was made for the home.
func (h *Home) HasNode() bool { return nodehome.Made(h.Dir) }

// AuthoritySigner signs as the desk's authority, which everyone who has the vault may.
func (s *Session) AuthoritySigner() (signing.Signer, error) {
	a, err := s.authority()
	if err != nil {
		return nil, err
	}
	return a.signer, nil
}

// Dir is the folder of the home.
func (s *Served) Dir() string { return s.dir }

// Cosigners are those that custody.json names: addresses of nodes, and paths of
// folders.
func (s *Served) Cosigners() ([]string, error) {
	c, err := readConfig(s.dir)
	if err != nil {
		return nil, err
	}
	h := &Home{Dir: s.dir, Config: c}
	all := make([]string, len(c.Cosigners))
	for i, at := range c.Cosigners {
		if all[i] = at; !client.IsAddress(at) {
			all[i] = h.resolve(at)
		}
	}
	return all, nil
}

// Counts returns nil for a checkpoint that the named ledger signed and that has the
// cosignatures which its receipt policy asks, by the list that is pinned at the moment.
func (s *Served) Counts(o evidence.Origin, signed []byte) error {
	t, err := s.pinned()
	if err != nil {
		return err
	}
	if t == nil {
		return trustlist.ErrNone
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return err
	}
	key, _, err := t.List.LogKey(string(o), c.Size)
	if err != nil {
		return err
	}
	v, err := key.Key.Verifier()
	if err != nil {
		return err
	}
	if _, err := ledger.OpenCheckpoint(signed, v); err != nil {
		return err
	}
	if !t.Meets(signed, o, trust.Receipt) {
		return trust.ErrQuorum
	}
	return nil
}
