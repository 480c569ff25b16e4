package ledger

import (
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"errors"
	"fmt"

	"example.org/custody/evidence"
)

// LeafSize is the length of every leaf in bytes (spec/leaf.md, "Leaf").
const LeafSize = 97

// Leaf is one log entry: type ‖ a ‖ b ‖ c (spec/leaf.md, "Leaf").
type Leaf [LeafSize]byte

// LeafType is the first byte of a leaf; the list is closed (rule P22).
type LeafType byte

// The leaf types of spec/leaf.md.
const (
	TypeEvent      LeafType = 1 // an event: seal key and two commitments
	TypeEpoch      LeafType = 2 // a commitment to the map of closed seals
	TypeTrustList  LeafType = 3 // hash of a trust list
	TypeCheckpoint LeafType = 4 // hash of another state's cosigned checkpoint
	TypeAccessLog  LeafType = 5 // root of the access log
	TypePadding    LeafType = 6 // nothing
)

// NoEpoch stands in the first epoch's place for the index of the one before.
const NoEpoch = ^uint64(0)

// ErrLeafForm reports bytes that are not a leaf in canonical form.
var ErrLeafForm = errors.New("not a leaf in canonical form")

// Epoch commits to the map of the seals closed below index Covered.
type Epoch struct {
	Covered  uint64        // C: event leaves with index < C are in the map
	Root     evidence.Hash // root of the map
	Previous uint64        // index of the epoch before, or [NoEpoch]
}

const commitmentDomain = "custody/event/v1"

// EventLeaf returns the leaf of an event: the key that closes its seal, and
// SHA-256 and SHA3-256 over domain ‖ salt ‖ envelope bytes.
func EventLeaf(key evidence.SealKey, salt [32]byte, envelope []byte) Leaf {
	var l Leaf
	l[0] = byte(TypeEvent)
	copy(l[1:33], key[:])
	h, h3 := sha256.New(), sha3.New256()
	h.Write([]byte(commitmentDomain))
	h3.Write([]byte(commitmentDomain))
	h.Write(salt[:])
	h3.Write(salt[:])
	h.Write(envelope)
	h3.Write(envelope)
	h.Sum(l[33:33:65])
	h3.Sum(l[65:65:97])
	return l
}

// Leaf returns the epoch as a leaf.
func (e Epoch) Leaf() Leaf {
	var l Leaf
	l[0] = byte(TypeEpoch)
	binary.BigEndian.PutUint64(l[1:], e.Covered)
	copy(l[9:41], e.Root[:])
	binary.BigEndian.PutUint64(l[41:], e.Previous)
	return l
}

// HashLeaf returns the leaf that holds one hash, for the types trust list,
// checkpoint and access-log root.
func HashLeaf(t LeafType, h evidence.Hash) Leaf {
	var l Leaf
	l[0] = byte(t)
	copy(l[1:33], h[:])
	return l
}

// ParseLeaf checks that b is a leaf in canonical form: 97 bytes, a known type,
// unused bytes zero. It returns [ErrLeafForm] otherwise.
func ParseLeaf(b []byte) (Leaf, error) {
	if len(b) != LeafSize {
		return Leaf{}, fmt.Errorf("%d bytes: %w", len(b), ErrLeafForm)
	}
	l := Leaf(b)
	var used int
	switch l.Type() {
	case TypeEvent:
		used = 97
	case TypeEpoch:
		used = 49
	case TypeTrustList, TypeCheckpoint, TypeAccessLog:
		used = 33
	case TypePadding:
		used = 1
	default:
		return Leaf{}, fmt.Errorf("type %d: %w", b[0], ErrLeafForm)
	}
	for _, c := range l[used:] {
		if c != 0 {
			return Leaf{}, fmt.Errorf("unused bytes are not zero: %w", ErrLeafForm)
		}
	}
	return l, nil
}

// Type returns the leaf's type.
func (l Leaf) Type() LeafType { return LeafType(l[0]) }

// Hash returns SHA-256(0x00 ‖ leaf), RFC 6962 §2.1: what "leaf hash" always
// means (rule P22).
func (l Leaf) Hash() evidence.Hash {
	var b [1 + LeafSize]byte
	copy(b[1:], l[:])
	return sha256.Sum256(b[:])
}

// Seal returns the seal that an event leaf closes, and false for other types.
func (l Leaf) Seal() (evidence.Seal, bool) {
	if l.Type() != TypeEvent {
		return evidence.Seal{}, false
	}
	return evidence.SealKey(l[1:33]).Seal(), true
}

// Epoch returns the content of an epoch leaf, and false for other types.
func (l Leaf) Epoch() (Epoch, bool) {
	if l.Type() != TypeEpoch {
		return Epoch{}, false
	}
	return Epoch{
		Covered:  binary.BigEndian.Uint64(l[1:]),
		Root:     evidence.Hash(l[9:41]),
		Previous: binary.BigEndian.Uint64(l[41:]),
	}, true
}
