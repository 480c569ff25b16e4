package trillianlog

import (
	"crypto/sha256"
	"encoding/binary"

	"example.org/custody/ledger"
)

const identityDomain = "custody/trillian/v1"

// identity returns Trillian's leaf identity hash, the primary key of a leaf in its tree:
// of an event the seal that it closes, so that the database refuses a second close; of
// any other leaf SHA-256(domain ‖ index (8) ‖ leaf), so that equal ones may stand at two
// indexes, as they may in the embedded engine.
func identity(l ledger.Leaf, index uint64) [32]byte {
	if seal, ok := l.Seal(); ok {
		return seal
	}
	b := binary.BigEndian.AppendUint64([]byte(identityDomain), index)
	return sha256.Sum256(append(b, l[:]...))
}
