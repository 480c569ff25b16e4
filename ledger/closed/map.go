package closed

import (
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// Map is the map of the seals closed below one size of a log. The methods may
// not be called concurrently, not even those that only read: they bring nodes into
// memory.
type Map struct {
	origin evidence.Origin
	root   slot
	count  uint64        // seals
	pos    uint64        // leaves of the log that have been added
	last   mark          // the newest epoch below pos
	tree   evidence.Hash // root of the log's tree of pos leaves; zero: not known

	gen      uint64 // rises with every snapshot
	flushes  uint64 // rises with every Flush: snapshots from before are void
	added    int    // seals since the last Root
	inMemory int    // nodes brought into memory or made since the last eviction, roughly
	file     *file  // nil: in memory only
}

// mark is an epoch and where it stands; the zero index with a zero covered size
// is an epoch too, so none is at [ledger.NoEpoch].
type mark struct {
	index uint64
	ledger.Epoch
}

var noMark = mark{index: ledger.NoEpoch}

// keepInMemory is how many nodes may stay in memory between calls, some 7 MB, and
// keepLevels how many levels of the tree do when there are more.
const (
	keepInMemory = 1 << 16
	keepLevels   = 15
)

// New returns an empty map of the log o that lives in memory only.
func New(o evidence.Origin) *Map { return &Map{origin: o, last: noMark} }

// Origin returns the log whose seals the map holds.
func (m *Map) Origin() evidence.Origin { return m.origin }

// Covered returns the number of leaves of the log that have been added: the map
// holds the seal of every event leaf with an index below it, and no other.
func (m *Map) Covered() uint64 { return m.pos }

// Len returns the number of closed seals.
func (m *Map) Len() uint64 { return m.count }

// Root returns the root over all seals (spec/leaf.md, "Map of closed seals").
func (m *Map) Root() evidence.Hash {
	if m.root.empty() {
		return emptyRoot
	}
	if m.added >= spreadFrom {
		spread(&m.root, spreadLevels)
	}
	m.added = 0
	return rehash(&m.root)
}

// LastEpoch returns the newest epoch below [Map.Covered] and its index; ok is
// false when there is none.
func (m *Map) LastEpoch() (index uint64, e ledger.Epoch, ok bool) {
	return m.last.index, m.last.Epoch, m.last.index != ledger.NoEpoch
}

// NextEpoch returns the epoch that covers everything added so far and belongs at
// the index [Map.Covered] (rule P1).
func (m *Map) NextEpoch() ledger.Epoch {
	return ledger.Epoch{Covered: m.pos, Root: m.Root(), Previous: m.last.index}
}

// SetTree notes the root of the log's tree of [Map.Covered] leaves, once the caller
// has proven that the leaves added are those of that tree. [Map.Flush] keeps it, so
// that a file can later be held against the tree that is signed then.
func (m *Map) SetTree(root evidence.Hash) { m.tree = root }

// Tree returns the root given to SetTree, and the zero hash when leaves have been
// added since.
func (m *Map) Tree() evidence.Hash { return m.tree }

// Get returns the hash and index of the leaf that closed a seal; ok is false
// when the seal is unbroken. A damaged file is [ErrDamaged].
func (m *Map) Get(seal evidence.Seal) (leaf evidence.Hash, index uint64, ok bool, err error) {
	if m.root.empty() {
		return leaf, 0, false, nil
	}
	defer m.trim()
	there, err := m.reach(seal, nil)
	if err != nil || there.Seal != seal {
		return leaf, 0, false, err
	}
	return there.Leaf, there.index, true, nil
}

// Prove returns the proof of what the map says about a seal under [Map.Root]. A
// damaged file is [ErrDamaged].
func (m *Map) Prove(seal evidence.Seal) (Proof, error) {
	if m.root.empty() {
		return Proof{}, nil
	}
	m.Root() // brings every hash up to date
	defer m.trim()
	var p Proof
	there, err := m.reach(seal, func(n *inner) {
		p.Path = append(p.Path, Step{Bit: n.bit, Other: n.child[1-bitOf(seal, n.bit)].hash})
	})
	if err != nil {
		return Proof{}, err
	}
	p.Reached = &Entry{Seal: there.Seal, Leaf: there.Leaf}
	return p, nil
}

// Add adds the leaf at the index [Map.Covered], whatever its type. It reports
//
//   - [ledger.ErrLeafForm]: not canonical (rule P22)
//   - [*ledger.ClosedError]: an event whose seal is closed, even by the same leaf (P11)
//   - [*EpochError]: an epoch that is wrong (P1)
//   - [ErrLag]: an epoch that covers less than everything before it, and more
//     than the epoch before; only [Map.Replay] can check one
//   - [ErrDamaged]: the file is
//
// and has then added nothing.
func (m *Map) Add(leaf ledger.Leaf) error {
	return m.add(leaf, func(uint64) (evidence.Hash, error) { return evidence.Hash{}, ErrLag })
}

// add is Add; below returns the root of the map at an earlier size.
func (m *Map) add(leaf ledger.Leaf, below func(size uint64) (evidence.Hash, error)) error {
	if _, err := ledger.ParseLeaf(leaf[:]); err != nil {
		return err
	}
	if seal, ok := leaf.Seal(); ok {
		if err := m.insert(&leafNode{Entry: Entry{Seal: seal, Leaf: leaf.Hash()}, index: m.pos}); err != nil {
			return err
		}
	}
	if e, ok := leaf.Epoch(); ok {
		if err := m.checkEpoch(e, below); err != nil {
			return err
		}
		m.last = mark{index: m.pos, Epoch: e}
	}
	m.pos++
	m.tree = evidence.Hash{}
	m.trim()
	return nil
}

// checkEpoch holds an epoch at index m.pos against rule P1.
func (m *Map) checkEpoch(e ledger.Epoch, below func(uint64) (evidence.Hash, error)) error {
	fault := &EpochError{Index: m.pos, Epoch: e, Last: m.last.index}
	first := m.last.index == ledger.NoEpoch
	switch {
	case e.Covered > m.pos:
		fault.Fault = CoversTooMuch
		return fault
	case e.Previous != m.last.index:
		fault.Fault = WrongLink
		return fault
	case !first && e.Covered < m.last.Covered:
		fault.Fault = CoversLess
		return fault
	}
	var want evidence.Hash
	switch {
	case e.Covered == m.pos:
		want = m.Root()
	case !first && e.Covered == m.last.Covered:
		want = m.last.Root
	default:
		var err error
		if want, err = below(e.Covered); err != nil {
			return fmt.Errorf("epoch at %d covering %d: %w", m.pos, e.Covered, err)
		}
	}
	if e.Root != want {
		fault.Fault, fault.Want = WrongRoot, want
		return fault
	}
	return nil
}

// Snapshot is a state of a map to go back to.
type Snapshot struct {
	owner      *Map
	flushes    uint64
	root       slot
	count, pos uint64
	last       mark
	tree       evidence.Hash
}

// Snapshot returns the map's present state. It costs nothing but the copying of
// nodes that change afterwards. It is void after the next [Map.Flush].
func (m *Map) Snapshot() Snapshot {
	m.gen++
	return Snapshot{owner: m, flushes: m.flushes, root: m.root, count: m.count, pos: m.pos, last: m.last, tree: m.tree}
}

// Rollback takes the map to the state of a snapshot, before or after the present
// one. It panics when the snapshot is void or another map's.
func (m *Map) Rollback(s Snapshot) {
	if s.owner != m || s.flushes != m.flushes {
		panic("internal error: rolling back to a snapshot that is void")
	}
	m.root, m.count, m.pos, m.last, m.tree = s.root, s.count, s.pos, s.last, s.tree
	m.gen++
}

// trim forgets nodes when many are in memory and all are on disk too. The upper
// ones, which most paths have in common, stay.
func (m *Map) trim() {
	if m.inMemory > keepInMemory && m.root.onDisk() {
		m.inMemory = prune(&m.root, keepLevels)
	}
}

// prune forgets what is more than levels below s and returns how many nodes stay.
func prune(s *slot, levels int) int {
	if levels == 0 {
		s.in, s.leaf = nil, nil
	}
	if s.in == nil {
		return 0
	}
	return 1 + prune(&s.in.child[0], levels-1) + prune(&s.in.child[1], levels-1)
}
