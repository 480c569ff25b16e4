package tesseralog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// Reader reads a ledger's folder, or a copy of it, as far as its published
// checkpoint goes. It needs no lock and no right to write, and another process may
// have the ledger open: published tiles do not change.
type Reader struct {
	tiles  folder
	origin evidence.Origin
}

var _ ledger.Reader = (*Reader)(nil)

// OpenReader returns a reader of the ledger in dir. Errors: [ErrNone],
// [ErrHalf], [ErrVersion], [ErrDamaged].
func OpenReader(dir string) (*Reader, error) {
	o, err := readFormat(dir)
	if err != nil {
		return nil, err
	}
	return &Reader{tiles: folder{TilesDir(dir)}, origin: o}, nil
}

// Origin returns the log's name, as its folder states it.
func (r *Reader) Origin() evidence.Origin { return r.origin }

// Checkpoint returns the published checkpoint, signed by the log alone. Its
// signature is not verified here.
func (r *Reader) Checkpoint(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := r.tiles.checkpoint()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("published checkpoint: %w", ErrHalf)
	}
	return b, err
}

// Size returns the size of the published checkpoint.
func (r *Reader) Size(ctx context.Context) (uint64, error) {
	b, err := r.Checkpoint(ctx)
	if err != nil {
		return 0, err
	}
	c, err := ledger.ReadCheckpoint(b)
	if err != nil {
		return 0, fmt.Errorf("published checkpoint: %w: %w", err, ErrDamaged)
	}
	if c.Origin != r.origin {
		return 0, fmt.Errorf("published checkpoint of %q in the ledger %q: %w", c.Origin, r.origin, ErrDamaged)
	}
	return c.Size, nil
}

// Leaves implements [ledger.Reader].
func (r *Reader) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	size, err := r.Size(ctx)
	if err != nil {
		return func(yield func(ledger.Leaf, error) bool) { yield(ledger.Leaf{}, err) }
	}
	return r.tiles.leaves(ctx, from, to, size)
}

// Hashes implements [ledger.Reader]. The reader keeps what it has read: get a
// new one for each size, and not for each proof.
func (r *Reader) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	now, err := r.Size(ctx)
	if err != nil {
		return tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, err })
	}
	return r.tiles.hashes(ctx, size, now)
}
