package cosigner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/witness"
)

// ErrServed reports a cosigner folder that another node owns already.
var ErrServed = errors.New("another node serves this home")

// Held is a cosigner folder that a node owns, until [Held.Close].
type Held struct {
	Witness *witness.Witness
	Auditor *witness.Auditor

	locks []*durable.Lock
}

// KeepOut keeps every node from taking the cosigner folder dir, until the lock is
// closed. Error: [ErrServed].
func KeepOut(dir string) (*durable.Lock, error) {
	lock, err := durable.NewLock(filepath.Join(dir, "node.lock"))
	if errors.Is(err, durable.ErrInUse) {
		err = fmt.Errorf("%s: %w", dir, ErrServed)
	}
	return lock, err
}

// Hold takes the cosigner folder dir for a node. Errors: [ErrDamaged], [ErrServed].
func Hold(dir string) (*Held, error) {
	if _, err := os.Stat(keyFile(dir, Witness)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	lock, err := KeepOut(dir)
	if err != nil {
		return nil, err
	}
	h := &Held{locks: []*durable.Lock{lock}}
	if err := h.open(dir); err != nil {
		return nil, errors.Join(err, h.release())
	}
	return h, nil
}

func (h *Held) open(dir string) error {
	logs := followed(dir)
	c, _, err := config(dir, Witness, logs)
	if err != nil {
		return err
	}
	if h.Witness, err = witness.New(c); err != nil {
		return err
	}
	c, state, err := config(dir, Auditor, logs)
	if err != nil {
		return err
	}
	h.Auditor, err = witness.NewAuditor(c, func(o evidence.Origin) (*closed.Map, error) {
		// A desk that reaches this folder directly uses the same map.
		lock, err := auditorLock(dir, o)
		if err != nil {
			return nil, err
		}
		m, err := state.OpenMap(o)
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
		h.locks = append(h.locks, lock) // the auditor opens one map at a time
		return m, nil
	})
	return err
}

// Close makes the auditor's maps durable and gives the folder back.
func (h *Held) Close() error { return errors.Join(h.Auditor.Close(), h.release()) }

func (h *Held) release() error {
	var all []error
	for _, l := range h.locks {
		all = append(all, l.Close())
	}
	return errors.Join(all...)
}
