package evidence

import (
	"crypto/sha256"
	"hash"
	"math/bits"
)

// ContentTree is a content tree that grows at its right edge: the compact range
// of the chunks so far, at most 64 hashes whatever the size of the file. The
// zero value is the tree of an empty file.
//
// It is for those who hash chunks themselves, such as a browser with its native
// hasher; [DigestReader] and [DigestReaderAt] do both.
type ContentTree struct {
	perfect [64]Hash // roots of the perfect subtrees, largest first
	chunks  uint64
}

var (
	leafPrefix = []byte{0x00}
	emptyTree  = Hash(sha256.Sum256(nil)) // RFC 6962 §2.1: the hash of nothing
)

// ChunkHash returns SHA-256(0x00 ‖ chunk), the leaf hash of RFC 6962 §2.1.
func ChunkHash(chunk []byte) Hash {
	var leaf Hash
	chunkHash(sha256.New(), chunk, &leaf)
	return leaf
}

// Append adds the hash of the next chunk.
func (t *ContentTree) Append(leaf Hash) {
	top := bits.OnesCount64(t.chunks)
	for n := t.chunks; n&1 == 1; n >>= 1 {
		top--
		leaf = nodeHash(t.perfect[top], leaf)
	}
	t.perfect[top] = leaf
	t.chunks++
}

// Chunks returns how many chunks were added.
func (t *ContentTree) Chunks() int64 { return int64(t.chunks) }

// Root returns the root over the chunks so far; t may go on growing.
func (t *ContentTree) Root() Hash {
	top := bits.OnesCount64(t.chunks)
	if top == 0 {
		return emptyTree
	}
	root := t.perfect[top-1]
	for i := top - 2; i >= 0; i-- {
		root = nodeHash(t.perfect[i], root)
	}
	return root
}

// ChunkCount returns how many chunks a file of size bytes has.
func ChunkCount(size int64) int64 {
	n := size / ChunkSize
	if size%ChunkSize != 0 {
		n++
	}
	return n
}

// chunkHash writes to leaf instead of returning it, and takes the hasher, so
// that a worker allocates nothing for a chunk.
func chunkHash(h hash.Hash, chunk []byte, leaf *Hash) {
	h.Reset()
	h.Write(leafPrefix)
	h.Write(chunk)
	h.Sum(leaf[:0])
}

// nodeHash is SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1.
func nodeHash(left, right Hash) Hash {
	var b [1 + 2*len(left)]byte
	b[0] = 0x01
	copy(b[1:], left[:])
	copy(b[1+len(left):], right[:])
	return sha256.Sum256(b[:])
}
