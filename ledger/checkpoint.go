package ledger

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	flog "github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

// MaxSize is the largest number of leaves that a ledger may have: what a JSON
// integer of our formats can say (spec/event.md, "Payload").
const MaxSize = 1<<53 - 1

// ErrCheckpoint reports bytes that are not a checkpoint in our form.
var ErrCheckpoint = errors.New("not a checkpoint of spec/leaf.md")

// ErrSignature reports a checkpoint without a valid signature of its log.
var ErrSignature = errors.New("checkpoint is not signed by its log")

// Checkpoint is what a log says about itself at one size (C2SP tlog-checkpoint
// v1.0.0, without extension lines). It is comparable.
type Checkpoint struct {
	Origin evidence.Origin // the log
	Size   uint64          // number of leaves, at most [MaxSize]
	Root   evidence.Hash   // RFC 6962 root of the first Size leaves
}

// EmptyRoot is the root of a tree without leaves, RFC 6962 §2.1.
var EmptyRoot = evidence.Hash(sha256.Sum256(nil))

// ParseCheckpoint reads the text of a checkpoint: exactly three lines, each
// ended by a line feed, with the decimal and the base64 in their one form. An
// empty tree must have the root [EmptyRoot]. It returns [ErrCheckpoint] otherwise.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	var f flog.Checkpoint
	rest, err := f.Unmarshal(text)
	switch {
	case err != nil:
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	case len(rest) > 0:
		return Checkpoint{}, fmt.Errorf("extension lines: %w", ErrCheckpoint)
	case len(f.Hash) != sha256.Size:
		return Checkpoint{}, fmt.Errorf("root of %d bytes: %w", len(f.Hash), ErrCheckpoint)
	case f.Size > MaxSize:
		return Checkpoint{}, fmt.Errorf("size %d: %w", f.Size, ErrCheckpoint)
	case !bytes.Equal(f.Marshal(), text):
		// formats/log takes leading zeros, and base64 with line breaks and spare bits.
		return Checkpoint{}, fmt.Errorf("size or root in another form: %w", ErrCheckpoint)
	}
	o, err := evidence.ParseOrigin(f.Origin)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	c := Checkpoint{Origin: o, Size: f.Size, Root: evidence.Hash(f.Hash)}
	if c.Size == 0 && c.Root != EmptyRoot {
		return Checkpoint{}, fmt.Errorf("empty tree with root %s: %w", c.Root, ErrCheckpoint)
	}
	return c, nil
}

// Marshal returns the text of c, the bytes that are signed.
func (c Checkpoint) Marshal() []byte {
	return flog.Checkpoint{Origin: string(c.Origin), Size: c.Size, Hash: c.Root[:]}.Marshal()
}

// Sign returns c as a note signed by its log's key, whose name must be the
// origin. (size, root) must be durable before (rule P21).
func (c Checkpoint) Sign(log note.Signer) ([]byte, error) {
	text := c.Marshal()
	if _, err := ParseCheckpoint(text); err != nil {
		return nil, err
	}
	if log.Name() != string(c.Origin) {
		return nil, fmt.Errorf("key %q cannot sign for %q: %w", log.Name(), c.Origin, ErrSignature)
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, log)
	if err != nil {
		return nil, fmt.Errorf("signing the checkpoint of %q at size %d: %w", c.Origin, c.Size, err)
	}
	return signed, nil
}

// ReadCheckpoint reads the checkpoint in a signed note and verifies no
// signature: for finding out which key is needed. Errors: [ErrCheckpoint],
// [ErrNote].
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, err := splitNote(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	return ParseCheckpoint(text)
}

// OpenCheckpoint returns the checkpoint in a signed note after verifying the
// signature of its log; the log's key has the origin as name. Other signatures
// are not looked at, but must be well-formed. Errors: [ErrCheckpoint],
// [ErrNote], [ErrSignature].
func OpenCheckpoint(signed []byte, log note.Verifier) (Checkpoint, error) {
	c, err := ReadCheckpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	if log.Name() != string(c.Origin) {
		return Checkpoint{}, fmt.Errorf("checkpoint of %q, key of %q: %w", c.Origin, log.Name(), ErrSignature)
	}
	if _, err := note.Open(signed, note.VerifierList(log)); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return c, nil
}
