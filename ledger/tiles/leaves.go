package tiles

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"sync"

	"example.org/custody/ledger"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"
)

// The sizes of C2SP tlog-tiles, and of our leaves in it.
const (
	Height    = 8                   // of a tile, in levels
	Width     = 1 << Height         // leaves in a bundle, hashes in a tile
	EntrySize = 2 + ledger.LeafSize // bytes of a leaf in a bundle: its length, big-endian, and itself
)

const tileSize = Width * tlog.HashSize

// Source gives the files of a tlog-tiles folder.
type Source interface {
	// Read returns the file at a slash-separated path, at most limit bytes of it. One
	// that is not there is [fs.ErrNotExist].
	Read(ctx context.Context, path string, limit int64) ([]byte, error)
}

// Reader reads a log from a source. It has no state and may be used concurrently.
type Reader struct {
	Source
	// Bad is what an error about a file of the wrong shape wraps.
	Bad error
	// Ahead is how many bundles are asked for before the first has come, 1 or more:
	// what keeps a replay going over a distance.
	Ahead int
}

// read returns the file that path gives for the partial width p, or the full one's when
// the partial is gone; p = 0 means the full one.
func (r Reader) read(ctx context.Context, path func(p uint8) string, p uint8, limit int64) ([]byte, error) {
	b, err := r.Read(ctx, path(p), limit)
	if p != 0 && errors.Is(err, fs.ErrNotExist) {
		b, err = r.Read(ctx, path(0), limit)
	}
	return b, err
}

// Leaves yields the leaves from ≤ index < to of a log whose committed size is size. An
// error ends the sequence. Nothing is under way any more when it has ended.
func (r Reader) Leaves(ctx context.Context, from, to, size uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		if from > to || to > size {
			yield(ledger.Leaf{}, fmt.Errorf("leaves %d to %d of a log of size %d", from, to, size))
			return
		}
		for b, err := range r.bundles(ctx, from, to, size) {
			if err != nil {
				yield(ledger.Leaf{}, err)
				return
			}
			for ; len(b) > 0; b = b[EntrySize:] {
				if !yield(ledger.Leaf(b[2:EntrySize]), nil) {
					return
				}
			}
		}
	}
}

// bundles yields the entries from ≤ index < to, bundle by bundle.
func (r Reader) bundles(ctx context.Context, from, to, size uint64) iter.Seq2[[]byte, error] {
	if r.Ahead > 1 {
		return r.ahead(ctx, from, to, size)
	}
	return func(yield func([]byte, error) bool) {
		for i := range layout.Range(from, to-from, size) {
			if b, err := r.bundle(ctx, i); !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// ahead is bundles with a few of them on their way at a time; none is left over when
// the caller stops.
func (r Reader) ahead(ctx context.Context, from, to, size uint64) iter.Seq2[[]byte, error] {
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
			got := <-waiting[0]
			waiting = waiting[1:]
			return yield(got.b, got.err) && got.err == nil
		}
		for i := range layout.Range(from, to-from, size) {
			if len(waiting) == r.Ahead && !next() {
				return
			}
			c := make(chan result, 1)
			waiting = append(waiting, c)
			work.Go(func() {
				b, err := r.bundle(ctx, i)
				c <- result{b, err}
			})
		}
		for len(waiting) > 0 && next() {
		}
	}
}

// bundle returns the entries of one bundle that i asks for, each of them known to
// have a leaf's length.
func (r Reader) bundle(ctx context.Context, i layout.RangeInfo) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := r.read(ctx, func(p uint8) string { return layout.EntriesPath(i.Index, p) }, i.Partial, Width*EntrySize)
	if err != nil {
		return nil, fmt.Errorf("bundle %d: %w", i.Index, err)
	}
	if len(b)%EntrySize != 0 || len(b)/EntrySize < int(i.First+i.N) {
		return nil, fmt.Errorf("bundle %d has %d bytes: %w", i.Index, len(b), r.Bad)
	}
	b = b[i.First*EntrySize : (i.First+i.N)*EntrySize]
	for at := 0; at < len(b); at += EntrySize {
		if n := binary.BigEndian.Uint16(b[at:]); n != ledger.LeafSize {
			return nil, fmt.Errorf("bundle %d has an entry of %d bytes: %w", i.Index, n, r.Bad)
		}
	}
	return b, nil
}
