package desk

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/trust"
)

// own is what this desk's state brings to a trust list, and the key with which it
// signs one.
type own struct {
	trust.Founder
	cert   []byte // the authority's certificate, DER
	signer note.Signer
}

// own reads the desk's own keys.
func (s *Session) own() (*own, error) {
	if s.Joined() {
		return nil, ErrNoLedger
	}
	a, err := s.authority()
	if err != nil {
		return nil, err
	}
	o := &own{cert: a.cert.Raw}
	o.State, o.Authority = s.Config.State, trust.DigestOf(a.cert.Raw)
	if o.Key, err = trust.VKeyOf(a.secret.List); err != nil {
		return nil, fmt.Errorf("keys/authority.age: %w", ErrHomeDamaged)
	}
	if o.signer, err = note.NewSigner(a.secret.List); err != nil {
		return nil, fmt.Errorf("keys/authority.age: %w", ErrHomeDamaged)
	}
	if o.Log, err = s.logVKey(); err != nil {
		return nil, err
	}
	if o.Witness, err = cosigner.VKey(s.path("cosigner"), cosigner.Witness); err != nil {
		return nil, err
	}
	o.Auditor, err = cosigner.VKey(s.path("cosigner"), cosigner.Auditor)
	return o, err
}

func (s *Session) logVKey() (trust.VKey, error) {
	raw, err := keyfile.OpenSecret(s.path("keys", "ledger.age"), secretLedger, s.vaultID)
	if err != nil {
		return trust.VKey{}, err
	}
	var secret ledgerSecret
	errParse := evidence.ParseCanonical(raw, &secret)
	k, err := trust.VKeyOf(secret.Log)
	if errors.Join(errParse, err) != nil { // never the key
		return trust.VKey{}, fmt.Errorf("keys/ledger.age: %w", ErrHomeDamaged)
	}
	return k, nil
}

// FounderFile returns what this desk's state brings to a list, as a file for the
// desk that proposes one (spec/trust.md, "Founder file").
func (s *Session) FounderFile() ([]byte, trust.Founder, error) {
	o, err := s.own()
	if err != nil {
		return nil, trust.Founder{}, err
	}
	b, err := o.Sign(o.cert, o.signer)
	return b, o.Founder, err
}

// ErrHasCosigner reports a desk whose witness and auditor are there: a state that had two
// could sign two histories.
var ErrHasCosigner = errors.New("the state's witness and auditor have their keys")

// NewCosigner makes the keys that this state's witness and auditor lack, as after a
// restore: they are in no backup, because what they remember must never be put back.
// They count once the next list names them (spec/trust.md, "Founder file").
func (s *Session) NewCosigner() error {
	if s.Joined() {
		return ErrNoLedger
	}
	made := 0
	for _, role := range []cosigner.Role{cosigner.Witness, cosigner.Auditor} {
		if cosigner.HasKey(s.path("cosigner"), role) {
			continue
		}
		if _, err := cosigner.NewKey(s.path("cosigner"), role, s.Config.State); err != nil {
			return err
		}
		made++
	}
	if made == 0 {
		return ErrHasCosigner
	}
	return nil
}

// ErrNotListed reports a trust list without this state's own entries, or with
// others in their place: what this desk logs would not count under it.
var ErrNotListed = errors.New("the list does not have this state as it is")

// unlisted returns this state's ledger when the list does not have it.
func (o *own) unlisted(l *trust.List) []trust.Log {
	if slices.ContainsFunc(l.Logs, func(g trust.Log) bool { return g.Key == o.Log }) {
		return nil
	}
	return []trust.Log{{Origin: o.Log.Name(), State: o.State, Key: o.Log}}
}

// listed checks that a list has this state's entries under its own keys.
func (o *own) listed(l *trust.List) error {
	has := func(role string, ok bool) error {
		if ok {
			return nil
		}
		return fmt.Errorf("%s of %s: %w", role, o.State, ErrNotListed)
	}
	cosigner := func(k trust.VKey) func(trust.Cosigner) bool {
		return func(c trust.Cosigner) bool { return c.State == o.State && c.Key == k }
	}
	return errors.Join(
		has("list key", slices.Contains(l.States, trust.State{Code: o.State, Key: o.Key})),
		has("ledger", slices.ContainsFunc(l.Logs, func(g trust.Log) bool { return g.State == o.State && g.Key == o.Log })),
		has("witness", slices.ContainsFunc(l.Witnesses, cosigner(o.Witness))),
		has("auditor", slices.ContainsFunc(l.Auditors, cosigner(o.Auditor))),
		has("authority", slices.ContainsFunc(l.Authorities, func(a trust.Authority) bool { return a.State == o.State && a.Digest == o.Authority })),
	)
}
