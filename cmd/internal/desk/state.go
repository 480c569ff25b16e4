package desk

import (
	"errors"
	"os"
	"time"

	"example.org/custody/evidence"
)

// State is what a home remembers about its own care (state.json). Losing it
// loses no evidence.
type State struct {
	LastBackup *time.Time `json:"last_backup,omitempty"`
	LastCheck  *time.Time `json:"last_check,omitempty"`
}

// State reads state.json; a home that has none has done nothing yet.
func (h *Home) State() (State, error) {
	var s State
	b, err := os.ReadFile(h.path("state.json"))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	return s, parseFile(b, &s)
}

func (h *Home) updateState(change func(*State)) error {
	if h.stuck != nil && !h.alone {
		return h.stuck
	}
	s, err := h.State()
	if errors.Is(err, evidence.ErrNotCanonical) {
		s, err = State{}, nil // what is damaged is lost, and made anew
	}
	if err != nil {
		return err
	}
	change(&s)
	b, err := evidence.Canonical(s)
	if err != nil {
		return err
	}
	return files.WriteFile(h.path("state.json"), b, 0o600)
}
