package evidence

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ChunkSize is the length of every chunk of a content tree but the last, in
// bytes; the last has 1 to ChunkSize (spec/content.md "Chunks", rule P24).
const ChunkSize = 1 << 20

// Hash512 is a SHA-512 value; in text 128 lower-case hexadecimal digits.
type Hash512 [64]byte

// ErrNotHash512 reports text that is not 128 lower-case hexadecimal digits.
var ErrNotHash512 = errors.New("not 128 lower-case hexadecimal digits")

// ErrDigest reports bytes whose digests are not the stated ones.
var ErrDigest = errors.New("digests differ")

// Algorithms says which digests to take beside the content tree, which is
// always taken.
type Algorithms uint8

// The digests of spec/content.md "Plain digests".
const (
	TreeOnly   Algorithms = 0 // the content tree and the size alone
	WithSHA256 Algorithms = 1 // what sha256sum prints
	WithSHA512 Algorithms = 2 // what sha512sum prints
)

// Digests fixes the bytes of one file (spec/content.md). Tree never stands
// without Size. SHA256 and SHA512 are zero, and absent in JSON, when they were
// not taken or not stated.
type Digests struct {
	SHA256 Hash    `json:"sha256,omitzero"` // over all bytes
	SHA512 Hash512 `json:"sha512,omitzero"` // over all bytes
	Size   int64   `json:"size"`            // bytes, 0 ≤ Size ≤ 2^53−1
	Tree   Hash    `json:"tree"`            // root of the content tree
}

// Algorithms returns which optional digests d states.
func (d Digests) Algorithms() Algorithms {
	var a Algorithms
	if d.SHA256 != (Hash{}) {
		a |= WithSHA256
	}
	if d.SHA512 != (Hash512{}) {
		a |= WithSHA512
	}
	return a
}

// Check compares what was recomputed with what d states. Tree and size are
// always compared; a plain digest only where both have it (rule P6). The error
// wraps [ErrDigest] and names what differs.
func (d Digests) Check(recomputed Digests) error {
	var differ []string
	if d.Size != recomputed.Size {
		differ = append(differ, fmt.Sprintf("size (stated %d, found %d)", d.Size, recomputed.Size))
	}
	if d.Tree != recomputed.Tree {
		differ = append(differ, "tree")
	}
	both := d.Algorithms() & recomputed.Algorithms()
	if both&WithSHA256 != 0 && d.SHA256 != recomputed.SHA256 {
		differ = append(differ, "sha256")
	}
	if both&WithSHA512 != 0 && d.SHA512 != recomputed.SHA512 {
		differ = append(differ, "sha512")
	}
	if differ == nil {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrDigest, strings.Join(differ, ", "))
}

// DigestBytes returns the digests of b; it uses the calling goroutine alone.
func DigestBytes(b []byte, which Algorithms) Digests {
	d := Digests{Size: int64(len(b))}
	if which&WithSHA256 != 0 {
		d.SHA256 = sha256.Sum256(b)
	}
	if which&WithSHA512 != 0 {
		d.SHA512 = sha512.Sum512(b)
	}
	var t ContentTree
	h := sha256.New()
	for len(b) > 0 {
		n := min(len(b), ChunkSize)
		var leaf Hash
		chunkHash(h, b[:n], &leaf)
		t.Append(leaf)
		b = b[n:]
	}
	d.Tree = t.Root()
	return d
}

// ParseHash512 reads 128 lower-case hexadecimal digits, or returns [ErrNotHash512].
func ParseHash512(s string) (Hash512, error) {
	var h Hash512
	if len(s) != 2*len(h) || strings.ToLower(s) != s {
		return Hash512{}, fmt.Errorf("%.160q: %w", s, ErrNotHash512)
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Hash512{}, fmt.Errorf("%.160q: %w", s, ErrNotHash512)
	}
	return h, nil
}

// String returns 128 lower-case hexadecimal digits.
func (h Hash512) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (h Hash512) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; it is as strict as [ParseHash512].
func (h *Hash512) UnmarshalText(b []byte) (err error) { *h, err = ParseHash512(string(b)); return err }
