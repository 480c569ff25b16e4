package desk

import (
	"errors"
	"fmt"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// refuse keeps an act that the ledger refused: it is never signed or dated
// again, and is attached to the item's next correct (rule P14).
func (s *Session) refuse(e *Entry) error {
	to, err := s.recipients()
	if err != nil {
		return err
	}
	path := s.path("queue", "refused", fmt.Sprintf("%s-%d-%s.age", e.Event.Item, e.Event.Seq, e.Leaf.String()[:8]))
	err = keyfile.CreateSecretFrom(path, secretQueue, e.Body, to...)
	if errors.Is(err, keyfile.ErrExists) {
		return nil // a process before this one came as far
	}
	return err
}

// refusedOf lists the refused acts of an item, for its next correct.
func (s *Session) refusedOf(id evidence.ItemID) ([]*Entry, []string, error) {
	found, err := filepath.Glob(s.path("queue", "refused", id.String()+"-*.age"))
	if err != nil {
		return nil, nil, err
	}
	var all []*Entry
	for _, path := range found {
		raw, err := keyfile.OpenSecret(path, secretQueue, s.vaultID)
		if err != nil {
			return nil, nil, err
		}
		e, err := parseBody(raw)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, e)
	}
	return all, found, nil
}

// RefusedActs lists the acts on an item that the ledger refused and that no
// correct has shown yet.
func (s *Session) RefusedActs(id evidence.ItemID) ([]EventSummary, error) {
	entries, _, err := s.refusedOf(id)
	if err != nil {
		return nil, err
	}
	all := []EventSummary{}
	for _, e := range entries {
		sum, err := e.summary()
		if err != nil {
			return nil, err
		}
		all = append(all, sum)
	}
	return all, nil
}
