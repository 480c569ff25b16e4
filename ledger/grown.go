package ledger

import (
	"context"
	"errors"
)

// Shared is a [Log] to which other nodes append, too.
type Shared interface {
	Log
	// Turn waits for the right to append, which one node has at a time, and returns the
	// size of the log then. The right is kept for the AppendAt that follows, soon: kept
	// for too long it goes to the next node. An error says that it was not got.
	Turn(ctx context.Context) (size uint64, err error)
	// AppendAt appends leaves at index first, which must be the next one, as the caller
	// has decided them, and gives the right to append back. Without [Shared.Turn] before
	// it waits for the right itself. [ErrGrown] says that others came first and that none
	// of these leaves is in the log: the caller reads the log, decides again and calls
	// again, soon, because the right is kept for it meanwhile. When nothing is left to
	// append it calls with no leaves, which gives the right back, wherever first is.
	AppendAt(ctx context.Context, first uint64, leaves []Leaf) error
	// End ends the log for every node, with the first size leaves, which must be all there
	// are ([ErrGrown]): from then on each gets [ErrEndedByNode] for whatever it would append. It
	// takes the turn, or the one that is kept, and gives it back. The very same end again
	// is no error, and this node's from then on unless it is for good.
	End(ctx context.Context, size uint64) error
	// EndForGood makes the end, which must stand at size, one that no node takes back. On an
	// error it may be taken back yet, and [Shared.Reopen] is safe.
	EndForGood(ctx context.Context, size uint64) error
	// Ended reports whether a node has ended the log, as it stands now.
	Ended(ctx context.Context) (bool, error)
	// Reopen takes back an end that this node, in this session, was the last to make and
	// that is not for good. It changes nothing else.
	Reopen(ctx context.Context) error
}

// ErrEndedByNode reports that a node has ended the log, or is about to, and that nothing was
// appended.
var ErrEndedByNode = errors.New("the ledger was ended at one of its nodes")

// ErrGrown reports an append that was decided before another node's leaves were there.
var ErrGrown = errors.New("another node has appended to the ledger")
