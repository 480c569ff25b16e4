package closed

import (
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// ErrDamaged reports that the map's file is torn, truncated, damaged or of
// another version. Nothing is lost: [Create] starts an empty one in its place and
// [Map.Replay] fills it from the log.
var ErrDamaged = errors.New("file of the map of closed seals is damaged")

// ErrOrigin reports a file that holds the map of another log.
var ErrOrigin = errors.New("file holds the map of another ledger")

// ErrAhead reports that the map has seen leaves that the log does not have, or
// has otherwise: the log's folder was put back to an old state, or is another's. It
// wraps [ledger.ErrFatal].
var ErrAhead = fmt.Errorf("the ledger has lost leaves that its map has seen: %w", ledger.ErrFatal)

// ErrLag reports an epoch that covers so much less than what is before it that
// its root cannot be checked here: more than [MaxLag] leaves in [Map.Replay], any in
// [Map.Add].
var ErrLag = errors.New("epoch lags behind its ledger")

// MaxLag is how many leaves an epoch may leave uncovered before it for
// [Map.Replay] to check it. Writers leave none (spec/leaf.md, "Epoch").
const MaxLag = 1 << 20

// LeafError reports the first leaf of a log that breaks a rule. Err is an error of
// [Map.Add].
type LeafError struct {
	Index uint64
	Leaf  ledger.Leaf
	Err   error
}

// Error implements error.
func (e *LeafError) Error() string { return fmt.Sprintf("leaf %d: %v", e.Index, e.Err) }

// Unwrap returns Err.
func (e *LeafError) Unwrap() error { return e.Err }

// EpochFault is what is wrong with an epoch (rule P1).
type EpochFault string

// The faults an epoch can have.
const (
	CoversTooMuch EpochFault = "it covers leaves that are not before it"
	CoversLess    EpochFault = "it covers less than the epoch before it"
	WrongLink     EpochFault = "it does not name the epoch before it"
	WrongRoot     EpochFault = "its root is not that of the seals it covers"
)

// EpochError reports an epoch that breaks rule P1.
type EpochError struct {
	Index uint64 // where the epoch stands
	Epoch ledger.Epoch
	Fault EpochFault
	Last  uint64        // index of the epoch before it, or [ledger.NoEpoch]
	Want  evidence.Hash // with [WrongRoot]: the right root
}

// Error implements error.
func (e *EpochError) Error() string { return fmt.Sprintf("epoch at %d: %s", e.Index, e.Fault) }
