package asic

import (
	"errors"
	"io"
)

// EntryReader streams the content of one entry. It returns [io.EOF] only when
// all of it was delivered and fits its CRC-32; a reader that stops before has
// checked nothing.
type EntryReader struct {
	name string
	r    *io.SectionReader
	size int64
	left int64
	want uint32
	crc  uint32
}

// content opens the i-th member.
func (a *archive) content(i int) *EntryReader {
	m := &a.members[i]
	return &EntryReader{name: m.name, r: a.section(i), size: m.size, left: m.size, want: m.crc}
}

// section returns the i-th member's bytes, unchecked.
func (a *archive) section(i int) *io.SectionReader {
	m := &a.members[i]
	return io.NewSectionReader(a.r, m.at+a.layout.localLen(m), m.size)
}

// Size returns the length of the content in bytes.
func (e *EntryReader) Size() int64 { return e.size }

// Section returns the content for access at random, unchecked: for those who
// hash it in a way of their own and then call [EntryReader.Took].
func (e *EntryReader) Section() *io.SectionReader { return io.NewSectionReader(e.r, 0, e.size) }

// Took says that the caller has read all of the content through
// [EntryReader.Section], and what CRC-32 (IEEE) it found. The next Read reports
// the end, or that the content is damaged.
func (e *EntryReader) Took(crc uint32) { e.left, e.crc = 0, crc }

// Read implements [io.Reader]. With the last bytes, or without any, it reports
// an [*Error] of kind [ErrChecksum] or [ErrTruncated].
func (e *EntryReader) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, e.end()
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := e.r.Read(p)
	e.crc = checksum(e.crc, p[:n])
	e.left -= int64(n)
	switch {
	case e.left == 0:
		if err := e.end(); err != io.EOF {
			return n, err
		}
		return n, nil
	case errors.Is(err, io.EOF):
		return n, refuse(ErrTruncated, e.name, -1, "ends %d bytes early", e.left)
	}
	return n, err
}

func (e *EntryReader) end() error {
	if e.crc != e.want {
		return refuse(ErrChecksum, e.name, -1, "content has CRC-32 %#08x where %#08x belongs: it is damaged", e.crc, e.want)
	}
	return io.EOF
}

// WriteTo implements [io.WriterTo], in large steps whatever io.Copy would choose.
func (e *EntryReader) WriteTo(w io.Writer) (int64, error) {
	buf := make([]byte, min(copyBuffer, max(e.left, 1)))
	var total int64
	for {
		n, err := e.Read(buf)
		if n > 0 {
			written, werr := w.Write(buf[:n])
			total += int64(written)
			if werr != nil {
				return total, werr
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// readAll returns the i-th member's content, checked against its CRC-32, if it
// has no more than most bytes.
func (a *archive) readAll(i int, most int64) ([]byte, error) {
	m := &a.members[i]
	if m.size > most {
		return nil, refuse(ErrLimit, m.name, -1, "has %d bytes, no more than %d are read at once", m.size, most)
	}
	b := make([]byte, m.size)
	e := a.content(i)
	if _, err := io.ReadFull(e, b); err != nil {
		return nil, err
	}
	if _, err := e.Read(nil); err != io.EOF {
		return nil, err
	}
	return b, nil
}
