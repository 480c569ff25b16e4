package writer

import (
	"errors"
	"fmt"

	"example.org/custody/ledger"
)

// ErrReadOnly reports a ledger that must not be written any more; what it wraps says
// why. It wraps [ledger.ErrFatal].
var ErrReadOnly = fmt.Errorf("the ledger is read-only: %w", ledger.ErrFatal)

// ErrBehind is [ledger.ErrBehind].
var ErrBehind = ledger.ErrBehind

// ErrQuorum is [ledger.ErrQuorum]. The leaves are in the log all the same; submitting
// them again asks for the receipt.
var ErrQuorum = ledger.ErrQuorum

// ErrNotLogged reports that an append failed and the leaves are known not to be in
// the log. Submitting the same leaves again is safe.
var ErrNotLogged = errors.New("the leaves were not logged")

// ErrUnknown reports that an append failed and that the log cannot be read to find out
// what it did, or that the leaves are not there yet while the append may go on
// ([ledger.ErrOpen]) or other nodes could have them.
// Submitting the same leaves again finds out (rule P20).
var ErrUnknown = errors.New("what became of the leaves is not known")

// ErrClosed reports use of a writer after Close.
var ErrClosed = errors.New("ledger is closed")

// ErrEpoch reports an epoch among the leaves submitted: only the writer makes them.
var ErrEpoch = errors.New("epochs are the writer's to write")

// ErrTooMany reports more than [MaxLeaves] leaves in one submission.
var ErrTooMany = errors.New("too many leaves in one submission")
