package desk

import (
	"encoding/json"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// bodyFormat is the version of what the vault keeps for an event.
const bodyFormat = "custody/body/v1"

// ErrBody reports a body that contradicts itself.
var ErrBody = errors.New("body of an event is damaged")

// Body is what the vault keeps for one event, encrypted (spec/home.md, "Body").
// Its event's own record stands in Values with the record key; another
// authority's in View, as it came.
type Body struct {
	Envelope  []byte           `json:"envelope"`             // verbatim (rule P19)
	Format    string           `json:"format"`               // bodyFormat
	Index     *uint64          `json:"index,omitempty"`      // in Origin's log, once logged
	Item      evidence.ItemID  `json:"item"`                 //
	NextKey   *evidence.Hash   `json:"next_key,omitempty"`   // key of the seal the event opened, when this desk may close it
	Origin    evidence.Origin  `json:"origin"`               // where the leaf is or will be
	Receipt   string           `json:"receipt,omitempty"`    // C2SP tlog-proof
	RecordKey *evidence.Hash   `json:"record_key,omitempty"` // never leaves the authority (rule P15)
	Salt      evidence.Hash    `json:"salt"`                 // of the leaf's commitments
	SealKey   evidence.Hash    `json:"seal_key"`             // of the seal the event closes
	Seq       uint64           `json:"seq"`                  //
	Values    []Value          `json:"values,omitempty"`     // own record, in leaf order
	View      *json.RawMessage `json:"view,omitempty"`       // another's record (spec/record.md, "View")
}

// Value is one entry of an event's own record.
type Value struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// marshal returns the body's canonical bytes.
func (b *Body) marshal() ([]byte, error) {
	b.Format = bodyFormat
	return evidence.Canonical(b)
}

// parseBody reads a body and checks that its event is the one it says.
func parseBody(raw []byte) (*Entry, error) {
	b := new(Body)
	if err := evidence.ParseCanonical(raw, b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if b.Format != bodyFormat {
		return nil, fmt.Errorf("format %q: %w", b.Format, ErrBody)
	}
	e, err := newEntry(b)
	if err != nil {
		return nil, err
	}
	if e.Event.Item != b.Item || uint64(e.Event.Seq) != b.Seq || e.Event.Origin != b.Origin {
		return nil, fmt.Errorf("item %s event %d: %w", b.Item.Short(), b.Seq, ErrBody)
	}
	return e, nil
}

// leaf recomputes the event's leaf; a carried one is never trusted.
func (b *Body) leaf() ledger.Leaf {
	return ledger.EventLeaf(evidence.SealKey(b.SealKey), b.Salt, b.Envelope)
}
