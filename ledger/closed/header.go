package closed

import (
	"crypto/sha256"
	"encoding/binary"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// The file begins with two pages of 4096 bytes, each with a header at its start;
// nodes follow. Of the headers that are whole the one with the larger sequence
// number counts. A flush writes its nodes behind all others, then the header that
// does not count, so that a crash at any point leaves one of the two last states.
//
//	magic(16) ‖ sequence(8) ‖ covered(8) ‖ seals(8) ‖ nodes(8) ‖ root(8) ‖ root hash(32) ‖ SHA-256(origin)(32)
//	‖ tree root(32) ‖ epoch index(8) ‖ epoch covered(8) ‖ epoch root(32) ‖ epoch previous(8) ‖ SHA-256 of all before(32)
const (
	magic      = "custody closed 1"
	pageSize   = 4096
	headerSize = 16 + 5*8 + 3*32 + 56 + sha256.Size
	nodesStart = 2 * pageSize
)

type header struct {
	seq    uint64
	pos    uint64 // leaves of the log that the state covers
	count  uint64
	nodes  uint64 // nodes in the file, garbage included
	root   uint64 // node number; 0: no seals
	hash   evidence.Hash
	origin evidence.Hash
	tree   evidence.Hash // root of the log's tree of pos leaves; zero: not known
	last   mark
}

func originHash(o evidence.Origin) evidence.Hash { return sha256.Sum256([]byte(o)) }

func (h header) marshal() []byte {
	b := append(make([]byte, 0, headerSize), magic...)
	for _, n := range []uint64{h.seq, h.pos, h.count, h.nodes, h.root} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	b = append(b, h.hash[:]...)
	b = append(b, h.origin[:]...)
	b = append(b, h.tree[:]...)
	b = binary.BigEndian.AppendUint64(b, h.last.index)
	b = binary.BigEndian.AppendUint64(b, h.last.Covered)
	b = append(b, h.last.Root[:]...)
	b = binary.BigEndian.AppendUint64(b, h.last.Previous)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// parseHeader reads a header for a file of size bytes; ok is false when it is not
// whole or speaks of nodes that the file does not have.
func parseHeader(b []byte, size int64) (h header, ok bool) {
	if len(b) < headerSize || string(b[:len(magic)]) != magic {
		return h, false
	}
	body := b[:headerSize-sha256.Size]
	if sha256.Sum256(body) != [sha256.Size]byte(b[len(body):headerSize]) {
		return h, false
	}
	rest := body[len(magic):]
	next := func() (n uint64) {
		n, rest = binary.BigEndian.Uint64(rest), rest[8:]
		return n
	}
	nextHash := func() (x evidence.Hash) {
		x, rest = evidence.Hash(rest[:32]), rest[32:]
		return x
	}
	h.seq, h.pos, h.count, h.nodes, h.root = next(), next(), next(), next(), next()
	h.hash, h.origin, h.tree = nextHash(), nextHash(), nextHash()
	h.last.index = next()
	h.last.Epoch = ledger.Epoch{Covered: next(), Root: nextHash(), Previous: next()}
	return h, h.nodes <= maxNumber && h.root <= h.nodes && nodesStart+int64(h.nodes)*nodeSize <= size
}
