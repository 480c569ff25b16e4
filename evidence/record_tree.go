package evidence

import (
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"hash"
	"runtime"
	"sync"

	"github.com/transparency-dev/merkle/compact"
)

// valueHashes returns SHA-256(salt ‖ value) and SHA3-256(salt ‖ value).
func valueHashes(salt Salt, value []byte) (h, h3 Hash) {
	buf := make([]byte, 0, len(salt)+len(value))
	buf = append(append(buf, salt[:]...), value...)
	return sha256.Sum256(buf), sha3.Sum256(buf)
}

// leafHashes returns the tree's hashes of an entry's two leaves: SHA-256(0x00 ‖
// leaf) and SHA3-256(0x00 ‖ leaf3), where a leaf is len(name)(2) ‖ name ‖ value
// hash (spec/record.md; RFC 6962 §2.1).
func leafHashes(name string, h, h3 Hash) (leaf, leaf3 Hash) {
	buf := make([]byte, 0, 1+2+len(name)+len(h))
	buf = append(buf, 0)
	buf = binary.BigEndian.AppendUint16(buf, uint16(len(name)))
	buf = append(buf, name...)
	n := len(buf)
	leaf = sha256.Sum256(append(buf, h[:]...))
	return leaf, sha3.Sum256(append(buf[:n], h3[:]...))
}

// treeRoots computes both roots over n leaves. fill sets the leaf hashes with
// lo ≤ index < hi; it is called from several goroutines for ranges that do not
// overlap.
func treeRoots(n int, fill func(lo, hi int, leaf, leaf3 []Hash)) RecordRoots {
	leaf, leaf3 := make([]Hash, n), make([]Hash, n)
	share := max(n/runtime.GOMAXPROCS(0)+1, 256) // fewer are not worth a goroutine
	var wg sync.WaitGroup
	for lo := 0; lo < n; lo += share {
		wg.Go(func() { fill(lo, min(lo+share, n), leaf, leaf3) })
	}
	wg.Wait()
	roots := RecordRoots{Count: int64(n)}
	wg.Go(func() { roots.Root3 = treeRoot(sha3New, leaf3) })
	roots.Root = treeRoot(sha256.New, leaf)
	wg.Wait()
	return roots
}

func sha3New() hash.Hash { return sha3.New256() }

// treeRoot is the Merkle tree hash of RFC 6962 §2.1 over leaf hashes, with the
// hash function that newHash returns.
func treeRoot(newHash func() hash.Hash, leaves []Hash) Hash {
	t := newHashTree(newHash)
	for i := range leaves {
		t.append(leaves[i])
	}
	return t.root()
}

// hashTree is a Merkle tree of RFC 6962 §2.1 that grows leaf by leaf. It keeps
// the roots of its full subtrees alone.
type hashTree struct {
	h     hash.Hash
	nodes *compact.Range
}

func newHashTree(newHash func() hash.Hash) *hashTree {
	h := newHash()
	factory := compact.RangeFactory{Hash: func(left, right []byte) []byte {
		h.Reset()
		h.Write([]byte{1})
		h.Write(left)
		h.Write(right)
		return h.Sum(nil)
	}}
	return &hashTree{h, factory.NewEmptyRange(0)}
}

// append adds a leaf by its hash.
func (t *hashTree) append(leaf Hash) {
	if err := t.nodes.Append(leaf[:], nil); err != nil {
		panic("internal error: " + err.Error())
	}
}

func (t *hashTree) root() Hash {
	if t.nodes.End() == 0 {
		t.h.Reset()
		return Hash(t.h.Sum(nil))
	}
	root, err := t.nodes.GetRootHash(nil)
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return Hash(root)
}
