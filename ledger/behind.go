package ledger

import "errors"

// ErrBehind reports that a cosigner has seen more of a ledger than there is, or
// something else (rule P21): an old copy of the ledger was put back, or two are
// written under one key. The ledger must sign nothing more.
var ErrBehind = errors.New("a cosigner has seen another state of the ledger")

// ErrQuorum reports a checkpoint without the cosignatures that the policy asks.
var ErrQuorum = errors.New("cosignatures are missing")
