package crossanchor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// ErrState reports a state file that is damaged. It may be removed: what is recorded is
// then recorded once more.
var ErrState = errors.New("what cross-anchoring remembers is damaged")

const stateFormat = "custody/crossanchor/v1"

// state is what is remembered of every other ledger.
type state struct {
	Format  string   `json:"format"`
	Ledgers []record `json:"ledgers"` // by origin, rising
}

// record is the newest checkpoint of one ledger. Its leaf is on its way until Logged.
type record struct {
	From   uint64          `json:"from"` // leaves here before the leaf was submitted; the leaf's index once logged
	Logged bool            `json:"logged"`
	Note   evidence.Hash   `json:"note"` // SHA-256 of the note
	Origin evidence.Origin `json:"origin"`
	Root   evidence.Hash   `json:"root"`
	Size   uint64          `json:"size"`
}

// Folder is where notes and state are kept.
type Folder struct {
	dir   string
	files durable.Files
}

func openFolder(dir string, files durable.Files) (*Folder, *state, error) {
	f := &Folder{dir, files}
	if err := files.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, nil, err
	}
	if _, err := files.RemoveTemps(dir); err != nil {
		return nil, nil, err
	}
	s := &state{Format: stateFormat, Ledgers: []record{}}
	b, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return f, s, nil
	}
	if err == nil {
		s = new(state)
		if errJSON := evidence.ParseCanonical(b, s); errJSON != nil || s.Format != stateFormat {
			err = fmt.Errorf("%s: %w", filepath.Join(dir, "state.json"), ErrState)
		}
	}
	return f, s, err
}

// put makes the state durable.
func (f *Folder) put(s *state) error {
	b, err := evidence.Canonical(s)
	if err != nil {
		return err
	}
	return f.files.WriteFile(filepath.Join(f.dir, "state.json"), b, 0o600)
}

// keep makes a note durable under the name that its leaf holds.
func (f *Folder) keep(name evidence.Hash, note []byte) error {
	err := f.files.WriteNew(NotePath(f.dir, name), note, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // the name says that it is the same
	}
	return err
}

// NotePath returns where the note of a leaf of type 4 lies in a folder.
func NotePath(dir string, name evidence.Hash) string {
	return filepath.Join(dir, name.String()+".note")
}
