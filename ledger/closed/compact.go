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
		if err := copyTree(newBlocks(f.disk), &root, w, &h.nodes); err != nil {
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

// copyTree copies the tree below s, reading each node once and leaving none in
// memory, and puts the new number into s.
func copyTree(r io.ReaderAt, s *slot, w io.Writer, last *uint64) error {
	if s.empty() {
		return nil
	}
	if err := readNode(r, s); err != nil {
		return err
	}
	if s.in != nil {
		for i := range s.in.child {
			if err := copyTree(r, &s.in.child[i], w, last); err != nil {
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
	return copyTree(newBlocks(m.file.disk), &root, io.Discard, &nodes)
}

// blocks reads a file by blocks and keeps the last ones: nodes of one subtree were
// mostly written together.
type blocks struct {
	r    io.ReaderAt
	held []block
}

type block struct {
	number int64 // -1: none
	b      []byte
}

const (
	blockSize = 4096
	blockKeep = 1024
)

func newBlocks(r io.ReaderAt) *blocks {
	c := &blocks{r: r, held: make([]block, blockKeep)}
	for i := range c.held {
		c.held[i].number = -1
	}
	return c
}

// ReadAt implements [io.ReaderAt].
func (c *blocks) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) && err == nil {
		var b []byte
		b, err = c.block((at + int64(n)) / blockSize)
		skip := min(int((at+int64(n))%blockSize), len(b))
		n += copy(p[n:], b[skip:])
		if err == nil && skip == len(b) {
			err = io.EOF
		}
	}
	return n, err
}

func (c *blocks) block(number int64) ([]byte, error) {
	h := &c.held[number%blockKeep]
	if h.number == number {
		return h.b, nil
	}
	if h.b == nil {
		h.b = make([]byte, blockSize)
	}
	h.number = -1
	n, err := c.r.ReadAt(h.b[:blockSize], number*blockSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	h.number, h.b = number, h.b[:n]
	return h.b, nil
}
