package pack

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// Dossier is what a verdict rests on (spec/package.md). The order of Items is
// part of it; the rest is sorted by [Dossier.Encode].
type Dossier struct {
	Items  []ItemLine  // the items asked about; line i is item i+1
	Events []EventLine // their events and those of the keys that signed
	Logs   []LogLine   // one for each ledger that holds an event
	Notes  [][]byte    // cosigned checkpoints, verbatim
	// Anchors are what the states recorded on their shared channel; usually none.
	Anchors []AnchorLine

	Readers []Reader // whom copies are encrypted to, ascending by recipient; nil: nobody

	Lists    map[uint64][]byte        // trust lists by version, verbatim
	Policies map[evidence.Hash][]byte // policy texts by SHA-256
	Certs    map[evidence.Hash][]byte // certificates (DER) by SHA-256
	Tokens   map[evidence.Hash][]byte // timestamp tokens over notes (spec/time.md) by SHA-256
	// Agreements are those about the channel (spec/anchor.md) by SHA-256.
	Agreements map[evidence.Hash][]byte
}

// ItemLine is one line of items.jsonl.
type ItemLine struct {
	Item    evidence.ItemID `json:"item"`
	Payload []Enclosed      `json:"payload"` // evidence copies, in the order of the files
}

// Enclosed says where the copy of one file of an item is.
type Enclosed struct {
	Entry  string `json:"entry"`            // name in the container
	File   string `json:"file"`             // name of the record entry, file/n
	Member string `json:"member,omitempty"` // name in the bag, when entry is one
}

// EventLine is one line of events.jsonl: an event, or in its place the leaf of
// one that was erased (rule P7).
type EventLine struct {
	// Index is the place of the leaf in the ledger that the event names.
	Index uint64

	Envelope []byte           // the envelope's bytes, verbatim
	Salt     evidence.Hash    // of the leaf's commitments
	SealKey  evidence.SealKey // of the seal the event closed (rule P4)
	Record   *evidence.View   // what the reader sees of the record
	Receipt  *Receipt         // nil where the format does not ask for one

	// Erased is nil unless the event was erased; then only Index counts besides.
	Erased *Erased
}

// Erased stands for an event that was erased.
type Erased struct {
	Item evidence.ItemID
	Seq  uint64      // the place in the item's history, from 0
	Leaf ledger.Leaf // as it stands in the ledger
}

// Receipt is the proof that an event's leaf is in the ledger under the
// checkpoint of its own receipt (rule P9).
type Receipt struct {
	Note  evidence.Hash `json:"note"`  // SHA-256 of the note, which is among the notes
	Proof Path          `json:"proof"` // RFC 9162 §2.1.3 inclusion proof, leaf side first
}

// LogLine is one line of logs.jsonl: what proves the events of one ledger under
// one shared checkpoint.
type LogLine struct {
	Origin    evidence.Origin `json:"origin"`
	Note      evidence.Hash   `json:"note"`                // shared checkpoint: SHA-256 of its note
	TimeNote  *evidence.Hash  `json:"time_note,omitempty"` // checkpoint that gives T, when not the shared one (rule P1)
	Inclusion []Inclusion     `json:"inclusion"`           // ascending by index
	Epoch     EpochLine       `json:"epoch"`
	Closed    []ClosedLine    `json:"closed"`          // ascending by seal
	Lists     []ListLine      `json:"lists,omitempty"` // ascending by version
}

// ListLine proves that the hash of a trust list (rule P12), which is among the
// lists, is a leaf of type 3 under the shared checkpoint.
type ListLine struct {
	Index   uint64 `json:"index"`
	Proof   Path   `json:"proof"` // leaf side first
	Version uint64 `json:"version"`
}

// Inclusion proves the leaf at one index under the shared checkpoint.
type Inclusion struct {
	Index uint64 `json:"index"`
	Proof Path   `json:"proof"` // leaf side first
}

// EpochLine is the epoch that the proofs of [ClosedLine] are made at.
type EpochLine struct {
	Index uint64    `json:"index"`
	Leaf  LeafBytes `json:"leaf"`
	Proof Path      `json:"proof"` // leaf side first
}

// ClosedLine says at the epoch whether one seal is closed, and by which leaf.
type ClosedLine struct {
	Proof closed.Proof  `json:"proof"` // spec/leaf.md, "Map of closed seals"
	Seal  evidence.Seal `json:"seal"`
}

// LeafBytes is a leaf as hexadecimal text, 194 lower-case digits.
type LeafBytes ledger.Leaf

// MarshalText implements [encoding.TextMarshaler].
func (l LeafBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(l[:])), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It checks the length, not
// whether the leaf is canonical; [ledger.ParseLeaf] does.
func (l *LeafBytes) UnmarshalText(b []byte) error {
	if len(b) != 2*len(l) {
		return fmt.Errorf("leaf of %d digits, %d wanted", len(b), 2*len(l))
	}
	_, err := hex.Decode(l[:], b)
	return err
}

// Path is an inclusion proof; in text its hashes one after the other in padded
// standard base64, which for an item of ten events is a third less than a list of
// hexadecimal ones.
type Path []evidence.Hash

// maxPath is the most hashes that a path has: of a tree of 2⁶⁴ leaves.
const maxPath = 64

// MarshalText implements [encoding.TextMarshaler].
func (p Path) MarshalText() ([]byte, error) {
	var raw []byte
	for i := range p {
		raw = append(raw, p[i][:]...)
	}
	return base64.StdEncoding.AppendEncode(nil, raw), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. That the text is the one
// encoding of its hashes shows when the line is written again.
func (p *Path) UnmarshalText(b []byte) error {
	raw, err := base64.StdEncoding.DecodeString(string(b))
	if err != nil {
		return err
	}
	if len(raw)%len(evidence.Hash{}) != 0 || len(raw) > maxPath*len(evidence.Hash{}) {
		return fmt.Errorf("proof of %d bytes", len(raw))
	}
	*p = nil
	for h := range slices.Chunk(raw, len(evidence.Hash{})) {
		*p = append(*p, evidence.Hash(h))
	}
	return nil
}
