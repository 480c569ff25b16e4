package witness

import (
	"context"
	"errors"
	"sync"

	"example.org/custody/evidence"
)

// State is what a witness remembers. It may be shared by witnesses in several
// processes when Swap is atomic among them, as that of [Folder] is.
type State interface {
	// Load returns the newest note of an origin, and nil when there is none.
	Load(ctx context.Context, o evidence.Origin) ([]byte, error)
	// Swap puts a new note in the place of the old one (nil: none). When it
	// returns nil the new note is durable. When another than old is there, nothing
	// changes and the error is [ErrChanged]. After any other error either may be
	// there.
	Swap(ctx context.Context, o evidence.Origin, old, new []byte) error
	// Alarm returns the alarm kept for an origin, and nil when there is none.
	Alarm(ctx context.Context, o evidence.Origin) ([]byte, error)
	// SetAlarm keeps an alarm, durably. It keeps the first one.
	SetAlarm(ctx context.Context, o evidence.Origin, alarm []byte) error
}

// ErrChanged reports that a note has been swapped by somebody else.
var ErrChanged = errors.New("state of the witness has been changed meanwhile")

// Memory is a [State] that ends with the process: for tests, and for trying things
// out. A witness that forgets can be made to sign two histories.
type Memory struct {
	mu     sync.Mutex
	notes  map[evidence.Origin][]byte
	alarms map[evidence.Origin][]byte
}

// Load implements [State].
func (m *Memory) Load(_ context.Context, o evidence.Origin) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.notes[o], nil
}

// Swap implements [State].
func (m *Memory) Swap(_ context.Context, o evidence.Origin, old, new []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if string(m.notes[o]) != string(old) {
		return ErrChanged
	}
	if m.notes == nil {
		m.notes = make(map[evidence.Origin][]byte)
	}
	m.notes[o] = append([]byte(nil), new...)
	return nil
}

// Alarm implements [State].
func (m *Memory) Alarm(_ context.Context, o evidence.Origin) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alarms[o], nil
}

// SetAlarm implements [State].
func (m *Memory) SetAlarm(_ context.Context, o evidence.Origin, alarm []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.alarms == nil {
		m.alarms = make(map[evidence.Origin][]byte)
	}
	if m.alarms[o] == nil {
		m.alarms[o] = append([]byte(nil), alarm...)
	}
	return nil
}
