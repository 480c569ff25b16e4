package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
)

// Vault is an open vault and the store beside it.
type Vault struct {
	path    string
	options Options
	store   store.Store
	files   durable.Files
	lock    *durable.Lock
	found   Recovered
	shelf   shelf

	registerKey [32]byte

	mu      sync.Mutex // guards what follows
	pending *journal   // nil when no sealing is under way
	taken   []mark     // of what that sealing took in, when it was this process
}

// Options are for [Open].
type Options struct {
	Store      store.Store            // where the objects are; it stays the caller's to close
	Identity   *age.X25519Identity    // opens the vault
	Recipients []*age.X25519Recipient // whom everything is encrypted to: Identity's own, and the recovery recipient's
	Files      durable.Files          // faults, for tests
	Now        func() time.Time       // nil: the system's clock
	ReadOnly   bool                   // take no lock, put nothing right, refuse every change with [durable.ErrReadOnly]
}

// Recovered says what an interrupted process had left and [Open] put right.
type Recovered struct {
	Temps    int       // unfinished files removed
	Erasures []*Report // orders to erase, carried out to the end
}

// ErrRecipients reports options under which nobody could open what is written.
var ErrRecipients = errors.New("the vault's own identity is not among the recipients")

// Open opens the vault that [Create] made at path and puts right what an
// interrupted process left, except a sealing that was under way: see
// [Vault.Unfinished].
//
// It returns [durable.ErrInUse] while another process has the vault open,
// [*FormatError], [ErrHalfMade], [ErrNotVault], [ErrIdentity] or [ErrDamaged].
func Open(ctx context.Context, path string, o Options) (*Vault, error) {
	if err := CheckFormat(path); err != nil {
		return nil, err
	}
	if !o.opens() {
		return nil, ErrRecipients
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	v := &Vault{path: path, options: o, store: o.Store, files: o.Files}
	if o.ReadOnly {
		v.files = durable.ReadOnly()
		return v, nil
	}
	var err error
	if v.lock, err = durable.NewLock(filepath.Join(path, lockFile)); err != nil {
		return nil, err
	}
	if err := v.recover(ctx); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

func (o *Options) opens() bool {
	for _, r := range o.Recipients {
		if o.Identity != nil && r.String() == o.Identity.Recipient().String() {
			return true
		}
	}
	return false
}

func (v *Vault) recover(ctx context.Context) (err error) {
	for _, dir := range vaultDirs { // a careless copy drops empty folders
		if _, err := os.Lstat(v.at(dir)); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := v.files.Mkdir(v.at(dir)); err != nil {
			return err
		}
	}
	if v.found.Temps, err = v.removeTemps(); err != nil {
		return err
	}
	if err := v.openRegister(); err != nil {
		return err
	}
	if v.pending, err = v.readJournal(); err != nil {
		return err
	}
	v.found.Erasures, err = v.finishErasures(ctx)
	return err
}

// Recovered returns what Open put right.
func (v *Vault) Recovered() Recovered { return v.found }

// Close ends the use of the vault. Readers must have been closed.
func (v *Vault) Close() error {
	if v.lock == nil {
		return v.shelf.clear()
	}
	return errors.Join(v.shelf.clear(), v.lock.Close())
}

func (v *Vault) at(name string) string { return filepath.Join(v.path, filepath.FromSlash(name)) }

// now is the moment that is written down.
func (v *Vault) now() time.Time { return evidence.Instant(v.options.Now()) }

// recipients is what age wants to have.
func (v *Vault) recipients() []age.Recipient {
	to := make([]age.Recipient, len(v.options.Recipients))
	for i, r := range v.options.Recipients {
		to[i] = r
	}
	return to
}

// removeTemps removes what writing and destroying left in the temporary folder.
func (v *Vault) removeTemps() (removed int, err error) {
	entries, err := os.ReadDir(v.at(tempDir))
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if err := v.removeTemp(filepath.Join(v.at(tempDir), e.Name()), e.IsDir()); err != nil {
			return removed, fmt.Errorf("what was left unfinished: %w", err)
		}
		removed++
	}
	return removed, nil
}

func (v *Vault) removeTemp(path string, folder bool) error {
	if !folder {
		return v.wipe(path)
	}
	inside, err := os.ReadDir(path) // of an item whose first body was being written
	if err != nil {
		return err
	}
	for _, e := range inside {
		if err := v.wipe(filepath.Join(path, e.Name())); err != nil {
			return err
		}
	}
	return v.files.Remove(path)
}
