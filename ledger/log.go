package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"example.org/custody/evidence"
	"golang.org/x/mod/sumdb/tlog"
)

// Log is the append-only sequence of leaves under one origin that an engine
// keeps. The writer above it (ledger/writer) gives seals, epochs and receipts
// their meaning; the engine gives order and durability.
//
// Contract, checked by ledger/ledgertest for every engine:
//
//   - Append returns only when every leaf is durable (would survive power loss)
//     and counted by Size. Indexes rise in the order of the slice; within one
//     call, and between calls of which one began after the other returned.
//   - An error from Append says nothing about which leaves are in the log: none,
//     some or all. The caller reads the log to find out and retries the same
//     bytes. An error that wraps [ErrFatal] means the engine must be closed.
//   - An engine that itself refuses a second close returns a [*ClosedError].
//   - Size never falls. Hashes and leaves below Size never change.
//   - At most one open engine per log: a second Open, in this process or
//     another, fails with [ErrInUse].
//   - All methods may be called concurrently.
type Log interface {
	// Origin returns the log's name.
	Origin() evidence.Origin
	// Append adds leaves and returns the index of each.
	Append(ctx context.Context, leaves []Leaf) ([]uint64, error)
	Reader
	// Close releases the log after what was acknowledged is durable.
	Close() error
}

// Reader reads a log; it needs no right to write.
type Reader interface {
	// Size returns the number of durable leaves.
	Size(ctx context.Context) (uint64, error)
	// Leaves yields the leaves with from ≤ index < to in order; to must not
	// exceed Size. It stops after the first error.
	Leaves(ctx context.Context, from, to uint64) iter.Seq2[Leaf, error]
	// Hashes gives the stored Merkle hashes for a tree of size leaves
	// (tlog.StoredHashIndex numbering), from which [golang.org/x/mod/sumdb/tlog]
	// builds roots and proofs.
	Hashes(ctx context.Context, size uint64) tlog.HashReader
}

// ErrFatal is wrapped by errors after which the ledger must not go on writing:
// a tree that shrank, a lost compare-and-swap, a close that happened twice.
var ErrFatal = errors.New("ledger must stop")

// ErrInUse reports that the log is open elsewhere.
var ErrInUse = errors.New("ledger is open elsewhere")

// ClosedError reports that a seal is closed already.
type ClosedError struct {
	Seal  evidence.Seal // the seal that was to be closed
	Index uint64        // index of the leaf that closed it
	Leaf  evidence.Hash // leaf hash of that leaf
}

// Error implements error.
func (e *ClosedError) Error() string {
	return fmt.Sprintf("seal %s is closed already, by leaf %d", e.Seal, e.Index)
}
