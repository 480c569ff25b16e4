package client

import (
	"context"
	"errors"
	"iter"

	"example.org/custody/ledger"
	"example.org/custody/ledger/tiles"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"
)

// ahead is how many bundles are asked for before the first has come: what keeps a
// replay going over a distance.
const ahead = 8

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
	return t.tiles().Leaves(ctx, from, to, t.size)
}

// Hashes implements [ledger.Reader]. The reader keeps the tiles it has read.
func (t *Tree) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	// A larger tree is asked for when an auditor holds two signed ones against each
	// other; a smaller one is part of this.
	return t.tiles().Hashes(ctx, size, max(size, t.size))
}

func (t *Tree) tiles() tiles.Reader {
	return tiles.Reader{Source: served{t.node}, Bad: ErrAnswer, Ahead: ahead}
}

// served are the tiles that a node serves.
type served struct{ *Node }

// Read implements [tiles.Source].
func (s served) Read(ctx context.Context, path string, limit int64) ([]byte, error) {
	return get(ctx, s.http, s.base.JoinPath(path), limit)
}
