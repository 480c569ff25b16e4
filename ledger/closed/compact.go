package closed

import (
	"bufio"
	"errors"
	"io"
	"os"
)

// compact writes the tree, which is wholly on disk, into a new file that takes
// the old one's place.
func (m *Map) compact() error {
	f := m.file
	h := f.header
	h.seq, h.nodes = 1, 0
	root := slot{at: m.root.at, hash: m.root.hash}
	temp, err := stage(f.path, func(out *os.File) error {
		w := bufio.NewWriterSize(io.NewOffsetWriter(out, nodesStart), 1<<18)
		if err := f.copyTree(&root, w, &h.nodes); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		h.root = root.at
		return writePages(out, h)
	})
	if err != nil {
		return err
	}
	// Windows cannot replace a file that is open.
	f.disk.Close()
	err = swap(temp, f.path)
	d, errOpen := openDisk(f.path)
	if err := errors.Join(err, errOpen); err != nil {
		f.failed = err // which of the two files a restart finds is not known; either is right
		return err
	}
	f.disk, f.header = d, h
	m.root, m.inMemory = root, 0
	return nil
}

// copyTree copies the tree below s from f, reading each node once and leaving
// none in memory, and puts the new number into s.
func (f *file) copyTree(s *slot, w io.Writer, last *uint64) error {
	if s.empty() {
		return nil
	}
	if err := f.read(s); err != nil {
		return err
	}
	if s.in != nil {
		for i := range s.in.child {
			if err := f.copyTree(&s.in.child[i], w, last); err != nil {
				return err
			}
		}
	}
	var b [nodeSize]byte
	putNode(&b, s)
	if _, err := w.Write(b[:]); err != nil {
		return err
	}
	*last++
	*s = slot{at: *last, hash: s.hash}
	return nil
}

// Check reads every node that the last flush left in the file and returns
// [ErrDamaged] when one is not what it was.
func (m *Map) Check() error {
	if m.file == nil || m.file.header.root == 0 {
		return nil
	}
	var nodes uint64
	root := slot{at: m.file.header.root, hash: m.file.header.hash}
	return m.file.copyTree(&root, io.Discard, &nodes)
}
