package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
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

	files *vault.Spool   // entries that come after those in Values, while they are being sealed
	view  *evidence.View // View, parsed
}

// Value is one entry of an event's own record.
type Value = evidence.Entry

// parse reads a body's canonical bytes without a second copy of its values or
// view, which alias raw.
func (b *Body) parse(raw []byte) error {
	head, large := cutLarge(raw)
	switch {
	case bytes.HasPrefix(large, []byte(membersValues)):
		values, err := evidence.ParseEntries(large[len(membersValues)-1:])
		if err != nil || len(values) == 0 {
			return fmt.Errorf("values: %w", errors.Join(err, ErrBody))
		}
		defer func() { b.Values = values }()
	case large != nil:
		view, text := new(evidence.View), json.RawMessage(large[len(memberView):])
		var err error
		if view, err = evidence.ParseView(text); err != nil {
			return fmt.Errorf("view: %w", err)
		}
		defer func() { b.View, b.view = &text, view }()
	}
	return evidence.ParseCanonical(head, b)
}

// cutLarge parts a body before the member that can be large, of which it has one
// at most; that one comes without the brace at the end.
func cutLarge(raw []byte) (head, large []byte) {
	rest, ok := bytes.CutSuffix(raw, []byte("}"))
	at := -1
	for _, member := range []string{membersValues, memberView} {
		if i := bytes.Index(rest, []byte(member)); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if !ok || at < 0 {
		return raw, nil
	}
	return append(bytes.Clone(rest[:at]), '}'), rest[at:]
}

// parseBody reads a body and checks that its event is the one it says. The entry
// aliases raw.
func parseBody(raw []byte) (*Entry, error) {
	b := new(Body)
	if err := b.parse(raw); err != nil {
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
