package closed

import (
	"sync"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// inner is an inner node. A node whose gen is not the map's belongs to a snapshot
// too and is copied before it is changed.
type inner struct {
	child [2]slot
	gen   uint64
	bit   uint8
}

// leafNode is a closed seal. It never changes.
type leafNode struct {
	Entry
	index uint64 // of the closing leaf in the log; not hashed, so that a refusal can name it
}

// slot is where a node hangs: in its parent, or as the root. A node that is on
// disk need not be in memory. The zero slot is that of an empty map.
type slot struct {
	hash evidence.Hash // of the node, unless at is notHashed
	at   uint64        // node number in the file, from 1; or one of the values below
	in   *inner        // the node, when it is in memory;
	leaf *leafNode     // at most one of the two is set
}

const (
	notHashed  = ^uint64(0)     // in memory only, hash to be computed
	notWritten = ^uint64(0) - 1 // in memory only, hash known
)

func (s *slot) empty() bool    { return *s == slot{} }
func (s *slot) resident() bool { return s.in != nil || s.leaf != nil }
func (s *slot) onDisk() bool   { return s.at != 0 && s.at < notWritten }

// reach returns the leaf at which a search for the seal ends; the map must not be
// empty. It brings the path into memory. visit, when given, sees each inner node
// passed.
func (m *Map) reach(seal evidence.Seal, visit func(*inner)) (*leafNode, error) {
	s := &m.root
	for {
		if err := m.load(s); err != nil {
			return nil, err
		}
		if s.leaf != nil {
			return s.leaf, nil
		}
		if visit != nil {
			visit(s.in)
		}
		s = &s.in.child[bitOf(seal, s.in.bit)]
	}
}

// own makes the inner node in s safe to change and marks its hash as out of date.
func (m *Map) own(s *slot) *inner {
	if s.in.gen != m.gen {
		c := *s.in
		c.gen = m.gen
		s.in = &c
		m.inMemory++
	}
	s.at = notHashed
	return s.in
}

// insert adds a seal, or returns a [*ledger.ClosedError].
func (m *Map) insert(l *leafNode) error {
	m.inMemory += 2
	m.added++
	added := slot{leaf: l, at: notHashed}
	if m.root.empty() {
		m.root, m.count = added, 1
		return nil
	}
	there, err := m.reach(l.Seal, nil)
	if err != nil {
		return err
	}
	if there.Seal == l.Seal {
		return &ledger.ClosedError{Seal: there.Seal, Index: there.index, Leaf: there.Leaf}
	}
	bit := firstDifference(there.Seal, l.Seal)
	s := &m.root // reach has brought what follows into memory
	for s.in != nil && s.in.bit < bit {
		s = &m.own(s).child[bitOf(l.Seal, s.in.bit)]
	}
	n := &inner{bit: bit, gen: m.gen}
	side := bitOf(l.Seal, bit)
	n.child[side], n.child[1-side] = added, *s
	*s = slot{in: n, at: notHashed}
	m.count++
	return nil
}

// remove takes out a seal, which must be there. Only [Map.rootBelow] uses it, to
// look back: no seal is ever opened again.
func (m *Map) remove(seal evidence.Seal) error {
	there, err := m.reach(seal, nil)
	if err != nil {
		return err
	}
	if there.Seal != seal {
		panic("internal error: removing a seal that is not closed")
	}
	m.count--
	s := &m.root
	if s.leaf != nil {
		*s = slot{}
		return nil
	}
	for {
		side := bitOf(seal, s.in.bit)
		if s.in.child[side].leaf != nil {
			*s = s.in.child[1-side]
			return nil
		}
		s = &m.own(s).child[side]
	}
}

// rehash returns the hash of the node in s and computes what is out of date below.
// Only nodes in memory can be.
func rehash(s *slot) evidence.Hash {
	if s.at != notHashed {
		return s.hash
	}
	if s.leaf != nil {
		s.hash = hashLeaf(s.leaf.Seal, s.leaf.Leaf)
	} else {
		s.hash = hashInner(s.in.bit, rehash(&s.in.child[0]), rehash(&s.in.child[1]))
	}
	s.at = notWritten
	return s.hash
}

// From so many new seals on a root is computed by several goroutines, one for each
// subtree so many levels down.
const (
	spreadFrom   = 32
	spreadLevels = 2
)

// spread is rehash. Subtrees share no node in memory that is out of date.
func spread(s *slot, levels int) {
	if levels == 0 || s.at != notHashed || s.leaf != nil {
		rehash(s)
		return
	}
	var right sync.WaitGroup
	right.Go(func() { spread(&s.in.child[1], levels-1) })
	spread(&s.in.child[0], levels-1)
	right.Wait()
	rehash(s)
}
