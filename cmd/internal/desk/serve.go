package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/witness"
)

// ErrServed reports a home that another node serves already.
var ErrServed = errors.New("another node serves this home")

// Served is what a node takes of a home: the published ledger, which it reads, and
// the cosigner folder, which it owns. It takes no lock on the home, needs no
// passphrase, and sees no evidence, no officer and no key but the cosigners'; a desk
// may work in the home at the same time.
type Served struct {
	Origin   evidence.Origin
	State    string
	Tiles    string // folder of the published ledger
	Cosigned string // file of the newest checkpoint that met the receipt policy
	Witness  *witness.Witness
	Auditor  *witness.Auditor

	dir  string
	held []*durable.Lock
}

// OpenServed opens the home in dir for a node. Errors: [ErrNoHome], [ErrHomeVersion],
// [ErrHomeDamaged], [ErrServed].
func OpenServed(dir string) (s *Served, err error) {
	c, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	s = &Served{
		Origin: c.Origin, State: c.State, dir: dir,
		Tiles:    tesseralog.TilesDir(filepath.Join(dir, "ledger")),
		Cosigned: filepath.Join(dir, "ledger", "cosigned.note"),
	}
	if _, err := os.Stat(filepath.Join(s.cosigner(), roleWitness+".key")); err != nil {
		return nil, fmt.Errorf("cosigner: %w: %w", ErrHomeDamaged, err)
	}
	lock, err := durable.NewLock(filepath.Join(s.cosigner(), "node.lock"))
	if errors.Is(err, durable.ErrInUse) {
		return nil, fmt.Errorf("%s: %w", dir, ErrServed)
	}
	if err != nil {
		return nil, err
	}
	s.held = []*durable.Lock{lock}
	if err := s.openRoles(); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Served) cosigner() string { return filepath.Join(s.dir, "cosigner") }

func (s *Served) openRoles() error {
	logs := followed(s.cosigner())
	c, _, err := cosignerConfig(s.cosigner(), roleWitness, logs)
	if err != nil {
		return err
	}
	if s.Witness, err = witness.New(c); err != nil {
		return err
	}
	c, state, err := cosignerConfig(s.cosigner(), roleAuditor, logs)
	if err != nil {
		return err
	}
	s.Auditor, err = witness.NewAuditor(c, func(o evidence.Origin) (*closed.Map, error) {
		// A desk that reaches this folder directly uses the same map.
		lock, err := auditorLock(s.cosigner(), o)
		if err != nil {
			return nil, err
		}
		m, err := state.OpenMap(o)
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
		s.held = append(s.held, lock) // the auditor opens one map at a time
		return m, nil
	})
	return err
}

// Followed returns the ledgers that the state's cosigners follow: those of the
// other states in the trust list that the home has pinned at the moment.
func (s *Served) Followed() ([]evidence.Origin, error) {
	t, err := readTrusted(filepath.Join(s.dir, "trust"))
	if err != nil || t == nil {
		return nil, err
	}
	var all []evidence.Origin
	for _, l := range t.list.Logs {
		if o := evidence.Origin(l.Origin); o != s.Origin {
			all = append(all, o)
		}
	}
	return all, nil
}

// Close makes the auditor's maps durable and gives the cosigner folder back.
func (s *Served) Close() error { return errors.Join(s.Auditor.Close(), s.release()) }

func (s *Served) release() error {
	var all []error
	for _, l := range s.held {
		all = append(all, l.Close())
	}
	return errors.Join(all...)
}
