package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
)

// stateName is where tessera keeps what it needs to write the tiles of a folder. Under
// the name retiredName it does not find it, and refuses the folder.
const (
	stateName   = ".state"
	retiredName = ".state-of-tessera"
)

// migrateAtOnce is the number of leaves of one batch of a migration.
const migrateAtOnce = 1000

// Migrating reports whether a migration of the ledger in dir was interrupted after
// tessera had let go of it.
func Migrating(dir string) bool {
	_, err := os.Lstat(filepath.Join(TilesDir(dir), retiredName))
	return err == nil && !Made(dir)
}

// Migrate moves the ledger in dir, which r reads and no engine has open, to Trillian: the
// same leaves at the same indexes, under the same root, key and name. The tiles in the
// folder stay as they are. It returns the number of leaves.
//
// Only when Trillian has all of them, integrated to the same root, does the folder become
// one of this engine; until then nothing in it has changed. Interrupted, it can be called
// again: leaves that are in the database already must be the same. Errors: those of
// [Create], and [ledger.ErrFatal] when another ledger of that name is in the database.
func Migrate(ctx context.Context, dir string, signer note.Signer, c Config, r ledger.Reader) (uint64, error) {
	o, err := evidence.ParseOrigin(signer.Name())
	if err != nil {
		return 0, err
	}
	held, err := hold(dir)
	if err != nil {
		return 0, err
	}
	defer held.Close()
	size, err := r.Size(ctx)
	if err != nil {
		return 0, err
	}
	want, err := ledger.CheckpointOf(o, size, r.Hashes(ctx, size))
	if err != nil {
		return 0, err
	}
	m, err := newMigration(ctx, o, signer, c)
	if err != nil {
		return 0, err
	}
	defer m.close()
	if err := m.copy(ctx, r, size); err != nil {
		return 0, fmt.Errorf("copying the leaves: %w", err)
	}
	if err := m.settle(ctx, want); err != nil {
		return 0, err
	}
	return size, retire(dir, stored{Config: c, Format: configFormat, Origin: o, Tree: m.tree})
}

// retire takes the folder from tessera and gives it to this engine.
func retire(dir string, s stored) error {
	files := durable.Files{}
	tiles := TilesDir(dir)
	err := files.Replace(filepath.Join(tiles, stateName), filepath.Join(tiles, retiredName))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := files.SyncDir(tiles); err != nil {
		return err
	}
	return s.write(dir, files)
}

// migration is a ledger on its way into a tree.
type migration struct {
	*Log
}

// newMigration opens the servers and makes the tree, or finds the one of an interrupted
// migration.
func newMigration(ctx context.Context, o evidence.Origin, signer note.Signer, c Config) (_ *migration, err error) {
	l := &Log{origin: o, signer: signer, patience: patience, closing: make(chan struct{})}
	m := &migration{l}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.close())
		}
	}()
	if l.db, err = dial(ctx, c.Database); err != nil {
		return nil, err
	}
	if l.server, err = connect(c.LogServer, patience); err != nil {
		return nil, err
	}
	l.server.singly = l.db.words().singly
	if err := l.db.prepare(ctx); err != nil {
		return nil, err
	}
	row, err := l.db.ledgerOf(ctx, o)
	if errors.Is(err, ErrNone) {
		l.tree, err = makeTree(ctx, o, signer, c, l.db)
		return m, err
	}
	if err == nil && row.keyHash != signer.KeyHash() {
		err = fmt.Errorf("%q: %w", o, ErrKey)
	}
	l.tree = row.tree
	return m, err
}

func (m *migration) close() error { return m.release() }

// copy adds the leaves that the tree lacks. Those that it has must be the same.
func (m *migration) copy(ctx context.Context, r ledger.Reader, size uint64) error {
	there := uint64(0)
	for {
		from, same := there, true
		next, stop := pull(ctx, r, from, size)
		err := m.db.sequenced(ctx, m.tree, from, func(index uint64, _, leaf []byte) error {
			l, ok := next()
			same = same && ok && index == there && string(l[:]) == string(leaf)
			there++
			return nil
		})
		stop()
		if err == nil && !same {
			err = fmt.Errorf("the database has another ledger %q: %w", m.origin, ledger.ErrFatal)
		}
		if err != nil {
			return err
		}
		if there-from < readAtOnce {
			break
		}
	}
	var batch []ledger.Leaf
	for l, err := range r.Leaves(ctx, there, size) {
		if err != nil {
			return err
		}
		if batch = append(batch, l); len(batch) == migrateAtOnce {
			if err := m.server.add(ctx, m.tree, there, batch); err != nil {
				return err
			}
			there, batch = there+uint64(len(batch)), batch[:0]
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return m.server.add(ctx, m.tree, there, batch)
}

// pull returns the leaves of r one by one.
func pull(ctx context.Context, r ledger.Reader, from, to uint64) (next func() (ledger.Leaf, bool), stop func()) {
	pullNext, stop := iter.Pull2(r.Leaves(ctx, from, to))
	return func() (ledger.Leaf, bool) {
		l, err, ok := pullNext()
		return l, ok && err == nil
	}, stop
}

// settle waits until Trillian has integrated every leaf, to the root of the ledger's own
// checkpoint, and records it as published.
func (m *migration) settle(ctx context.Context, want ledger.Checkpoint) error {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	grew, at := time.Now(), uint64(0)
	for {
		size, root, err := m.server.root(ctx, m.tree)
		switch {
		case err == nil && size == want.Size && root != want.Root, err == nil && size > want.Size:
			return fmt.Errorf("Trillian has %d leaves under %s, the ledger %d under %s: %w", size, root, want.Size, want.Root, ledger.ErrFatal)
		case err == nil && size == want.Size:
			return m.db.publish(ctx, m.tree, want)
		case err == nil && size > at:
			grew, at = time.Now(), size
		case time.Since(grew) > m.patience:
			return errors.Join(fmt.Errorf("Trillian has integrated %d of %d leaves: %w", at, want.Size, ErrSigner), err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
