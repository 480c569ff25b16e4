package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/tiles"
)

// newMirror returns an empty mirror in the folder root.
func newMirror(root string, files durable.Files) *mirror {
	return &mirror{root: root, files: files, loose: map[string]struct{}{}}
}

// openMirror opens the mirror in root as far as its published checkpoint goes, which it
// returns; what was written behind it is computed again. One that is damaged where the
// log grows begins anew at nothing, and only its checkpoint is returned. Older tiles are
// not read here.
func openMirror(ctx context.Context, root string, o evidence.Origin, files durable.Files) (*mirror, ledger.Checkpoint, error) {
	empty := ledger.Checkpoint{Origin: o, Root: ledger.EmptyRoot}
	m := newMirror(root, files)
	signed, err := os.ReadFile(m.path(layout.CheckpointPath))
	if errors.Is(err, os.ErrNotExist) {
		return m, empty, nil
	}
	if err != nil {
		return nil, empty, err
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil || c.Origin != o {
		return nil, empty, fmt.Errorf("published checkpoint in %s: %w", root, errors.Join(err, ErrConfig))
	}
	if err := m.load(ctx, c); err != nil {
		if ctx.Err() != nil {
			return nil, c, ctx.Err()
		}
		m = newMirror(root, files)
		err := os.RemoveAll(m.path("tile"))
		return m, c, err
	}
	return m, c, nil
}

// load takes up the tiles of the tree of c, and fails unless they, and the leaves of the
// last bundle, give its root.
func (m *mirror) load(ctx context.Context, c ledger.Checkpoint) error {
	m.count = c.Size
	m.size.Store(c.Size)
	if now, err := m.checkpoint(ctx, c.Origin, c.Size); err != nil || now != c {
		return fmt.Errorf("tiles do not give the root of %d leaves: %w", c.Size, errors.Join(err, errMirror))
	}
	n := c.Size
	for level := range m.rows {
		width := int(n % tiles.Width)
		for i := range width {
			at := tlog.StoredHashIndex(level*tiles.Height, int64(n-uint64(width))+int64(i))
			h, err := m.hashes(ctx, c.Size).ReadHashes([]int64{at})
			if err != nil {
				return err
			}
			m.rows[level] = append(m.rows[level], h[0])
		}
		n /= tiles.Width
	}
	return m.loadBundle(ctx, c.Size)
}

// loadBundle takes up the last bundle, whose leaves must be those of the last tile.
func (m *mirror) loadBundle(ctx context.Context, size uint64) error {
	if size == 0 {
		return nil
	}
	from := (size - 1) / tiles.Width * tiles.Width
	hashes := m.hashes(ctx, size)
	for l, err := range m.leaves(ctx, from, size) {
		if err != nil {
			return err
		}
		h, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(from))})
		if err != nil {
			return err
		}
		if h[0] != tlog.Hash(l.Hash()) {
			return fmt.Errorf("leaf %d is not that of its tile: %w", from, errMirror)
		}
		from++
		m.last = l
		if size%tiles.Width != 0 {
			m.bundle = append(m.bundle, 0, ledger.LeafSize)
			m.bundle = append(m.bundle, l[:]...)
		}
	}
	return nil
}
