package ledgertest

import (
	"crypto/sha256"
	"math/bits"
	"slices"

	"example.org/custody/evidence"
	"golang.org/x/mod/sumdb/tlog"
)

// treeHash is MTH of RFC 6962 §2.1 over leaf hashes.
func treeHash(leaves []tlog.Hash) tlog.Hash {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	default:
		k := 1 << (bits.Len(uint(n-1)) - 1) // largest power of two below n
		return nodeHash(treeHash(leaves[:k]), treeHash(leaves[k:]))
	}
}

func nodeHash(l, r tlog.Hash) tlog.Hash {
	return sha256.Sum256(slices.Concat([]byte{1}, l[:], r[:]))
}

type closing struct {
	seal evidence.Seal
	leaf evidence.Hash
}

const mapDomain = "custody/closed/v1"

// mapRoot returns the root of the map of closed seals by the definition in
// spec/leaf.md, "Map of closed seals". It sorts entries.
func mapRoot(entries []closing) evidence.Hash {
	if len(entries) == 0 {
		return sha256.Sum256([]byte(mapDomain))
	}
	slices.SortFunc(entries, func(a, b closing) int { return slices.Compare(a.seal[:], b.seal[:]) })
	return subMapRoot(entries)
}

// subMapRoot is mapRoot of one or more entries in order: they part at the first
// bit in which the first and the last differ.
func subMapRoot(entries []closing) evidence.Hash {
	first, last := entries[0], entries[len(entries)-1]
	if len(entries) == 1 {
		return sha256.Sum256(slices.Concat([]byte{0}, []byte(mapDomain), first.seal[:], first.leaf[:]))
	}
	bit := 0
	for bitOf(first.seal, bit) == bitOf(last.seal, bit) {
		bit++
	}
	cut := slices.IndexFunc(entries, func(c closing) bool { return bitOf(c.seal, bit) == 1 })
	l, r := subMapRoot(entries[:cut]), subMapRoot(entries[cut:])
	return sha256.Sum256(slices.Concat([]byte{1}, []byte(mapDomain), []byte{byte(bit)}, l[:], r[:]))
}

// bitOf counts from the most significant bit of byte 0.
func bitOf(s evidence.Seal, i int) byte { return s[i/8] >> (7 - i%8) & 1 }
