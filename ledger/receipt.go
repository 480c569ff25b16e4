package ledger

import (
	"bytes"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	fproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrReceipt reports bytes that are not a receipt in its one encoding.
var ErrReceipt = errors.New("not a receipt (C2SP tlog-proof without extra data)")

// maxReceipt is room for the largest note, 64 hashes and the head.
const maxReceipt = MaxNote + 4096

// Receipt proves that a leaf is in a log: a C2SP tlog-proof (spec/leaf.md,
// "Receipt"). It says nothing about uniqueness (rule P11).
type Receipt struct {
	Index uint64          // of the leaf
	Proof []evidence.Hash // inclusion proof, the leaf's sibling first
	Note  []byte          // signed checkpoint with its cosignatures, verbatim
}

// NewReceipt builds the receipt for the leaf at index from a signed checkpoint
// that covers it and the log's stored hashes, and verifies the proof
// ([ErrProof]). It verifies no signature.
func NewReceipt(signed []byte, hashes tlog.HashReader, index uint64, leaf Leaf) (Receipt, error) {
	c, err := ReadCheckpoint(signed)
	if err != nil {
		return Receipt{}, err
	}
	p, err := c.ProveInclusion(hashes, index, leaf.Hash())
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{Index: index, Proof: p, Note: bytes.Clone(signed)}, nil
}

// ParseReceipt reads a receipt. It takes exactly what [Receipt.Marshal]
// writes, and no extra data; it verifies nothing. Errors: [ErrReceipt],
// [ErrNote], [ErrCheckpoint].
func ParseReceipt(b []byte) (Receipt, error) {
	if len(b) > maxReceipt {
		return Receipt{}, fmt.Errorf("%d bytes: %w", len(b), ErrReceipt)
	}
	var p fproof.TLogProof
	if err := p.Unmarshal(b); err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if p.ExtraData != nil {
		return Receipt{}, fmt.Errorf("extra data: %w", ErrReceipt)
	}
	// formats/proof splits lines leniently and takes decimals and base64 in
	// forms it would not write.
	if !bytes.Equal(p.Marshal(), b) {
		return Receipt{}, fmt.Errorf("in another encoding: %w", ErrReceipt)
	}
	if _, err := ReadCheckpoint(p.Checkpoint); err != nil {
		return Receipt{}, err
	}
	r := Receipt{Index: p.Index, Note: p.Checkpoint}
	for _, h := range p.Hashes {
		r.Proof = append(r.Proof, h)
	}
	return r, nil
}

// Marshal returns the receipt as a C2SP tlog-proof file.
func (r Receipt) Marshal() []byte {
	p := fproof.TLogProof{Index: r.Index, Checkpoint: r.Note}
	for _, h := range r.Proof {
		p.Hashes = append(p.Hashes, h)
	}
	return p.Marshal()
}

// Verify checks the log's signature and that leaf, which the caller has
// computed and not been told, stands at r.Index. It returns the checkpoint,
// whose cosignatures the caller holds against the log's receipt policy. Errors:
// those of [OpenCheckpoint], and [ErrProof].
func (r Receipt) Verify(leaf Leaf, log note.Verifier) (Checkpoint, error) {
	c, err := OpenCheckpoint(r.Note, log)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, c.VerifyInclusion(r.Proof, r.Index, leaf.Hash())
}
