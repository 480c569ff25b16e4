package ledger

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
)

// Cosigner signs other states' checkpoints: a witness, or an auditor that reads
// every leaf first. ledger/witness implements both in process; a client of a
// C2SP tlog-witness does over HTTP.
//
// Contract: what a cosigner has signed is durable before its lines leave it; the
// sizes it signs for one origin never fall, and all are of one history. Methods
// may be called concurrently.
type Cosigner interface {
	// Name returns the name of the cosigner's key.
	Name() string
	// Latest returns the newest note of the origin that the cosigner has
	// recorded, which has at least the log's signature, and nil when it has none.
	// It returns [ErrUnknownOrigin] for a log that it does not follow. At start a
	// ledger compares it with its own last checkpoint (rule P21).
	Latest(ctx context.Context, o evidence.Origin) ([]byte, error)
	// Cosign returns one or more signature lines on the request's note, for
	// [AddCosignatures]. Errors, with the status of C2SP tlog-witness:
	// [ErrRequest] (400), [ErrSignature] (403), [ErrUnknownOrigin] (404),
	// [*ConflictError] (409), [ErrProof] (422), and [*MisbehaviourError] when the
	// log has been caught. After any other error the caller tries again with
	// the same note.
	Cosign(ctx context.Context, r CosignRequest) (lines []byte, err error)
}

// CosignRequest asks for a cosignature (C2SP tlog-witness, "add-checkpoint").
type CosignRequest struct {
	OldSize uint64          // the cosigner's last size for the origin, as far as the caller knows
	Proof   []evidence.Hash // consistency from OldSize to the note's size; at most 63, none when OldSize is 0
	Note    []byte          // the signed checkpoint; cosignatures are ignored
	Leaves  Reader          // where an auditor can read the log; witnesses need none
}

// ErrRequest reports a request that no cosigner could grant as it stands.
var ErrRequest = errors.New("not a request for a cosignature")

// ErrUnknownOrigin reports a log that the cosigner does not follow.
var ErrUnknownOrigin = errors.New("ledger is not followed here")

// ErrEnded reports a checkpoint past the end of a ledger that the trust list has
// retired, or another one of that size.
var ErrEnded = fmt.Errorf("ledger has ended: %w", ErrUnknownOrigin)

// ConflictError reports that the request's old size is not the cosigner's. The
// caller asks again with a proof from Size; if Size is beyond its own log, the
// log has been put back to an old state and must stop (rule P21).
type ConflictError struct {
	Origin evidence.Origin
	Size   uint64 // the cosigner's last size
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("cosigner has %q at size %d", e.Origin, e.Size)
}

// MisbehaviourError reports that a log has been caught: nobody need take the
// cosigner's word for it, the alarm proves it.
type MisbehaviourError struct {
	Origin evidence.Origin
	What   string // one clause: what the log did
	Alarm  []byte // the proof, which ledger/witness.ParseAlarm reads
}

// Error implements error.
func (e *MisbehaviourError) Error() string {
	return fmt.Sprintf("ledger %q misbehaved: %s", e.Origin, e.What)
}

// Unwrap returns [ErrProof]: C2SP tlog-witness answers 422 to what contradicts
// what the cosigner knows.
func (e *MisbehaviourError) Unwrap() error { return ErrProof }
