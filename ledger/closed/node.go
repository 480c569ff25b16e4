package closed

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"example.org/custody/evidence"
)

// Nodes in the file, 80 bytes each, big-endian, numbered from 1:
//
//	inner   0x01 ‖ bit(1) ‖ left(5) ‖ right(5) ‖ left hash(32) ‖ right hash(32) ‖ CRC-32C(4)
//	leaf    0x02 ‖ seal(32) ‖ leaf hash(32) ‖ index(8) ‖ zeros(3) ‖ CRC-32C(4)
//
// left and right are node numbers. A node is found by number and believed when its
// hash is the one its parent (for the root: the header) has for it; the checksum
// covers the numbers and the index, which no hash does.
const (
	nodeSize  = 80
	kindInner = 1
	kindLeaf  = 2
	maxNumber = 1<<40 - 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// putNode encodes the node in memory in s, whose children must be on disk.
func putNode(b *[nodeSize]byte, s *slot) {
	*b = [nodeSize]byte{}
	if l := s.leaf; l != nil {
		b[0] = kindLeaf
		copy(b[1:], l.Seal[:])
		copy(b[33:], l.Leaf[:])
		binary.BigEndian.PutUint64(b[65:], l.index)
	} else {
		b[0], b[1] = kindInner, s.in.bit
		putNumber(b[2:], s.in.child[0].at)
		putNumber(b[7:], s.in.child[1].at)
		copy(b[12:], s.in.child[0].hash[:])
		copy(b[44:], s.in.child[1].hash[:])
	}
	binary.BigEndian.PutUint32(b[76:], crc32.Checksum(b[:76], castagnoli))
}

// parseNode brings the node encoded in b into s after checking it against the
// hash that s has for it.
func parseNode(b *[nodeSize]byte, s *slot) error {
	if crc32.Checksum(b[:76], castagnoli) != binary.BigEndian.Uint32(b[76:]) {
		return fmt.Errorf("node %d: checksum: %w", s.at, ErrDamaged)
	}
	switch b[0] {
	case kindInner:
		n := &inner{bit: b[1]}
		n.child[0] = slot{at: number(b[2:]), hash: evidence.Hash(b[12:44])}
		n.child[1] = slot{at: number(b[7:]), hash: evidence.Hash(b[44:76])}
		if hashInner(n.bit, n.child[0].hash, n.child[1].hash) == s.hash {
			s.in = n
			return nil
		}
	case kindLeaf:
		l := &leafNode{
			Entry: Entry{Seal: evidence.Seal(b[1:33]), Leaf: evidence.Hash(b[33:65])},
			index: binary.BigEndian.Uint64(b[65:]),
		}
		if hashLeaf(l.Seal, l.Leaf) == s.hash {
			s.leaf = l
			return nil
		}
	}
	return fmt.Errorf("node %d: hash: %w", s.at, ErrDamaged)
}

func putNumber(b []byte, n uint64) {
	b[0] = byte(n >> 32)
	binary.BigEndian.PutUint32(b[1:], uint32(n))
}

func number(b []byte) uint64 { return uint64(b[0])<<32 | uint64(binary.BigEndian.Uint32(b[1:])) }
