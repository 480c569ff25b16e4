package asic

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// archive is a zip whose every header has been compared with what the writer
// would have written for its members (rule P16).
type archive struct {
	r       io.ReaderAt
	layout  layout
	limits  Limits
	members []member
	zip64   bool
}

// directory is what the end record says, still to be proven.
type directory struct {
	n    int   // members
	at   int64 // position of the central directory
	size int64 // its length in bytes
	end  int64 // length of what follows it
}

// openArchive reads the end record, then the directory, derives from it where
// everything must be and what it must look like, and compares. begins lists what
// such a file can start with; it tells a truncated one from something else.
func openArchive(r io.ReaderAt, size int64, l layout, limits Limits, begins ...[]byte) (*archive, error) {
	a := &archive{r: r, layout: l, limits: limits}
	d, err := a.findDirectory(size, begins)
	if err != nil {
		return nil, err
	}
	if d.n > limits.Entries {
		return nil, refuse(ErrLimit, "", -1, "has %d entries, no more than %d are read", d.n, limits.Entries)
	}
	if err := a.readDirectory(d); err != nil {
		return nil, err
	}
	if err := a.compareEnd(d); err != nil {
		return nil, err
	}
	return a, a.compareLocals()
}

// findDirectory reads the end record, and the zip64 end record if there is one.
func (a *archive) findDirectory(size int64, begins [][]byte) (directory, error) {
	if err := a.checkStart(size, begins); err != nil {
		return directory{}, err
	}
	if size < endSize {
		return directory{}, refuse(ErrTruncated, "", size, "ends before its end record")
	}
	var b [endSize]byte
	if err := readAt(a.r, b[:], size-endSize); err != nil {
		return directory{}, err
	}
	if le.Uint32(b[:]) != endSig {
		return directory{}, a.noEnd(size)
	}
	d := directory{n: int(le.Uint16(b[10:])), size: int64(le.Uint32(b[12:])), at: int64(le.Uint32(b[16:])), end: endSize}
	if d.n == sentinel16 || d.size == sentinel32 || d.at == sentinel32 {
		var err error
		if d, err = a.findEnd64(size); err != nil {
			return directory{}, err
		}
	}
	if rest := size - d.end; d.n < 0 || d.size < 0 || d.at < 0 || d.at > rest || d.size != rest-d.at || int64(d.n) > d.size/centralSize {
		return directory{}, refuse(ErrMalformed, "", size-d.end, "end record does not match: %d entries in %d bytes at %d of %d", d.n, d.size, d.at, size)
	}
	return d, nil
}

func (a *archive) findEnd64(size int64) (directory, error) {
	const length = end64Size + locatorSize + endSize
	if size < length {
		return directory{}, refuse(ErrMalformed, "", size-endSize, "zip64 end record is missing")
	}
	var b [end64Size]byte
	if err := readAt(a.r, b[:], size-length); err != nil {
		return directory{}, err
	}
	return directory{n: int(le.Uint64(b[32:])), size: int64(le.Uint64(b[40:])), at: int64(le.Uint64(b[48:])), end: length}, nil
}

// startShown is how much of the beginning is read to say what is wrong with it.
const startShown = 512

// checkStart compares the first bytes, as far as the file goes.
func (a *archive) checkStart(size int64, begins [][]byte) error {
	for _, b := range begins {
		head := make([]byte, min(int64(len(b)), size))
		if err := readAt(a.r, head, 0); err != nil {
			return err
		}
		if bytes.HasPrefix(b, head) {
			return nil
		}
	}
	return a.noStart(size)
}

// noStart says how a file begins that does not begin as a container does: it may
// be no zip at all, or one with another first entry.
func (a *archive) noStart(size int64) error {
	head := make([]byte, min(startShown, size))
	if err := readAt(a.r, head, 0); err != nil {
		return err
	}
	if len(head) < localSize || le.Uint32(head) != localSig {
		return refuse(ErrMalformed, "", 0, "does not begin as a container does: it begins with %.8q, and is no zip file", head)
	}
	name := head[localSize:min(len(head), localSize+int(le.Uint16(head[26:])))]
	return refuse(ErrMalformed, "", 0, "does not begin as a container does: its first entry is %.80q, %d bytes, CRC-32 %#08x", name, le.Uint32(head[22:]), le.Uint32(head[14:]))
}

// noEnd says why a file that begins right does not end right: cut off, or with
// something after its end.
func (a *archive) noEnd(size int64) error {
	tail := make([]byte, min(size, 1<<16+endSize))
	start := size - int64(len(tail))
	if err := readAt(a.r, tail, start); err != nil {
		return err
	}
	sig := le.AppendUint32(nil, endSig)
	for i := bytes.LastIndex(tail, sig); i >= 0; i = bytes.LastIndex(tail[:i], sig) {
		if i+endSize > len(tail) {
			continue
		}
		at := start + int64(i)
		if int64(le.Uint32(tail[i+12:]))+int64(le.Uint32(tail[i+16:])) == at {
			return refuse(ErrMalformed, "", at+endSize, "%d bytes follow the end record, which announces a comment of %d", size-at-endSize, le.Uint16(tail[i+20:]))
		}
	}
	return refuse(ErrTruncated, "", size, "ends before its end record")
}

