//go:build unix

package closed

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"example.org/custody/evidence"
	"filippo.io/torchwood/mpt"
	"pgregory.net/rapid"
)

// torchwoodHashes puts torchwood's hashes, which have no prefix, in the place of
// ours.
func torchwoodHashes(t *testing.T) {
	hashLeaf = func(seal evidence.Seal, leaf evidence.Hash) evidence.Hash {
		return sha256.Sum256(slices.Concat(seal[:], leaf[:]))
	}
	hashInner = func(bit uint8, l, r evidence.Hash) evidence.Hash {
		return sha256.Sum256(slices.Concat(l[:], r[:], []byte{bit}))
	}
	t.Cleanup(func() { hashLeaf, hashInner = specLeaf, specInner })
}

// torchwoodProof encodes a proof as mpt does: the other way up.
func torchwoodProof(p Proof, seal evidence.Seal) mpt.Proof {
	out := []byte("mptproof\x02")
	if p.Reached == nil {
		return mpt.Proof("mptproof\x00")
	}
	if p.Reached.Seal == seal {
		out[8] = 1
	} else {
		out = append(out, p.Reached.Seal[:]...)
	}
	out = append(out, p.Reached.Leaf[:]...)
	for _, s := range slices.Backward(p.Path) {
		out = append(append(out, s.Bit), s.Other[:]...)
	}
	return out
}

// drawSeal returns a seal with long common beginnings among many.
func drawSeal(t *rapid.T) (s evidence.Seal) {
	n := rapid.IntRange(0, 32).Draw(t, "same bytes")
	for i := n; i < 32; i++ {
		s[i] = rapid.SampledFrom([]byte{0, 1, 0x80, 0xff}).Draw(t, "byte")
	}
	return s
}

// TestOracle holds roots and proofs against filippo.io/torchwood/mpt, byte for
// byte, in memory and in a file.
func TestOracle(t *testing.T) {
	torchwoodHashes(t)
	withoutSync(t)
	path := t.TempDir() + "/map"
	rapid.Check(t, func(t *rapid.T) {
		oracle := mpt.NewMemTree()
		m, err := Create(path, testOrigin)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		var seals []evidence.Seal
		for range rapid.IntRange(1, 40).Draw(t, "seals") {
			s := drawSeal(t)
			leaf := sha256.Sum256(s[:])
			m.pos++
			if err := m.insert(&leafNode{Entry: Entry{Seal: s, Leaf: leaf}, index: m.pos}); (err != nil) != slices.Contains(seals, s) {
				t.Fatalf("insert: %v", err)
			}
			if err := oracle.Set(mpt.Key(s), leaf); err != nil {
				t.Fatal(err)
			}
			seals = append(seals, s)
			if rapid.IntRange(0, 4).Draw(t, "flush") == 0 {
				if err := m.Flush(); err != nil {
					t.Fatal(err)
				}
				m.root.in, m.root.leaf = nil, nil
			}
			snap, err := oracle.Snap(-1)
			if err != nil {
				t.Fatal(err)
			}
			if evidence.Hash(snap.Hash) != m.Root() {
				t.Fatalf("root %s, torchwood has %s", m.Root(), snap.Hash)
			}
			for _, s := range append(seals, drawSeal(t)) {
				theirs, err := oracle.Prove(mpt.Key(s))
				if err != nil {
					t.Fatal(err)
				}
				ours, err := m.Prove(s)
				if err != nil {
					t.Fatal(err)
				}
				if got := torchwoodProof(ours, s); !slices.Equal(got, theirs) {
					t.Fatalf("proof for %s:\n%x, torchwood has\n%s", s, got, hex.EncodeToString(theirs))
				}
				leaf, closed, err := ours.Verify(m.Root(), s)
				val, ok, err2 := mpt.Verify(snap, mpt.Key(s), torchwoodProof(ours, s))
				if err != nil || err2 != nil || closed != ok || leaf != evidence.Hash(val) {
					t.Fatalf("verified to %s %v %v, torchwood to %s %v %v", leaf, closed, err, val, ok, err2)
				}
			}
		}
	})
}
