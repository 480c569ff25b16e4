package tesseralog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"example.org/custody/ledger"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height     = 8           // of a tile, in levels
	width      = 1 << height // leaves in a bundle, hashes in a tile
	entryBytes = 2 + ledger.LeafSize
)

// tiles reads a C2SP tlog-tiles folder. A partial tile is there for each size at
// which the tree was committed, until the full one replaces it.
type tiles struct{ root string }

// read returns the file that path gives for the partial width p, or the full
// one's when the partial is gone; p = 0 means the full one.
func (t tiles) read(path func(p uint8) string, p uint8) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(t.root, filepath.FromSlash(path(p))))
	if p != 0 && errors.Is(err, fs.ErrNotExist) {
		b, err = os.ReadFile(filepath.Join(t.root, filepath.FromSlash(path(0))))
	}
	return b, err
}

// leaves yields the leaves from ≤ index < to of a log whose committed size is size.
func (t tiles) leaves(ctx context.Context, from, to, size uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		if from > to || to > size {
			yield(ledger.Leaf{}, fmt.Errorf("leaves %d to %d of a log of size %d", from, to, size))
			return
		}
		for r := range layout.Range(from, to-from, size) {
			b, err := t.bundle(ctx, r)
			if err != nil {
				yield(ledger.Leaf{}, err)
				return
			}
			for ; len(b) > 0; b = b[entryBytes:] {
				if !yield(ledger.Leaf(b[2:entryBytes]), nil) {
					return
				}
			}
		}
	}
}

// bundle returns the entries of one bundle that r asks for, each of them known to
// have a leaf's length.
func (t tiles) bundle(ctx context.Context, r layout.RangeInfo) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := t.read(func(p uint8) string { return layout.EntriesPath(r.Index, p) }, r.Partial)
	if err != nil {
		return nil, fmt.Errorf("bundle %d: %w", r.Index, err)
	}
	if len(b)%entryBytes != 0 || len(b)/entryBytes < int(r.First+r.N) {
		return nil, fmt.Errorf("bundle %d has %d bytes: %w", r.Index, len(b), ErrDamaged)
	}
	b = b[r.First*entryBytes : (r.First+r.N)*entryBytes]
	for i := 0; i < len(b); i += entryBytes {
		if n := binary.BigEndian.Uint16(b[i:]); n != ledger.LeafSize {
			return nil, fmt.Errorf("bundle %d has an entry of %d bytes: %w", r.Index, n, ErrDamaged)
		}
	}
	return b, nil
}

// hashes returns a reader of the stored hashes of the tree of size leaves, in a
// log whose committed size is now.
func (t tiles) hashes(ctx context.Context, size, now uint64) tlog.HashReader {
	return &hashReader{
		ctx: ctx, tiles: t, size: size, now: now,
		read: map[tlog.Tile][]byte{}, made: map[int64]tlog.Hash{},
	}
}

// hashReader keeps what it has read and computed: the proofs of a batch share
// most of their hashes, and one within a tile costs up to 127 others.
type hashReader struct {
	ctx       context.Context
	tiles     tiles
	size, now uint64

	mu   sync.Mutex
	read map[tlog.Tile][]byte
	made map[int64]tlog.Hash
}

// ReadHashes implements [tlog.HashReader].
func (r *hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size > r.now {
		return nil, fmt.Errorf("hashes of a tree of size %d in a log of size %d", r.size, r.now)
	}
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		h, ok := r.made[x]
		if !ok {
			var err error
			if h, err = r.hash(x); err != nil {
				return nil, err
			}
			r.made[x] = h
		}
		out[i] = h
	}
	return out, nil
}

func (r *hashReader) hash(x int64) (tlog.Hash, error) {
	if x < 0 || x >= tlog.StoredHashCount(int64(r.size)) {
		return tlog.Hash{}, fmt.Errorf("no stored hash %d in a tree of size %d", x, r.size)
	}
	t := tlog.TileForIndex(height, x)
	t.W = int(min(r.now>>(height*t.L)-uint64(t.N)<<height, width))
	data, ok := r.read[t]
	if !ok {
		var err error
		if data, err = r.tiles.tile(r.ctx, t); err != nil {
			return tlog.Hash{}, err
		}
		r.read[t] = data
	}
	return tlog.HashFromTile(t, data, x)
}

// tile returns the t.W first hashes of a tile.
func (t tiles) tile(ctx context.Context, want tlog.Tile) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path := func(p uint8) string { return layout.TilePath(uint64(want.L), uint64(want.N), p) }
	b, err := t.read(path, uint8(want.W%width))
	if err != nil {
		return nil, fmt.Errorf("tile: %w", err)
	}
	if len(b) < want.W*tlog.HashSize {
		return nil, fmt.Errorf("tile %s has %d bytes: %w", path(uint8(want.W%width)), len(b), ErrDamaged)
	}
	return b[:want.W*tlog.HashSize], nil
}

// checkpoint returns the published checkpoint.
func (t tiles) checkpoint() ([]byte, error) {
	return os.ReadFile(filepath.Join(t.root, layout.CheckpointPath))
}
