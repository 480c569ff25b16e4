package ledgertest

import (
	"crypto/sha256"
	"encoding/binary"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// Key returns the n-th of a fixed sequence of seal keys. They are not random:
// a test that fails once fails again.
func Key(n uint64) evidence.SealKey {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte("ledgertest/key"), n))
}

// Event returns an event leaf that closes the seal of [Key](n).
func Event(n uint64) ledger.Leaf { return Rival(n, 0) }

// Rival returns event leaves that all close the seal of [Key](n) and differ in
// who claims it.
func Rival(n, who uint64) ledger.Leaf {
	return ledger.EventLeaf(Key(n), sha256.Sum256([]byte("ledgertest/salt")),
		binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, n), who))
}

// Events returns the event leaves from Event(from) to Event(to-1).
func Events(from, to uint64) []ledger.Leaf {
	leaves := make([]ledger.Leaf, 0, to-from)
	for n := from; n < to; n++ {
		leaves = append(leaves, Event(n))
	}
	return leaves
}
