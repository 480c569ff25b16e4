package asic

import (
	"bufio"
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
	if b.err == nil && b.closed {
		b.err = fmt.Errorf("container: bag is closed")
	}
	if b.err == nil {
		b.err = b.zip.after(name)
	}
	if b.err == nil {
		_, b.err = b.zip.begin(name, int64(len(content)), checksum(0, content))
	}
	if b.err == nil {
		_, b.err = b.zip.Write(content)
	}
	return b.err
}

// Close completes the bag; it does not close what it was written to.
func (b *BagWriter) Close() error {
	if b.err != nil || b.closed {
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
