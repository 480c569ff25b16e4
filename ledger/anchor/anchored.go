package anchor

import (
	"errors"
	"fmt"
	"strconv"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
)

// MaxNote is the largest checkpoint that is anchored, in bytes, cosignatures included.
const MaxNote = 64 << 10

// MaxAlarm is the largest alarm that the channel records, in bytes.
const MaxAlarm = 1 << 20

const anchoredFormat = "custody/anchored/v1"

// ErrAnchored reports bytes that are not an anchor in its one form.
var ErrAnchored = errors.New("not an anchor of spec/anchor.md in canonical JSON")

// Anchored is a checkpoint as the channel keeps it (spec/anchor.md, "Chaincode").
type Anchored struct {
	Format   string  `json:"format"`
	Note     string  `json:"note"`               // the signed checkpoint as submitted
	Previous *uint64 `json:"previous,omitempty"` // size of the anchor that it continues; nil for the first
	State    string  `json:"state"`              // whose ledger it is
	// Transaction is the id of the transaction that wrote it, so that whoever finds the
	// anchor finds its proof.
	Transaction string `json:"transaction"`
	Trust       int64  `json:"trust"` // version of the trust list that named the ledger's key
}

// Marshal returns a as the channel keeps it. Errors wrap [ErrAnchored].
func (a Anchored) Marshal() ([]byte, error) {
	a.Format = anchoredFormat
	if _, err := a.check(); err != nil {
		return nil, err
	}
	return evidence.Canonical(a)
}

// ParseAnchored reads what [Anchored.Marshal] wrote, with the checkpoint in it. It
// verifies no signature. Errors wrap [ErrAnchored].
func ParseAnchored(b []byte) (Anchored, ledger.Checkpoint, error) {
	var a Anchored
	if err := evidence.ParseCanonical(b, &a); err != nil {
		return Anchored{}, ledger.Checkpoint{}, fmt.Errorf("%w: %w", ErrAnchored, err)
	}
	c, err := a.check()
	if err != nil {
		return Anchored{}, ledger.Checkpoint{}, err
	}
	return a, c, nil
}

func (a Anchored) check() (ledger.Checkpoint, error) {
	c, err := ledger.ReadCheckpoint([]byte(a.Note))
	switch {
	case err != nil:
		return c, fmt.Errorf("%w: %w", ErrAnchored, err)
	case a.Format != anchoredFormat, len(a.Note) > MaxNote, a.State == "", a.Trust < 1:
		return c, fmt.Errorf("anchor of %q at %d: %w", c.Origin, c.Size, ErrAnchored)
	case !IsTransaction(a.Transaction):
		return c, fmt.Errorf("transaction %.80q: %w", a.Transaction, ErrAnchored)
	case a.Previous != nil && *a.Previous >= c.Size:
		return c, fmt.Errorf("anchor at %d after one at %d: %w", c.Size, *a.Previous, ErrAnchored)
	}
	return c, nil
}

// IsTransaction reports whether id is in the form of a transaction's: SHA-256 in
// lower-case hexadecimal.
func IsTransaction(id string) bool {
	h, err := evidence.ParseHash(id)
	return err == nil && h.String() == id
}

// The keys of the channel's state (spec/anchor.md, "Chaincode").

// TrustKey is where the version of the adopted trust list stands.
const TrustKey = "trust"

// ListKey is where an adopted list stands.
func ListKey(version int64) string { return "trust/" + strconv.FormatInt(version, 10) }

// ListVoteKey is where a state's vote for a version of the trust list stands.
func ListVoteKey(version int64, state string) string {
	return fmt.Sprintf("trust-vote/%d/%s", version, state)
}

// PackKey is where the digest of an adopted standard stands; name is id/version.
func PackKey(name string) string { return "standard/" + name }

// PackVoteKey is where a state's vote for a standard stands.
func PackVoteKey(name, state string) string { return "standard-vote/" + name + "/" + state }

// HeadKey is where the size of a ledger's newest anchor stands.
func HeadKey(o evidence.Origin) string { return "head/" + string(o) }

// CheckpointKey is where an anchor stands.
func CheckpointKey(o evidence.Origin, size uint64) string {
	return "checkpoint/" + string(o) + "/" + strconv.FormatUint(size, 10)
}

// CaughtKey is where the digest of the first alarm about a ledger stands.
func CaughtKey(o evidence.Origin) string { return "caught/" + string(o) }

// AlarmKey is where an alarm stands; d is its SHA-256.
func AlarmKey(o evidence.Origin, d trust.Digest) string {
	return "alarm/" + string(o) + "/" + d.Hex()
}
