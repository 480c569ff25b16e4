package closed

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// minGarbage is how many dead nodes a file may have before it is written anew.
const minGarbage = 1 << 13

// Flush makes the map durable in its file: the new nodes, fsync, a header, fsync.
// It costs the nodes that changed, and voids all snapshots. A map in memory only
// does nothing.
//
// Flush only what the log holds durably: after a crash the map must not know a
// leaf that the log does not. When more of the file is garbage than not it is
// written anew beside the old one and takes its place.
//
// After an error the map goes on in memory. A full disk may be tried again; when
// the system cannot say what became of the bytes, every later Flush fails too and
// the map must be opened again.
func (m *Map) Flush() error {
	if m.file == nil {
		return nil
	}
	if m.file.failed != nil {
		return m.file.failed
	}
	if m.pos != m.file.header.pos || m.tree != m.file.header.tree { // whatever else changes moves pos
		m.flushes++
		if err := m.flush(); err != nil {
			return fmt.Errorf("map of closed seals: %w", err)
		}
	}
	m.trim()
	if m.garbage() > max(minGarbage, m.live()) {
		m.flushes++
		if err := m.compact(); err != nil {
			return fmt.Errorf("map of closed seals: writing it anew: %w", err)
		}
	}
	return nil
}

// live returns how many nodes the tree has.
func (m *Map) live() uint64 { return max(2*m.count, 1) - 1 }

func (m *Map) garbage() uint64 { return m.file.header.nodes - m.live() }

func (m *Map) flush() error {
	m.Root()
	f := m.file
	h := header{
		seq: f.header.seq + 1, pos: m.pos, count: m.count, origin: f.header.origin, last: m.last,
		nodes: f.header.nodes, hash: m.root.hash, tree: m.tree,
	}
	first := h.nodes + 1
	w := bufio.NewWriterSize(io.NewOffsetWriter(f.disk, nodeOffset(first)), 1<<18)
	err := writeNew(&m.root, w, &h.nodes)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		forget(&m.root, first)
		return err
	}
	h.root = m.root.at
	if err := f.commit(h); err != nil {
		forget(&m.root, first)
		f.failed = fmt.Errorf("state on disk is not known: %w", err)
		return f.failed
	}
	return nil
}

// commit makes the nodes durable, then the header that speaks of them.
func (f *file) commit(h header) error {
	if err := f.disk.Sync(); err != nil {
		return err
	}
	if _, err := f.disk.WriteAt(h.marshal(), int64(h.seq%2)*pageSize); err != nil {
		return err
	}
	if err := f.disk.Sync(); err != nil {
		return err
	}
	f.header = h
	return nil
}

// writeNew writes the nodes below s that are not on disk, children first, and
// numbers them from *last+1.
func writeNew(s *slot, w io.Writer, last *uint64) error {
	if s.empty() || s.onDisk() {
		return nil
	}
	if s.in != nil {
		for i := range s.in.child {
			if err := writeNew(&s.in.child[i], w, last); err != nil {
				return err
			}
		}
	}
	if *last == maxNumber {
		return errors.New("file is full")
	}
	var b [nodeSize]byte
	putNode(&b, s)
	if _, err := w.Write(b[:]); err != nil {
		return err
	}
	*last++
	s.at = *last
	return nil
}

// forget takes back the numbers from first on that writeNew gave. A node without a
// number has parents without one, and nodes get theirs after their children.
func forget(s *slot, first uint64) {
	if s.empty() || s.onDisk() && s.at < first {
		return
	}
	s.at = notWritten
	if s.in != nil {
		forget(&s.in.child[0], first)
		forget(&s.in.child[1], first)
	}
}
