//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package tesseralog

import (
	"context"
	"iter"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Log is the open ledger of one folder; there is none on this system.
type Log struct{ never }

// Create returns [ErrUnavailable] on this system.
func Create(context.Context, string, note.Signer) error { return ErrUnavailable }

// Open returns [ErrUnavailable] on this system.
func Open(context.Context, string, note.Signer) (*Log, error) { return nil, ErrUnavailable }

// never has the methods of a log. No value of it is ever made.
type never struct{}

var _ ledger.Log = (*Log)(nil)

// Origin implements [ledger.Log].
func (never) Origin() evidence.Origin { return "" }

// Append implements [ledger.Log].
func (never) Append(context.Context, []ledger.Leaf) ([]uint64, error) { return nil, ErrUnavailable }

// Size implements [ledger.Reader].
func (never) Size(context.Context) (uint64, error) { return 0, ErrUnavailable }

// Leaves implements [ledger.Reader].
func (never) Leaves(context.Context, uint64, uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) { yield(ledger.Leaf{}, ErrUnavailable) }
}

// Hashes implements [ledger.Reader].
func (never) Hashes(context.Context, uint64) tlog.HashReader {
	return tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, ErrUnavailable })
}

// Close implements [ledger.Log].
func (never) Close() error { return nil }
