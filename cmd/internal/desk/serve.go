package desk

import (
	"fmt"
	"os"
	"path/filepath"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/tesseralog"
)

// Served is what a node takes of a home: the published ledger, which it reads, and
// the cosigner folder, which it owns. It takes no lock on the home, needs no
// passphrase, and sees no evidence, no officer and no key but the cosigners'; a desk
// may work in the home at the same time.
type Served struct {
	*cosigner.Held
	Origin   evidence.Origin
	State    string
	Tiles    string // folder of the published ledger
	Cosigned string // file of the newest checkpoint that met the receipt policy
	Ended    []ServedEnded

	dir string
}

// ServedEnded is a ledger of the home that has ended and has a successor.
type ServedEnded struct {
	Origin evidence.Origin
	Tiles  string // folder of the published ledger
	Final  string // file of its last checkpoint
}

// servedEnded finds the ended ledgers of the home in dir.
func servedEnded(dir string) (all []ServedEnded, err error) {
	finals, err := filepath.Glob(filepath.Join(dir, endedFolder, "*", "ledger", "final.note"))
	if err != nil {
		return nil, err
	}
	for _, final := range finals {
		signed, err := os.ReadFile(final)
		if err != nil {
			return nil, err
		}
		c, err := ledger.ReadCheckpoint(signed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", final, ErrHomeDamaged, err)
		}
		all = append(all, ServedEnded{c.Origin, tesseralog.TilesDir(filepath.Dir(final)), final})
	}
	return all, nil
}

// OpenServed opens the home in dir for a node. Errors: [ErrNoHome], [ErrHomeVersion],
// [cosigner.ErrDamaged], [cosigner.ErrServed].
func OpenServed(dir string) (*Served, error) {
	c, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	ended, err := servedEnded(dir)
	if err != nil {
		return nil, err
	}
	held, err := cosigner.Hold(filepath.Join(dir, "cosigner"))
	if err != nil {
		return nil, err
	}
	return &Served{
		Held: held, Origin: c.Origin, State: c.State, dir: dir,
		Tiles:    tesseralog.TilesDir(filepath.Join(dir, "ledger")),
		Cosigned: filepath.Join(dir, "ledger", "cosigned.note"),
		Ended:    ended,
	}, nil
}

// Followed returns the ledgers that the state's cosigners follow: those of the
// other states in the trust list that the home has pinned at the moment.
func (s *Served) Followed() ([]evidence.Origin, error) {
	t, err := trustlist.Read(filepath.Join(s.dir, "trust"))
	if err != nil || t == nil {
		return nil, err
	}
	var all []evidence.Origin
	for _, l := range t.List.Logs {
		if o := evidence.Origin(l.Origin); o != s.Origin {
			all = append(all, o)
		}
	}
	return all, nil
}
