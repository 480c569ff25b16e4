package node

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/signing"
)

// MandateType is the payload type of a mandate's envelope.
const MandateType = "application/vnd.custody.mandate.v1+json"

// Mandate lets an auditor read what a node keeps (spec/node.md, "Mandate").
type Mandate struct {
	Auditor   evidence.KeyID    `json:"auditor"`
	From      time.Time         `json:"from"`
	Items     []evidence.ItemID `json:"items,omitempty"` // none: all
	Log       bool              `json:"log,omitempty"`   // the access log too
	Ledger    evidence.Origin   `json:"ledger"`
	Reference string            `json:"reference"`
	To        time.Time         `json:"to"` // the last moment
}

// Sign returns the mandate in an envelope signed by the authority's key.
func (m Mandate) Sign(ctx context.Context, authority signing.Signer) ([]byte, error) {
	payload, err := evidence.Canonical(m)
	if err != nil {
		return nil, err
	}
	e, err := signing.Sign(ctx, MandateType, payload, authority)
	if err != nil {
		return nil, err
	}
	return e.Marshal()
}

// mandate is a mandate that counts for who shows it.
type mandate struct {
	Mandate
	digest evidence.Hash // SHA-256 of the envelope
}

// openMandate reads a mandate as a request has it, and finds out that it counts.
func (n *Node) openMandate(text string, who intake.Caller, now time.Time) (*mandate, error) {
	bad := func(why any) error { return &trouble{code: "mandate", detail: fmt.Sprint(why)} }
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, bad("not base64")
	}
	e, err := signing.Parse(raw)
	if err != nil {
		return nil, bad(err)
	}
	m := &mandate{digest: hashOf(raw)}
	if e.PayloadType != MandateType || len(e.Signatures) != 1 {
		return nil, bad("it is none, or not signed by one key")
	}
	if err := evidence.ParseCanonical(e.Payload, &m.Mandate); err != nil {
		return nil, bad(err)
	}
	pin, err := n.writing().Pinned()
	if err != nil {
		return nil, err
	}
	key, state, ok := pin.Authority(evidence.KeyID(e.Signatures[0].KeyID), now)
	if !ok || state != n.writing().State {
		return nil, bad("no authority of this state signed it")
	}
	if err := key.Verify(e.PayloadType, e.Payload, e.Signatures[0].Sig); err != nil {
		return nil, bad(err)
	}
	switch {
	case m.Auditor != who.Key || who.Role != evidence.RoleAuditor:
		return nil, bad("it is for another key, or the key is no auditor's")
	case m.Ledger != n.writing().Origin:
		return nil, bad("it is for another ledger")
	case now.Before(m.From) || now.After(m.To):
		return nil, bad("it is not of this time")
	}
	return m, nil
}

// covers reports whether the mandate lets its holder read an item.
func (m *mandate) covers(item evidence.ItemID) bool {
	return m != nil && (len(m.Items) == 0 || slices.Contains(m.Items, item))
}
