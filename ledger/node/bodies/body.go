package bodies

import (
	"encoding/json"
	"errors"
	"fmt"

	"example.org/custody/evidence"
)

// ErrDamaged reports a file that does not hold what was written.
var ErrDamaged = errors.New("file of bodies is damaged")

// Body is what is kept of one event, or of an erased one its stub.
type Body struct {
	Envelope []byte          `json:"envelope,omitempty"` // verbatim (rule P19); none in a stub
	Index    *uint64         `json:"index,omitempty"`    // of its leaf, when it came as proof, and in a stub
	Item     evidence.ItemID `json:"item"`
	Leaf     string          `json:"leaf,omitempty"`    // of a stub alone: leaf hash of the erased event
	Origin   evidence.Origin `json:"origin"`            // the ledger that its leaf is or was to be in
	Record   json.RawMessage `json:"record,omitempty"`  // spec/record.md, "View", as it was given
	Salt     evidence.Hash   `json:"salt,omitzero"`     // of the leaf's commitments
	SealKey  evidence.Hash   `json:"seal_key,omitzero"` // of the seal that the event closes
	Seq      uint64          `json:"seq"`
}

// Stub returns what stays of an event when its body is erased.
func Stub(item evidence.ItemID, o evidence.Origin, seq, index uint64, leaf evidence.Hash) *Body {
	return &Body{Index: &index, Item: item, Leaf: leaf.String(), Origin: o, Seq: seq}
}

// Erased returns the leaf hash of the erased event whose stub b is; ok is false for a
// body.
func (b *Body) Erased() (leaf evidence.Hash, ok bool) {
	leaf, err := evidence.ParseHash(b.Leaf)
	return leaf, err == nil
}

// Parse reads one line of a file, or returns [ErrDamaged].
func Parse(b []byte) (*Body, error) {
	body := new(Body)
	if err := evidence.ParseCanonical(b, body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	_, stub := body.Erased()
	if whole := len(body.Envelope) > 0 && len(body.Record) > 0; stub == whole || stub && body.Index == nil || !stub && body.Leaf != "" {
		return nil, fmt.Errorf("neither a body nor a stub: %w", ErrDamaged)
	}
	return body, nil
}
