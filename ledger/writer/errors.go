package writer

import (
	"errors"
	"fmt"

	"example.org/custody/ledger"
)

// ErrReadOnly reports a ledger that must not be written any more; what it wraps says
// why. It wraps [ledger.ErrFatal].
var ErrReadOnly = fmt.Errorf("the ledger is read-only: %w", ledger.ErrFatal)

// ErrBehind reports that a cosigner has seen more of the ledger than there is, or
// something else (rule P21): an old copy of the ledger was put back, or two are
// written under one key.
var ErrBehind = errors.New("a cosigner has seen another state of the ledger")

// ErrQuorum reports a checkpoint without the cosignatures that the policy asks. The
// leaves are in the log all the same; submitting them again asks for the receipt.
var ErrQuorum = errors.New("cosignatures are missing")

// ErrNotLogged reports that an append failed and the leaves are known not to be in
// the log. Submitting the same leaves again is safe.
var ErrNotLogged = errors.New("the leaves were not logged")

// ErrClosed reports use of a writer after Close.
var ErrClosed = errors.New("ledger is closed")

// ErrEpoch reports an epoch among the leaves submitted: only the writer makes them.
var ErrEpoch = errors.New("epochs are the writer's to write")

// ErrTooMany reports more than [MaxLeaves] leaves in one submission.
var ErrTooMany = errors.New("too many leaves in one submission")
