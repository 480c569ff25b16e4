package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.org/custody/evidence/store/durable"
)

// Home is one desk's folder, held by this process until [Home.Close].
type Home struct {
	Dir    string           // path of the folder
	Config Config           // custody.json
	Now    func() time.Time // the clock of every act; UTC
	DryRun bool             // acts end with [DryRun]; set before [Home.Unlock]
	lock   *durable.Lock
}

// homeFolders are made by Create and expected by Open (spec/home.md).
var homeFolders = []string{"keys", "cosigner", "ledger", "queue", "queue/refused", "index", "notes", "trust", boundFolder}

// Open takes the home in dir for this process.
//
// It returns [ErrNoHome], [ErrHomeVersion], [ErrHomeDamaged] or [ErrHomeInUse].
// What an interrupted process left is put right when the home is unlocked,
// because that needs the desk's keys.
func Open(dir string) (*Home, error) {
	c, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{"store", "vault"}, homeFolders...) {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s: folder %s is missing: %w", dir, name, ErrHomeDamaged)
		}
	}
	h := &Home{Dir: dir, Config: c, Now: clock}
	return h, h.take()
}

func clock() time.Time { return time.Now().UTC() }

// take locks the home for this process.
func (h *Home) take() error {
	lock, err := durable.NewLock(h.path("lock"))
	if errors.Is(err, durable.ErrInUse) {
		return fmt.Errorf("%s: %w", h.Dir, ErrHomeInUse)
	}
	h.lock = lock
	return err
}

// Close gives the home back.
func (h *Home) Close() error {
	if h.lock == nil {
		return nil
	}
	err := h.lock.Close()
	h.lock = nil
	return err
}

func (h *Home) path(elem ...string) string {
	return filepath.Join(append([]string{h.Dir}, elem...)...)
}
