package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/store/s3"
)

// Home is one desk's folder, held by this process until [Home.Close].
type Home struct {
	Dir    string           // path of the folder
	Config Config           // custody.json
	Now    func() time.Time // the clock of every act; UTC
	DryRun bool             // acts end with [DryRun]; set before [Home.Unlock]
	Names  []string         // a dictionary of protected names, which no act may show beside its record; nil: none
	Node   string           // address of the node that keeps the ledger, "" for the desk's own; set before [Home.Unlock]

	// Patience is how long a bucket that does not answer is asked again; 0: two minutes.
	// Set before [Home.Unlock].
	Patience time.Duration
	// StoreWaits is told that a bucket is waited for, and that it answers again; nil: nobody.
	// Set before [Home.Unlock].
	StoreWaits func(s3.Wait)

	lock  *durable.Lock
	looks bool  // opened by OpenToLook
	alone bool  // no other process has it, so it may be changed
	quiet bool  // no other process changes it
	stuck error // why it cannot act, when it was opened to look; else nil
}

// homeFolders are made by Create and expected by Open (spec/home.md).
var homeFolders = []string{"keys", "cosigner", "ledger", "queue", "queue/refused", "index", "notes", "trust", boundFolder}

// Open takes the home in dir for this process.
//
// It returns [ErrNoHome], [ErrHomeVersion], [ErrHomeDamaged] or [ErrHomeInUse].
// What an interrupted process left is put right when the home is unlocked,
// because that needs the desk's keys.
func Open(dir string) (*Home, error) {
	h, err := outside(dir)
	if err != nil {
		return nil, err
	}
	return h, h.take()
}

// OpenToLook opens the home in dir for what changes nothing. Where [Open] would fail
// because another process has the home, or nothing can be written there, it goes on
// without, and [Home.Stuck] says why. So does [Home.Unlock] for what an interrupted
// process left and this one cannot put right: nobody can act then, and everybody can
// look.
func OpenToLook(dir string) (*Home, error) {
	h, err := outside(dir)
	if err != nil {
		return nil, err
	}
	h.looks = true
	if h.stuck = h.take(); h.stuck == nil || errors.Is(h.stuck, ErrHomeInUse) {
		return h, nil
	}
	// Whoever may not write can still keep others from writing meanwhile.
	lock, err := durable.NewSharedLock(h.path("lock"))
	if errors.Is(err, durable.ErrInUse) {
		h.stuck = fmt.Errorf("%s: %w", h.Dir, ErrHomeInUse)
	}
	h.lock, h.quiet = lock, err == nil || errors.Is(err, os.ErrNotExist)
	return h, nil
}

// Stuck says why a home that was opened to look cannot act; nil when it can.
func (h *Home) Stuck() error { return h.stuck }

// Quiet reports whether no other process changes the home while it is open.
func (h *Home) Quiet() bool { return h.quiet }

// outside is [Outside] of a whole home.
func outside(dir string) (*Home, error) {
	h, err := Outside(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{"store", "vault"}, homeFolders...) {
		if name == "ledger" && h.succeeds() {
			continue // the next one to unlock the home puts it there
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s: folder %s is missing: %w", dir, name, ErrHomeDamaged)
		}
	}
	return h, nil
}

// Outside describes the home in dir without taking it: what needs neither its lock nor
// a key. Errors as of [Open].
func Outside(dir string) (*Home, error) {
	c, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	return &Home{Dir: dir, Config: c, Now: clock, Node: c.Node}, nil
}

func clock() time.Time { return time.Now().UTC() }

// take locks the home for this process.
func (h *Home) take() error {
	lock, err := durable.NewLock(h.path("lock"))
	if errors.Is(err, durable.ErrInUse) {
		return fmt.Errorf("%s: %w", h.Dir, ErrHomeInUse)
	}
	h.lock, h.alone, h.quiet = lock, err == nil, err == nil
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
