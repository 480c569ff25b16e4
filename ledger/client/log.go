package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"sync"

	"example.org/custody/ledger"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height     = 8 // of a tile, in levels
	width      = 1 << height
	entryBytes = 2 + ledger.LeafSize
	tileBytes  = width * tlog.HashSize
	// ahead is how many bundles are asked for before the first has come: what
	// keeps a replay going over a distance.
	ahead = 8
)

// ErrAnswer reports an answer that is not what was asked for.
var ErrAnswer = errors.New("node answered something else")

// Log is a ledger that a node serves (C2SP tlog-tiles).
type Log struct{ node *Node }

// Checkpoint returns the newest checkpoint, with what signatures it has. None of
// them is verified here.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) {
	return get(ctx, l.node.http, l.node.base.JoinPath(layout.CheckpointPath), ledger.MaxNote)
}

// At returns a reader of the tree of size leaves. That is the size of a checkpoint
// that the ledger has signed, published or not: a node has partial tiles for those
// sizes, and for no others.
func (l *Log) At(size uint64) *Tree { return &Tree{l.node, size} }

// Tree reads the first leaves of a ledger. What it gives is not proven.
type Tree struct {
	node *Node
	size uint64
}

var _ ledger.Reader = (*Tree)(nil)

// Size implements [ledger.Reader].
func (t *Tree) Size(context.Context) (uint64, error) { return t.size, nil }

// Leaves implements [ledger.Reader].
func (t *Tree) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		if from > to || to > t.size {
			yield(ledger.Leaf{}, fmt.Errorf("leaves %d to %d of a ledger of size %d", from, to, t.size))
			return
		}
		for b, err := range t.bundles(ctx, from, to) {
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

// bundles yields the entries from ≤ index < to, bundle by bundle. A few are on
// their way at a time; none is left over when the caller stops.
func (t *Tree) bundles(ctx context.Context, from, to uint64) iter.Seq2[[]byte, error] {
	type result struct {
		b   []byte
		err error
	}
	return func(yield func([]byte, error) bool) {
		var work sync.WaitGroup
		defer work.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var waiting []chan result
		next := func() bool {
			r := <-waiting[0]
			waiting = waiting[1:]
			return yield(r.b, r.err) && r.err == nil
		}
		for r := range layout.Range(from, to-from, t.size) {
			if len(waiting) == ahead && !next() {
				return
			}
			c := make(chan result, 1)
			waiting = append(waiting, c)
			work.Go(func() {
				b, err := t.bundle(ctx, r)
				c <- result{b, err}
			})
		}
		for len(waiting) > 0 && next() {
		}
	}
}

// bundle returns the entries of one bundle that r asks for, each of them known to
// have a leaf's length.
func (t *Tree) bundle(ctx context.Context, r layout.RangeInfo) ([]byte, error) {
	b, err := t.fetch(ctx, func(p uint8) string { return layout.EntriesPath(r.Index, p) }, r.Partial, width*entryBytes)
	if err != nil {
		return nil, fmt.Errorf("bundle %d: %w", r.Index, err)
	}
	if len(b)%entryBytes != 0 || len(b)/entryBytes < int(r.First+r.N) {
		return nil, fmt.Errorf("bundle %d has %d bytes: %w", r.Index, len(b), ErrAnswer)
	}
	b = b[r.First*entryBytes : (r.First+r.N)*entryBytes]
	for i := 0; i < len(b); i += entryBytes {
		if n := int(b[i])<<8 | int(b[i+1]); n != ledger.LeafSize {
			return nil, fmt.Errorf("bundle %d has an entry of %d bytes: %w", r.Index, n, ErrAnswer)
		}
	}
	return b, nil
}

// fetch returns a tile or bundle of the partial width p, or the full one when the
// partial is gone; p = 0 means the full one.
func (t *Tree) fetch(ctx context.Context, path func(p uint8) string, p uint8, limit int64) ([]byte, error) {
	b, err := get(ctx, t.node.http, t.node.base.JoinPath(path(p)), limit)
	if p != 0 && errors.Is(err, fs.ErrNotExist) {
		b, err = get(ctx, t.node.http, t.node.base.JoinPath(path(0)), limit)
	}
	return b, err
}

// Hashes implements [ledger.Reader]. The reader keeps the tiles it has read.
func (t *Tree) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	// A larger tree is asked for when an auditor holds two signed ones against each
	// other; a smaller one is part of this.
	r := &hashReader{ctx: ctx, tree: t, size: size, now: max(size, t.size), read: map[tlog.Tile][]byte{}}
	return tlog.HashReaderFunc(r.hashes)
}

type hashReader struct {
	ctx       context.Context
	tree      *Tree
	size, now uint64

	mu   sync.Mutex
	read map[tlog.Tile][]byte
}

func (r *hashReader) hashes(indexes []int64) ([]tlog.Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if r.size > ledger.MaxSize || x < 0 || x >= tlog.StoredHashCount(int64(r.size)) {
			return nil, fmt.Errorf("no stored hash %d in a tree of size %d", x, r.size)
		}
		tile := tlog.TileForIndex(height, x)
		tile.W = int(min(r.now>>(height*tile.L)-uint64(tile.N)<<height, width))
		data, err := r.tile(tile)
		if err == nil {
			out[i], err = tlog.HashFromTile(tile, data, x)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tile returns the t.W first hashes of a tile.
func (r *hashReader) tile(t tlog.Tile) ([]byte, error) {
	if b, ok := r.read[t]; ok {
		return b, nil
	}
	path := func(p uint8) string { return layout.TilePath(uint64(t.L), uint64(t.N), p) }
	b, err := r.tree.fetch(r.ctx, path, uint8(t.W%width), tileBytes)
	if err != nil {
		return nil, fmt.Errorf("tile: %w", err)
	}
	if len(b) < t.W*tlog.HashSize {
		return nil, fmt.Errorf("tile %s has %d bytes: %w", path(uint8(t.W%width)), len(b), ErrAnswer)
	}
	r.read[t] = b[:t.W*tlog.HashSize]
	return r.read[t], nil
}
