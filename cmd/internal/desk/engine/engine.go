package engine

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/ledger"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/trillianlog"
)

// Name is what an engine is called on the command line.
type Name string

// The engines.
const (
	Embedded Name = "embedded" // tessera on local files
	Trillian Name = "trillian" // google/trillian over PostgreSQL or MariaDB
)

// Names are all engines, the default first.
func Names() []string { return []string{string(Embedded), string(Trillian)} }

// ErrChoice reports a choice of an engine that lacks something, or has too much.
var ErrChoice = errors.New("that is no engine's configuration")

// Choice is an engine and what it needs. The zero value is the embedded engine.
type Choice struct {
	Engine Name
	trillianlog.Config
}

// Check reports [ErrChoice] unless the engine has what it needs and nothing else, and
// [trillianlog.ErrPassword].
func (c Choice) Check() error {
	switch {
	case (c.Engine == "" || c.Engine == Embedded) && c.Config != trillianlog.Config{}:
		return fmt.Errorf("the embedded engine has no servers: %w", ErrChoice)
	case c.Engine == Trillian && (c.Database == "" || c.LogServer == ""):
		return fmt.Errorf("Trillian needs a database and a log server: %w", ErrChoice)
	case c.Engine != "" && c.Engine != Embedded && c.Engine != Trillian:
		return fmt.Errorf("%q: %w", c.Engine, ErrChoice)
	}
	return c.Config.Check()
}

// Of returns the choice that was made for the ledger in dir.
func Of(dir string) (Choice, error) {
	if !trillianlog.Made(dir) {
		return Choice{Engine: Embedded}, nil
	}
	c, err := trillianlog.ConfigOf(dir)
	return Choice{Engine: Trillian, Config: c}, err
}

// Create makes an empty ledger in dir.
func (c Choice) Create(ctx context.Context, dir string, signer note.Signer) error {
	if err := c.Check(); err != nil {
		return err
	}
	if c.Engine == Trillian {
		return trillianlog.Create(ctx, dir, signer, c.Config)
	}
	return tesseralog.Create(ctx, dir, signer)
}

// Open opens the ledger in dir for writing.
func Open(ctx context.Context, dir string, signer note.Signer) (ledger.Log, error) {
	if trillianlog.Made(dir) {
		l, err := trillianlog.Open(ctx, dir, signer, trillianlog.Options{})
		if err != nil {
			return nil, err
		}
		return l, nil
	}
	l, err := tesseralog.Open(ctx, dir, signer)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// Migrate moves the ledger in dir from the embedded engine to Trillian: the same leaves
// at the same indexes, under the same root, key and name. Interrupted, it can be called
// again. It returns the number of leaves.
func Migrate(ctx context.Context, dir string, signer note.Signer, to trillianlog.Config) (uint64, error) {
	if trillianlog.Made(dir) {
		return 0, trillianlog.ErrExists
	}
	// Opening it publishes what an interrupted session has not.
	switch l, err := tesseralog.Open(ctx, dir, signer); {
	case err == nil:
		if err := l.Close(); err != nil {
			return 0, err
		}
	case !errors.Is(err, tesseralog.ErrHalf) || !trillianlog.Migrating(dir):
		return 0, err
	}
	r, err := tesseralog.OpenReader(dir)
	if err != nil {
		return 0, err
	}
	return trillianlog.Migrate(ctx, dir, signer, to, r)
}
