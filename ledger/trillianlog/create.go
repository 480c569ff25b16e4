package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
)

// Create makes an empty ledger over the servers of c: the guards in the database, the
// tree, its row, and the folder dir, which may exist; the signer's name becomes its
// origin for ever. Errors: [ErrExists], [ErrConfig], [ErrUnsafe], [ErrPassword], [ErrPlain],
// [ErrDatabase], [ErrServer], [evidence.ErrNotOrigin], [ledger.ErrInUse].
//
// When it is interrupted it can be called again; a tree without a row may stay behind in
// Trillian, empty and unused.
func Create(ctx context.Context, dir string, signer note.Signer, c Config) error {
	return inFolder(ctx, dir, signer, c, func(o evidence.Origin, db *database) (int64, error) {
		return makeTree(ctx, o, signer, c, db)
	})
}

// Join makes the folder dir of one more node for a ledger that another one has made over
// the same servers, under the same key. Errors: those of [Create] without [ErrExists] for
// the database, [ErrNone], [ErrKey].
func Join(ctx context.Context, dir string, signer note.Signer, c Config) error {
	return inFolder(ctx, dir, signer, c, func(o evidence.Origin, db *database) (int64, error) {
		r, err := db.ledgerOf(ctx, o)
		if err == nil && r.keyHash != signer.KeyHash() {
			err = fmt.Errorf("%q: %w", o, ErrKey)
		}
		return r.tree, err
	})
}

// inFolder makes the folder of a ledger whose tree is made, or found, by tree.
func inFolder(ctx context.Context, dir string, signer note.Signer, c Config, tree func(evidence.Origin, *database) (int64, error)) error {
	o, err := evidence.ParseOrigin(signer.Name())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	held, err := hold(dir)
	if err != nil {
		return err
	}
	defer held.Close()
	if Made(dir) {
		return fmt.Errorf("%s: %w", dir, ErrExists)
	}
	db, err := dial(ctx, c.Database)
	if err != nil {
		return err
	}
	defer db.close()
	id, err := tree(o, db)
	if err != nil {
		return err
	}
	if err := makeTiles(TilesDir(dir), o, signer); err != nil {
		return err
	}
	return stored{Config: c, Format: configFormat, Origin: o, Tree: id}.write(dir, durable.Files{})
}

// makeTree makes guards, tree and row of a new ledger.
func makeTree(ctx context.Context, o evidence.Origin, signer note.Signer, c Config, db *database) (int64, error) {
	if err := db.prepare(ctx); err != nil {
		return 0, err
	}
	if _, err := db.ledgerOf(ctx, o); !errors.Is(err, ErrNone) {
		return 0, errors.Join(err, fmt.Errorf("%q in the database: %w", o, ErrExists))
	}
	s, err := connect(c.LogServer, patience)
	if err != nil {
		return 0, err
	}
	defer s.close()
	id, err := s.create(ctx)
	if err != nil {
		return 0, err
	}
	return id, db.insert(ctx, o, id, signer.KeyHash())
}

// makeTiles makes the published ledger of no leaves.
func makeTiles(dir string, o evidence.Origin, signer note.Signer) error {
	signed, err := ledger.Checkpoint{Origin: o, Root: ledger.EmptyRoot}.Sign(signer)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); errors.Is(err, os.ErrExist) {
		// Another engine's, unless it is what an interrupted call has left.
		for _, name := range []string{stateName, retiredName, "tile"} {
			if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				return fmt.Errorf("%s: %w", dir, ErrExists)
			}
		}
	} else if err != nil {
		return err
	}
	return durable.Files{}.WriteFile(filepath.Join(dir, layout.CheckpointPath), signed, 0o644)
}
