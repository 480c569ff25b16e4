package ledger

import (
	"crypto/sha256"
	"fmt"

	"example.org/custody/evidence"
	"github.com/transparency-dev/merkle/compact"
	"golang.org/x/mod/sumdb/tlog"
)

// ranges joins compact ranges with the inner hash of RFC 6962 §2.1.
var ranges = compact.RangeFactory{Hash: func(l, r []byte) []byte {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], l)
	copy(b[1+sha256.Size:], r)
	h := sha256.Sum256(b[:])
	return h[:]
}}

// ProveRange returns what proves, with the leaves from ≤ index < to themselves,
// that they are those entries of a tree of size leaves: the roots of the
// complete subtrees before them, then of those after them, from left to right. It
// is one proof for all of them, of at most 2·log₂(size) hashes.
func ProveRange(hashes tlog.HashReader, from, to, size uint64) ([]evidence.Hash, error) {
	if from > to || to > size || size > MaxSize {
		return nil, fmt.Errorf("leaves %d to %d of a tree of size %d: %w", from, to, size, ErrProof)
	}
	nodes := compact.RangeNodes(0, from, nil)
	nodes = compact.RangeNodes(to, size, nodes)
	if len(nodes) == 0 {
		return nil, nil
	}
	indexes := make([]int64, len(nodes))
	for i, n := range nodes {
		indexes[i] = tlog.StoredHashIndex(int(n.Level), int64(n.Index))
	}
	got, err := hashes.ReadHashes(indexes)
	if err != nil {
		return nil, fmt.Errorf("proof of leaves %d to %d in size %d: %w", from, to, size, err)
	}
	if len(got) != len(indexes) {
		return nil, fmt.Errorf("%d stored hashes for %d asked: %w", len(got), len(indexes), ErrProof)
	}
	return evidenceHashes(got), nil
}

// VerifyRange reports whether leaves, leaf hashes, are the entries from, from+1, …
// of the tree c, or [ErrProof]. With no leaves it reports whether the tree c is
// made of the two parts that proof describes. It does no I/O.
func (c Checkpoint) VerifyRange(proof []evidence.Hash, from uint64, leaves []evidence.Hash) error {
	_, err := c.OpenRange(proof, from, leaves)
	return err
}

// OpenRange is [Checkpoint.VerifyRange] and returns the root of the tree of the
// first from leaves too, which the same proof proves.
func (c Checkpoint) OpenRange(proof []evidence.Hash, from uint64, leaves []evidence.Hash) (before evidence.Hash, err error) {
	to := from + uint64(len(leaves))
	bad := fmt.Errorf("leaves %d to %d of a tree of size %d: %w", from, to, c.Size, ErrProof)
	if c.Size > MaxSize || from > c.Size || to > c.Size {
		return before, bad
	}
	if c.Size == 0 {
		if len(proof) != 0 || c.Root != EmptyRoot {
			return before, bad
		}
		return EmptyRoot, nil
	}
	cut := compact.RangeSize(0, from)
	if len(proof) != cut+compact.RangeSize(to, c.Size) {
		return before, bad
	}
	left, err := ranges.NewRange(0, from, byteSlices(proof[:cut]))
	if err != nil {
		return before, bad
	}
	if before, err = rangeRoot(left); err != nil {
		return before, bad
	}
	for i := range leaves {
		if err := left.Append(leaves[i][:], nil); err != nil {
			return before, bad
		}
	}
	right, err := ranges.NewRange(to, c.Size, byteSlices(proof[cut:]))
	if err != nil {
		return before, bad
	}
	if err := left.AppendRange(right, nil); err != nil {
		return before, bad
	}
	if root, err := rangeRoot(left); err != nil || root != c.Root {
		return before, bad
	}
	return before, nil
}

// rangeRoot returns the root of a range that begins at 0.
func rangeRoot(r *compact.Range) (evidence.Hash, error) {
	h, err := r.GetRootHash(nil)
	if err != nil {
		return evidence.Hash{}, err
	}
	if h == nil {
		return EmptyRoot, nil
	}
	return evidence.Hash(h), nil
}

func byteSlices(hs []evidence.Hash) [][]byte {
	out := make([][]byte, len(hs))
	for i := range hs {
		out[i] = hs[i][:]
	}
	return out
}
