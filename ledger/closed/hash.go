package closed

import (
	"crypto/sha256"
	"math/bits"

	"example.org/custody/evidence"
)

// domain separates the map's hashes from all others (spec/leaf.md).
const domain = "custody/closed/v1"

// emptyRoot is the root of the map without seals.
var emptyRoot = evidence.Hash(sha256.Sum256([]byte(domain)))

// The two hashes of spec/leaf.md. They are variables for one test only, which
// holds the tree against another implementation under that one's hashes.
var (
	hashLeaf  = specLeaf
	hashInner = specInner
)

func specLeaf(seal evidence.Seal, leaf evidence.Hash) evidence.Hash {
	var b [1 + len(domain) + 64]byte
	n := 1 + copy(b[1:], domain)
	n += copy(b[n:], seal[:])
	copy(b[n:], leaf[:])
	return sha256.Sum256(b[:])
}

func specInner(bit uint8, left, right evidence.Hash) evidence.Hash {
	var b [1 + len(domain) + 1 + 64]byte
	b[0] = 1
	n := 1 + copy(b[1:], domain)
	b[n] = bit
	n++
	n += copy(b[n:], left[:])
	copy(b[n:], right[:])
	return sha256.Sum256(b[:])
}

// join is hashInner of h and other, where h is the side on which seal lies.
func join(bit uint8, seal evidence.Seal, h, other evidence.Hash) evidence.Hash {
	if bitOf(seal, bit) == 0 {
		return hashInner(bit, h, other)
	}
	return hashInner(bit, other, h)
}

// bitOf counts from the most significant bit of byte 0.
func bitOf(s evidence.Seal, bit uint8) int { return int(s[bit/8]>>(7-bit%8)) & 1 }

// firstDifference returns the first bit in which two seals differ; they must.
func firstDifference(a, b evidence.Seal) uint8 {
	for i := range a {
		if x := a[i] ^ b[i]; x != 0 {
			return uint8(8*i + bits.LeadingZeros8(x))
		}
	}
	panic("internal error: first difference of equal seals")
}
