package wire

import (
	"encoding/json"
	"fmt"
	"time"

	"example.org/custody/evidence"
)

// Introduction proves a key's enrolment to a node: the dossier of a card, by file.
type Introduction struct {
	Dossier map[string][]byte `json:"dossier"`
	Format  string            `json:"format"` // [IntroductionFormat]
}

// ParseIntroduction reads an introduction, or returns [ErrForm].
func ParseIntroduction(b []byte) (*Introduction, error) {
	i := new(Introduction)
	if err := parse(b, i); err != nil {
		return nil, err
	}
	if i.Format != IntroductionFormat {
		return nil, fmt.Errorf("format %.40q: %w", i.Format, ErrForm)
	}
	return i, nil
}

// Marshal returns the canonical bytes of the introduction.
func (i *Introduction) Marshal() ([]byte, error) {
	i.Format = IntroductionFormat
	return evidence.Canonical(i)
}

// Key is what a node knows of a key.
type Key struct {
	Authority evidence.StateCode `json:"authority"`
	Enrolled  evidence.ItemID    `json:"enrolled"`
	Key       evidence.KeyID     `json:"key"`
	Role      evidence.Role      `json:"role"`
	Until     *time.Time         `json:"until,omitempty"` // when it has to be introduced again
}

// Facts are what a node says of its ledger and of itself.
type Facts struct {
	Format   string          `json:"format"` // [LedgerFormat]
	Limits   Limits          `json:"limits"`
	Now      time.Time       `json:"now"` // the node's clock
	Origin   evidence.Origin `json:"origin"`
	Policies *Policies       `json:"policies,omitempty"`  // nil when no trust list is pinned
	ReadOnly string          `json:"read_only,omitempty"` // why nothing is logged any more
	Size     uint64          `json:"size"`                // leaves
	State    string          `json:"state"`
	Trust    *TrustList      `json:"trust,omitempty"` // nil when none is pinned
}

// Limits of one request.
type Limits struct {
	Body   int64 `json:"body"`   // bytes
	Events int   `json:"events"` // of a submission
	Window int   `json:"window"` // seconds that a request's time may be off
}

// Policies are the SHA-256 of the ledger's two policies.
type Policies struct {
	Court   evidence.Hash `json:"court"`
	Receipt evidence.Hash `json:"receipt"`
}

// TrustList is the trust list that the node has pinned.
type TrustList struct {
	SHA256  evidence.Hash `json:"sha256"`
	Version int64         `json:"version"`
}

// Seal says whether a seal is closed in the node's ledger.
type Seal struct {
	Closed *Closing      `json:"closed,omitempty"` // nil: unbroken
	Seal   evidence.Seal `json:"seal"`
}

// Closing is the leaf that closed a seal.
type Closing struct {
	Index uint64        `json:"index"`
	Leaf  evidence.Hash `json:"leaf"` // leaf hash
}

// Item lists the events of an item that the asking key may see.
type Item struct {
	Events []Listed        `json:"events"`
	Item   evidence.ItemID `json:"item"`
}

// Listed is one event of an [Item].
type Listed struct {
	Action evidence.Action `json:"action"`
	Index  uint64          `json:"index"`
	Leaf   evidence.Hash   `json:"leaf"` // leaf hash
	Origin evidence.Origin `json:"origin"`
	Seq    uint64          `json:"seq"`
}

// LoggedEvent is one event as the asking key may see it.
type LoggedEvent struct {
	Envelope []byte          `json:"envelope"`
	Format   string          `json:"format"` // [LoggedFormat]
	Index    uint64          `json:"index"`
	Receipt  string          `json:"receipt,omitempty"` // C2SP tlog-proof, of own events
	Record   json.RawMessage `json:"record"`            // spec/record.md, "View"
	Salt     evidence.Hash   `json:"salt"`
	SealKey  evidence.Hash   `json:"seal_key"`
}

// Handoff is one handoff file that waits for a key.
type Handoff struct {
	At   time.Time      `json:"at"`
	From evidence.KeyID `json:"from"`
	ID   string         `json:"id"`   // 32 hexadecimal digits
	Size int64          `json:"size"` // bytes
}

// Handoffs lists what waits for a key, oldest first.
type Handoffs struct {
	Handoffs []Handoff `json:"handoffs"`
}

// Answer is a body that a node answers with.
type Answer interface {
	Key | Facts | Seal | Item | LoggedEvent | Handoff | Handoffs
}

// Parse reads an answer in its one form, or returns [ErrForm].
func Parse[T Answer](b []byte) (T, error) {
	var t T
	err := parse(b, &t)
	return t, err
}
