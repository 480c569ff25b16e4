package desk

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

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

	mu      sync.Mutex // held for what is below
	list    *trustlist.Pinned
	changed os.FileInfo // of the file of list, as it was read
}

// ServedEnded is a ledger of the home that has ended and has a successor.
type ServedEnded struct {
	Origin   evidence.Origin
	Tiles    string // folder of the published ledger
	Final    string // file of its last checkpoint
	Cosigned string // file of the same with the newest cosignatures, once there are some
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
		all = append(all, ServedEnded{c.Origin, tesseralog.TilesDir(filepath.Dir(final)), final, filepath.Join(filepath.Dir(final), "cosigned.note")})
	}
	return all, nil
}

// OpenServed opens the home in dir for a node. A succession that an interrupt left is
// finished. Errors: [ErrNoHome], [ErrHomeVersion], [ErrHomeInUse],
// [cosigner.ErrDamaged], [cosigner.ErrServed].
func OpenServed(dir string) (*Served, error) {
	if err := finishServed(dir); err != nil {
		return nil, err
	}
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
	t, err := s.pinned()
	if err != nil || t == nil {
		return nil, err
	}
	var all []evidence.Origin
	for _, l := range t.List.Logs {
		if l.State != s.State {
			all = append(all, evidence.Origin(l.Origin))
		}
	}
	return all, nil
}

// pinned returns the list that the home has pinned at the moment, nil when there is none.
func (s *Served) pinned() (*trustlist.Pinned, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := os.Stat(filepath.Join(s.dir, "trust", "list.note"))
	if err == nil && s.list != nil && os.SameFile(now, s.changed) && now.ModTime().Equal(s.changed.ModTime()) {
		return s.list, nil
	}
	t, err := trustlist.Read(filepath.Join(s.dir, "trust"))
	if err != nil {
		return nil, err
	}
	s.list, s.changed = t, now
	return t, nil
}

// Successor returns the last ledger that follows o by the pinned list; o itself when none
// does.
func (s *Served) Successor(o evidence.Origin) evidence.Origin {
	t, err := s.pinned()
	if err != nil || t == nil {
		return o
	}
	return t.Following(o)
}

// Predecessor returns the ledger that o follows by the pinned list; "" when it follows
// none.
func (s *Served) Predecessor(o evidence.Origin) evidence.Origin {
	t, err := s.pinned()
	if err != nil || t == nil {
		return ""
	}
	for _, r := range t.List.Retired {
		if evidence.Origin(r.Successor) == o {
			return evidence.Origin(r.Final.Origin)
		}
	}
	return ""
}
