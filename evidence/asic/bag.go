package asic

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sort"
	"strings"
)

// BagWriter writes an inner bag: many small files as one entry of a container
// (spec/container.md, "Bag"). It only ever writes forward, so a bag can go
// straight into an entry or through an encrypter, without a temporary file.
type BagWriter struct {
	zip    *zipWriter
	buf    *bufio.Writer
	open   bool // a member is
	closed bool
	err    error
}

// NewBagWriter starts a bag on w, which is best a [Writer]'s entry.
func NewBagWriter(w io.Writer, l Limits) *BagWriter {
	buf := bufio.NewWriterSize(w, sinkBuffer)
	return &BagWriter{zip: newZipWriter(buf, l.or(MaxMembers, noLimit)), buf: buf}
}

// WriteFile adds a member; names must ascend bytewise. After an error every
// further call returns it.
func (b *BagWriter) WriteFile(name string, content []byte) error {
	if err := b.begin(name, int64(len(content)), checksum(0, content)); err != nil {
		return err
	}
	_, b.err = b.zip.Write(content)
	return b.err
}

// Create starts a member that is not at hand as a whole: exactly size bytes must be
// written, which have the CRC-32 (IEEE) that is given, since both stand before them.
// Closing it ends the member; until then no other can begin.
func (b *BagWriter) Create(name string, size int64, crc uint32) (io.WriteCloser, error) {
	if err := b.begin(name, size, crc); err != nil {
		return nil, err
	}
	b.open = true
	return &memberWriter{bag: b, name: name, left: size, want: crc}, nil
}

// begin checks that it is the member's turn and writes its header.
func (b *BagWriter) begin(name string, size int64, crc uint32) error {
	switch {
	case b.err != nil:
	case b.closed:
		b.err = fmt.Errorf("container: bag is closed")
	case b.open:
		b.err = errMemberOpen
	default:
		b.err = b.zip.after(name)
	}
	if b.err == nil {
		_, b.err = b.zip.begin(name, size, crc)
	}
	return b.err
}

var errMemberOpen = errors.New("container: a member of the bag is still open")

// memberWriter takes the content of one member of a bag.
type memberWriter struct {
	bag  *BagWriter
	name string
	left int64
	crc  uint32
	want uint32
	done bool
}

// Write appends to the member's content.
func (m *memberWriter) Write(p []byte) (n int, err error) {
	b := m.bag
	switch {
	case b.err != nil:
	case m.done:
		b.err = fmt.Errorf("container: member %q of a bag is closed", m.name)
	case int64(len(p)) > m.left:
		b.err = fmt.Errorf("container: member %q of a bag has more bytes than were stated", m.name)
	default:
		m.crc, m.left = checksum(m.crc, p), m.left-int64(len(p))
		n, b.err = b.zip.Write(p)
	}
	return n, b.err
}

// Close ends the member.
func (m *memberWriter) Close() error {
	b := m.bag
	if m.done || b.err != nil {
		return b.err
	}
	m.done, b.open = true, false
	if m.left > 0 || m.crc != m.want {
		b.err = fmt.Errorf("container: member %q of a bag is not what was stated: %d bytes less, CRC-32 %#08x instead of %#08x", m.name, m.left, m.crc, m.want)
	}
	return b.err
}

// Close completes the bag; it does not close what it was written to.
func (b *BagWriter) Close() error {
	if b.err != nil || b.closed {
		return b.err
	}
	if b.open {
		b.err = errMemberOpen
		return b.err
	}
	b.closed = true
	if b.err = b.zip.finish(); b.err == nil {
		b.err = b.buf.Flush()
	}
	return b.err
}

// Zip64 reports, after [BagWriter.Close], whether the bag needs zip64: 65,535
// members or more, or more than 4 GiB.
func (b *BagWriter) Zip64() bool { return b.zip.zip64 }

// Member is one file of a bag.
type Member struct {
	Name string
	Size int64 // bytes
}

// Bag reads an inner bag. It may be used concurrently.
type Bag struct {
	archive *archive
}

// OpenBag checks a bag of size bytes but for the contents of its members, as
// [Open] does for a container. Refusals are [*Error] values.
func OpenBag(r io.ReaderAt, size int64, l Limits) (*Bag, error) {
	return openBag(r, size, standard, l)
}

func openBag(r io.ReaderAt, size int64, lay layout, l Limits) (*Bag, error) {
	// Without members a bag is an end record and nothing else.
	a, err := openArchive(r, size, lay, l.or(MaxMembers, noLimit), []byte("PK\x03\x04"), []byte("PK\x05\x06"))
	if err != nil {
		return nil, err
	}
	if err := ascending(a.members); err != nil {
		return nil, err
	}
	names := nameSet{}
	for _, m := range a.members {
		err := CheckName(m.name)
		if err == nil {
			err = names.add(m.name)
		}
		if err != nil {
			return nil, refuse(ErrMalformed, m.name, m.at, "%v", err)
		}
	}
	return &Bag{archive: a}, nil
}

// Len returns the number of members.
func (b *Bag) Len() int { return len(b.archive.members) }

// Member returns the i-th member in ascending order of the name, 0 ≤ i < Len.
func (b *Bag) Member(i int) Member {
	m := &b.archive.members[i]
	return Member{Name: m.name, Size: m.size}
}

// Open streams the content of a member and checks its CRC-32 at the end. An
// unknown name is an error that wraps [fs.ErrNotExist].
func (b *Bag) Open(name string) (*EntryReader, error) {
	i, err := b.find(name)
	if err != nil {
		return nil, err
	}
	return b.archive.content(i), nil
}

// ReadFile returns the content of a member of at most most bytes, checked
// against its CRC-32.
func (b *Bag) ReadFile(name string, most int64) ([]byte, error) {
	i, err := b.find(name)
	if err != nil {
		return nil, err
	}
	return b.archive.readAll(i, most)
}

func (b *Bag) find(name string) (int, error) {
	members := b.archive.members
	i, ok := sort.Find(len(members), func(i int) int { return strings.Compare(name, members[i].name) })
	if !ok {
		return 0, fmt.Errorf("container: bag has no member %.200q: %w", name, fs.ErrNotExist)
	}
	return i, nil
}
