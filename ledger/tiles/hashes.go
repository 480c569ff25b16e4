package tiles

import (
	"context"
	"fmt"
	"sync"

	"example.org/custody/ledger"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"
)

// Hashes returns a reader of the stored hashes of the tree of size leaves, in a log
// whose committed size is now. It keeps what it has read and computed, because the
// proofs of a batch share most of their hashes, and one within a tile costs up to 127
// others: get a new one for each size, and not for each proof.
func (r Reader) Hashes(ctx context.Context, size, now uint64) tlog.HashReader {
	return &hashes{ctx: ctx, tiles: r, size: size, now: now, read: map[tlog.Tile][]byte{}, made: map[int64]tlog.Hash{}}
}

type hashes struct {
	ctx       context.Context
	tiles     Reader
	size, now uint64

	mu   sync.Mutex
	read map[tlog.Tile][]byte
	made map[int64]tlog.Hash
}

// ReadHashes implements [tlog.HashReader].
func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.size > h.now || h.size > ledger.MaxSize {
		return nil, fmt.Errorf("hashes of a tree of size %d in a log of size %d", h.size, h.now)
	}
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		got, ok := h.made[x]
		if !ok {
			var err error
			if got, err = h.hash(x); err != nil {
				return nil, err
			}
			h.made[x] = got
		}
		out[i] = got
	}
	return out, nil
}

func (h *hashes) hash(x int64) (tlog.Hash, error) {
	if x < 0 || x >= tlog.StoredHashCount(int64(h.size)) {
		return tlog.Hash{}, fmt.Errorf("no stored hash %d in a tree of size %d", x, h.size)
	}
	t := tlog.TileForIndex(Height, x)
	t.W = int(min(h.now>>(Height*t.L)-uint64(t.N)<<Height, Width))
	data, ok := h.read[t]
	if !ok {
		var err error
		if data, err = h.tiles.tile(h.ctx, t); err != nil {
			return tlog.Hash{}, err
		}
		h.read[t] = data
	}
	return tlog.HashFromTile(t, data, x)
}

// tile returns the t.W first hashes of a tile.
func (r Reader) tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path := func(p uint8) string { return layout.TilePath(uint64(t.L), uint64(t.N), p) }
	b, err := r.read(ctx, path, uint8(t.W%Width), tileSize)
	if err != nil {
		return nil, fmt.Errorf("tile: %w", err)
	}
	if len(b) < t.W*tlog.HashSize {
		return nil, fmt.Errorf("tile %s has %d bytes: %w", path(uint8(t.W%Width)), len(b), r.Bad)
	}
	return b[:t.W*tlog.HashSize], nil
}
