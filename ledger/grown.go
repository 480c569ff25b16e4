package ledger

import (
	"context"
	"errors"
)

// Shared is a [Log] to which other nodes append, too.
type Shared interface {
	Log
	// Turn waits for the right to append, which one node has at a time. The right is kept
	// for the AppendAt that follows, soon: kept for too long it goes to the next node.
	//
	// wanted are event leaves that the caller is about to append. While it waits, the node
	// that has the right may append them in the caller's stead ([Turn.Taken]). Without any the
	// caller waits for itself, and nobody's are handed to it.
	//
	// An error says that the right was not got, and unless [Turn.Offered] is set that no
	// other node has, or will have, the wanted leaves.
	Turn(ctx context.Context, wanted []Leaf) (Turn, error)
	// Confirm waits until the first size leaves count as after an append, those that another
	// node has taken ([Turn.Taken]) among them. An error leaves that open.
	Confirm(ctx context.Context, size uint64) error
	// AppendAt appends leaves at index first, which must be the next one, as the caller
	// has decided them, and gives the right to append back. Without [Shared.Turn] before
	// it waits for the right itself. [ErrGrown] says that others came first, or that
	// the right was kept for too long and has been lost meanwhile, and that this call has put
	// none of these leaves into the log: the caller reads the log, decides its own leaves
	// again, without [Turn.Others], which are their nodes' again, and calls again, soon,
	// because the right is kept for it meanwhile. When nothing is left to append it calls with
	// no leaves, which gives the right back, wherever first is, and to the others their leaves.
	// [ErrOpen] says that they are not in the log and may be yet; any other error, that what
	// the log has of them by now is all it will ever have.
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
	// Stuck returns why nothing that is appended counts, though it may be durable, and nil
	// unless that has shown at an append of this node's and is so now.
	Stuck(ctx context.Context) error
	// Reopen takes back an end that this node, in this session, was the last to make and
	// that is not for good. It changes nothing else.
	Reopen(ctx context.Context) error
}

// Turn is what [Shared.Turn] returns.
type Turn struct {
	// Size is that of the log now.
	Size uint64
	// Taken says that another node has taken the wanted leaves into its own append, and
	// that the right is not the caller's. The log has those that were accepted, which count
	// when [Shared.Confirm] has said so; with an error it is not known which.
	Taken bool
	// Offered says that the wanted leaves, or those of a call not long before, lay open to
	// other nodes for a while, or that an append of this node's is open ([ErrOpen]), whatever
	// else is true. A node that took them may have died since, while its append goes on: of a
	// leaf that is not in the log and that the caller does not append, nobody knows that it
	// will not land.
	Offered bool
	// Others are leaves that other nodes want, in no state yet: the caller decides them
	// with its own, and appends those that it accepts in the AppendAt that follows. Those
	// nodes read what became of them from the log.
	Others []Leaf
}

// ErrEndedByNode reports that a node has ended the log, or is about to, and that nothing was
// appended.
var ErrEndedByNode = errors.New("the ledger was ended at one of its nodes")

// ErrGrown reports an append that was decided before another node's leaves were there.
var ErrGrown = errors.New("another node has appended to the ledger")

// ErrOpen reports an append of which it is not known whether it will land, also when the log
// has been read behind it: whoever was asked for it may not have ended.
var ErrOpen = errors.New("the leaves may be logged yet")