// readDirectory derives the members and compares each directory header with
// the one the writer would have written.
func (a *archive) readDirectory(d directory) error {
	dir := bufio.NewReaderSize(io.NewSectionReader(a.r, d.at, d.size), int(min(d.size, 1<<16)))
	a.members = make([]member, 0, d.n)
	var next, read int64 // position of the next local header; bytes of the directory read
	header := make([]byte, 0, centralSize+maxName+maxExtra)
	want := make([]byte, 0, cap(header))
	for range d.n {
		m := member{at: next}
		var err error
		if header, err = a.readCentral(dir, header, d.at+read, &m); err != nil {
			return inDirectory(d.at+read, err)
		}
		want = a.layout.appendCentral(want[:0], &m)
		if err := compareHeader(centralFields, m.name, d.at+read, header, want); err != nil {
			return err
		}
		read += int64(len(header))
		next += a.layout.localLen(&m)
		if m.size > d.at-next {
			return refuse(ErrMalformed, m.name, d.at, "has %d bytes from %d on, which runs into the directory", m.size, next)
		}
		next += m.size
		a.members = append(a.members, m)
	}
	if read != d.size || next != d.at {
		return refuse(ErrMalformed, "", next, "%d bytes belong to no entry", d.size-read+d.at-next)
	}
	return nil
}

// inDirectory says that the directory, not the file, ended within a header.
func inDirectory(at int64, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return refuse(ErrMalformed, "", at, "directory ends in the middle of a header")
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("container: reading the directory at byte %d: %w", at, err)
}

// readCentral reads the directory header at position at into b and its name,
// size and checksum into m. It looks at no other field: those are compared.
func (a *archive) readCentral(dir io.Reader, b []byte, at int64, m *member) ([]byte, error) {
	b = b[:centralSize]
	if _, err := io.ReadFull(dir, b); err != nil {
		return nil, err
	}
	name, extra := int(le.Uint16(b[28:])), int(le.Uint16(b[30:]))
	if le.Uint32(b) != centralSig {
		return nil, refuse(ErrMalformed, "", at, "no directory header for entry %d", len(a.members)+1)
	}
	if name > maxName {
		return nil, refuse(ErrLimit, "", at, "entry %d has a name of %d bytes, more than %d", len(a.members)+1, name, maxName)
	}
	if extra > maxExtra {
		return nil, refuse(ErrMalformed, "", at, "entry %d has an extra field of %d bytes", len(a.members)+1, extra)
	}
	b = b[:centralSize+name+extra]
	if _, err := io.ReadFull(dir, b[centralSize:]); err != nil {
		return nil, err
	}
	m.name = string(b[centralSize : centralSize+name])
	m.crc = le.Uint32(b[16:])
	m.size = int64(le.Uint32(b[24:]))
	if field := b[centralSize+name:]; m.size == sentinel32 && len(field) >= 12 {
		m.size = int64(le.Uint64(field[4:]))
	}
	return b, a.admit(m)
}

// admit checks what the derivation of positions and the reading of contents
// rely on.
func (a *archive) admit(m *member) error {
	switch most := a.limits.Size(m.name); {
	case m.size < 0:
		return refuse(ErrMalformed, m.name, -1, "has a negative size")
	case m.size > most:
		return refuse(ErrLimit, m.name, -1, "has %d bytes, no more than %d are read", m.size, most)
	case m.size == 0 && m.crc != 0:
		return refuse(ErrChecksum, m.name, -1, "is empty and has the CRC-32 %#08x", m.crc)
	}
	return nil
}

func (a *archive) compareEnd(d directory) error {
	got := make([]byte, d.end)
	if err := readAt(a.r, got, d.at+d.size); err != nil {
		return err
	}
	want := a.layout.appendEnd(nil, d.n, d.size, d.at)
	if len(got) != len(want) {
		return refuse(ErrMalformed, "", d.at+d.size, "end record has %d bytes where %d belong: zip64 parts are there without need, or missing", len(got), len(want))
	}
	if !bytes.Equal(got, want) {
		i := different(got, want)
		return refuse(ErrMalformed, "", d.at+d.size+int64(i), "end record differs in its byte %d: comment, disk numbers or zip64 parts are not what the writer writes", i)
	}
	a.zip64 = a.layout.end64(d.n, d.size, d.at)
	return nil
}

func (a *archive) compareLocals() error {
	buf := make([]byte, localSize+maxName+maxExtra)
	want := make([]byte, 0, len(buf))
	for i := range a.members {
		m := &a.members[i]
		want = a.layout.appendLocal(want[:0], m)
		got := buf[:len(want)]
		if err := readAt(a.r, got, m.at); err != nil {
			return err
		}
		if err := compareHeader(localFields, m.name, m.at, got, want); err != nil {
			return err
		}
	}
	return nil
}

// different returns the place of the first byte in which two strings of one length
// differ.
func different(got, want []byte) int {
	for i := range want {
		if got[i] != want[i] {
			return i
		}
	}
	return len(want)
}

func compareHeader(fields []headerField, name string, at int64, got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	if len(got) != len(want) {
		return refuse(ErrMalformed, name, at, "header has %d bytes where %d belong", len(got), len(want))
	}
	i, what := difference(fields, got, want)
	return refuse(ErrMalformed, name, at+int64(i), "%s", what)
}
