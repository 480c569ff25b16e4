package trust

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Digest is a SHA-256 value. Lists write it as "sha256:" and 64 lower-case
// hexadecimal digits.
type Digest [sha256.Size]byte

const digestPrefix = "sha256:"

// DigestOf returns SHA-256 of b: how lists name notes, policies and certificates.
func DigestOf(b []byte) Digest { return sha256.Sum256(b) }

// ParseDigest reads the form that [Digest.String] writes, or returns [ErrForm].
func ParseDigest(s string) (Digest, error) {
	var d Digest
	h, ok := strings.CutPrefix(s, digestPrefix)
	if !ok || len(h) != 2*len(d) || strings.ToLower(h) != h {
		return Digest{}, fmt.Errorf("digest %.80q: %w", s, ErrForm)
	}
	if _, err := hex.Decode(d[:], []byte(h)); err != nil {
		return Digest{}, fmt.Errorf("digest %.80q: %w", s, ErrForm)
	}
	return d, nil
}

// String returns "sha256:" and 64 lower-case hexadecimal digits.
func (d Digest) String() string { return digestPrefix + d.Hex() }

// Hex returns the 64 digits alone, as in file names.
func (d Digest) Hex() string { return hex.EncodeToString(d[:]) }

// Point is a checkpoint pinned by the list: what was still good. Anything later
// in that ledger, and any checkpoint not proven consistent with it, is not.
type Point struct {
	Origin string            // the ledger
	Size   uint64            // tree size, at most 2^63−1
	Root   [sha256.Size]byte // RFC 6962 root of that size
}

// String returns the point as lists write it: origin, size, base64 of the root.
func (p Point) String() string {
	return p.Origin + " " + strconv.FormatUint(p.Size, 10) + " " + base64.StdEncoding.EncodeToString(p.Root[:])
}
