package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/transparency-dev/tessera/api/layout"

	"example.org/custody/ledger"
)

// Health is how a ledger's servers are, as somebody sees who opens nothing.
type Health struct {
	Config
	Leaves     uint64 // durable in the database
	Integrated uint64 // by the signer; what is above waits for receipts
	Published  uint64 // size of the checkpoint that the publisher has recorded
	Ended      bool   // no node appends any more
}

// Look asks the servers of the ledger in dir how they are. Nothing is opened, and nothing stays
// changed; a node may be at work. What dir has published must not be more than the database has.
// Errors: [ErrNone], [ErrConfig], [ErrUnsafe], [ErrDatabase], [ErrServer], [ledger.ErrBehind].
func Look(ctx context.Context, dir string) (Health, error) {
	s, err := readConfig(dir)
	if err != nil {
		return Health{}, err
	}
	h := Health{Config: s.Config}
	db, err := dial(ctx, s.Database)
	if err != nil {
		return h, err
	}
	defer db.close()
	r, err := db.ledgerOf(ctx, s.Origin)
	switch {
	case err != nil:
		return h, err
	case r.tree != s.Tree:
		return h, fmt.Errorf("the database has %q as tree %d, the folder as %d: %w", s.Origin, r.tree, s.Tree, ErrConfig)
	}
	h.Published, h.Ended = r.size, r.ended != nil
	_, err = db.checkGuards(ctx)
	if err := errors.Join(err, db.checkDurable(ctx)); err != nil {
		return h, err
	}
	if h.Leaves, err = db.leaves(ctx, s.Tree); err != nil {
		return h, err
	}
	server, err := connect(s.LogServer, patience)
	if err != nil {
		return h, err
	}
	defer server.close()
	if err := server.check(ctx, s.Tree); err != nil {
		return h, err
	}
	if h.Integrated, _, err = server.root(ctx, s.Tree); err != nil {
		return h, err
	}
	signed, err := os.ReadFile(filepath.Join(TilesDir(dir), layout.CheckpointPath))
	if err != nil {
		return h, err
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err == nil && c.Size > h.Leaves {
		err = fmt.Errorf("the database has %d leaves, %d are published here: %w", h.Leaves, c.Size, ledger.ErrBehind)
	}
	return h, err
}

// leaves returns how many leaves of a tree are durable.
func (d *database) leaves(ctx context.Context, tree int64) (n uint64, err error) {
	err = d.queryRow(ctx, "SELECT COALESCE(MAX(SequenceNumber) + 1, 0) FROM SequencedLeafData WHERE TreeId = $1", tree).Scan(&n)
	return n, inDatabase(err)
}
