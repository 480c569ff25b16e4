package evidence

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
)

// RecordBuilder computes the roots of a record whose entries come one after the
// other, and keeps none of them: the record of 100,000 files takes no more
// memory than that of one. [NewRecord] is for what fits into memory.
type RecordBuilder struct {
	mac         hash.Hash
	order       nameOrder
	count       int
	tree, tree3 *hashTree
}

// NewRecordBuilder begins a record under key.
func NewRecordBuilder(key RecordKey) *RecordBuilder {
	return &RecordBuilder{
		mac: hmac.New(sha256.New, key[:]), tree: newHashTree(sha256.New), tree3: newHashTree(sha3New),
	}
}

// Add adds the next entry: fields by name, then files by number. It returns
// [ErrRecord] when the order, the name or the value is not that of spec/record.md.
func (b *RecordBuilder) Add(name string, value json.RawMessage) error {
	if b.count == MaxEntries {
		return fmt.Errorf("%w: more than %d entries", ErrRecord, MaxEntries)
	}
	if err := b.order.next(b.count, name); err != nil {
		return err
	}
	if err := checkValue(value); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	h, h3 := valueHashes(saltFrom(b.mac, uint64(b.count)), value)
	leaf, leaf3 := leafHashes(name, h, h3)
	b.tree.append(leaf)
	b.tree3.append(leaf3)
	b.count++
	return nil
}

// Roots returns what the event has to sign of the entries so far.
func (b *RecordBuilder) Roots() RecordRoots {
	return RecordRoots{Count: int64(b.count), Root: b.tree.root(), Root3: b.tree3.root()}
}
