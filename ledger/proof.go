package ledger

import (
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof reports a proof that does not prove what it is shown for.
var ErrProof = errors.New("proof does not hold")

// CheckpointOf returns the checkpoint of the log o at size, with the root
// computed from the stored hashes.
func CheckpointOf(o evidence.Origin, size uint64, hashes tlog.HashReader) (Checkpoint, error) {
	if size > MaxSize {
		return Checkpoint{}, fmt.Errorf("size %d: %w", size, ErrCheckpoint)
	}
	root, err := tlog.TreeHash(int64(size), hashes)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("root of %q at size %d: %w", o, size, err)
	}
	return Checkpoint{Origin: o, Size: size, Root: evidence.Hash(root)}, nil
}

// VerifyInclusion reports whether leaf, a leaf hash, is entry index of the tree
// c, by RFC 9162 §2.1.3.2. proof has the leaf's sibling first and at most 53
// hashes. It returns [ErrProof] when it is not. It does no I/O.
func (c Checkpoint) VerifyInclusion(proof []evidence.Hash, index uint64, leaf evidence.Hash) error {
	if c.Size > MaxSize || index >= c.Size {
		return fmt.Errorf("leaf %d of a tree of size %d: %w", index, c.Size, ErrProof)
	}
	err := tlog.CheckRecord(tlogHashes(proof), int64(c.Size), tlog.Hash(c.Root), int64(index), tlog.Hash(leaf))
	if err != nil {
		return fmt.Errorf("inclusion of leaf %d in size %d: %w", index, c.Size, ErrProof)
	}
	return nil
}

// ProveInclusion returns the proof that leaf is entry index of the tree c. It
// verifies the proof before it returns it, so that stored hashes gone bad end
// here and not in a package; the error is then [ErrProof].
func (c Checkpoint) ProveInclusion(hashes tlog.HashReader, index uint64, leaf evidence.Hash) ([]evidence.Hash, error) {
	if c.Size > MaxSize || index >= c.Size {
		return nil, fmt.Errorf("leaf %d of a tree of size %d: %w", index, c.Size, ErrProof)
	}
	p, err := tlog.ProveRecord(int64(c.Size), int64(index), hashes)
	if err != nil {
		return nil, fmt.Errorf("inclusion proof of leaf %d in size %d: %w", index, c.Size, err)
	}
	proof := evidenceHashes(p)
	return proof, c.VerifyInclusion(proof, index, leaf)
}

// VerifyConsistency reports whether the tree c begins with the tree old, by RFC
// 9162 §2.1.4.2, or [ErrProof]. From an empty tree, and between equal sizes, the
// proof is empty (C2SP tlog-witness). It does no I/O.
func (c Checkpoint) VerifyConsistency(proof []evidence.Hash, old Checkpoint) error {
	bad := fmt.Errorf("%q from size %d to %d: %w", c.Origin, old.Size, c.Size, ErrProof)
	switch {
	case c.Origin != old.Origin || old.Size > c.Size || c.Size > MaxSize:
		return bad
	case old.Size == 0 && old.Root != EmptyRoot:
		return bad
	case old.Size == c.Size && old.Root != c.Root:
		return bad
	case old.Size == 0 || old.Size == c.Size:
		if len(proof) != 0 {
			return bad
		}
		return nil
	}
	err := tlog.CheckTree(tlogHashes(proof), int64(c.Size), tlog.Hash(c.Root), int64(old.Size), tlog.Hash(old.Root))
	if err != nil {
		return bad
	}
	return nil
}

// ProveConsistency returns the proof that the tree c begins with the tree old,
// verified before it is returned ([ErrProof]).
func (c Checkpoint) ProveConsistency(hashes tlog.HashReader, old Checkpoint) ([]evidence.Hash, error) {
	if old.Size == 0 || old.Size >= c.Size {
		return nil, c.VerifyConsistency(nil, old)
	}
	p, err := tlog.ProveTree(int64(c.Size), int64(old.Size), hashes)
	if err != nil {
		return nil, fmt.Errorf("consistency proof from %d to %d: %w", old.Size, c.Size, err)
	}
	proof := evidenceHashes(p)
	return proof, c.VerifyConsistency(proof, old)
}

func tlogHashes(in []evidence.Hash) []tlog.Hash {
	out := make([]tlog.Hash, len(in))
	for i, h := range in {
		out[i] = tlog.Hash(h)
	}
	return out
}

func evidenceHashes(in []tlog.Hash) []evidence.Hash {
	out := make([]evidence.Hash, len(in))
	for i, h := range in {
		out[i] = evidence.Hash(h)
	}
	return out
}
