package asic

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"example.org/custody/evidence"
)

// copyBuffer is how much is read at a time when one side of a copy is ours.
const copyBuffer = 1 << 20

func checksum(crc uint32, p []byte) uint32 { return crc32.Update(crc, crc32.IEEETable, p) }

// entryWriter takes the content of one entry. The header is written first with
// what is known, and patched at the end with length and checksum.
type entryWriter struct {
	w    *Writer
	head Header
	most int64 // bytes that may be written
	n    int64 // bytes written
	crc  uint32
	sha  hash.Hash // nil when the caller knows the digest
	done bool
}

func newEntryWriter(w *Writer, h Header) (*entryWriter, error) {
	e := &entryWriter{w: w, head: h, most: h.Size}
	if h.Size < 0 {
		e.most = w.zip.limits.Size(h.Name)
	}
	if h.Digest == nil {
		e.sha = sha256.New()
	}
	if _, err := w.zip.begin(h.Name, max(h.Size, 0), 0); err != nil {
		return nil, err
	}
	return e, nil
}

// Write appends to the entry's content.
func (e *entryWriter) Write(p []byte) (int, error) {
	if e.done {
		return 0, fmt.Errorf("container: entry %q is closed", e.head.Name)
	}
	if e.w.err != nil {
		return 0, e.w.err
	}
	if int64(len(p)) > e.most-e.n {
		return 0, e.w.fail(e.tooLong())
	}
	e.crc = checksum(e.crc, p)
	if e.sha != nil {
		e.sha.Write(p)
	}
	n, err := e.w.zip.Write(p)
	e.n += int64(n)
	if err != nil {
		return n, e.w.fail(fmt.Errorf("container: entry %q: %w", e.head.Name, err))
	}
	return n, nil
}

func (e *entryWriter) tooLong() error {
	if e.head.Size < 0 {
		return refuse(ErrLimit, e.head.Name, -1, "has more than %d bytes", e.most)
	}
	return fmt.Errorf("container: entry %q has more than the %d bytes stated", e.head.Name, e.head.Size)
}

// ReadFrom copies all of r, in large steps whatever io.Copy would choose.
func (e *entryWriter) ReadFrom(r io.Reader) (int64, error) {
	buf := make([]byte, copyBuffer)
	var total int64
	for {
		n, err := r.Read(buf)
		if n > 0 {
			if _, werr := e.Write(buf[:n]); werr != nil {
				return total, werr
			}
			total += int64(n)
		}
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, e.w.fail(fmt.Errorf("container: entry %q: %w", e.head.Name, err))
		}
	}
}

// Close ends the entry and completes its header.
func (e *entryWriter) Close() error {
	if e.done {
		return nil
	}
	e.done = true
	e.w.open = nil
	if e.w.err != nil {
		return e.w.err
	}
	if e.head.Size >= 0 && e.n != e.head.Size {
		return e.w.fail(fmt.Errorf("container: entry %q has %d of the %d bytes stated", e.head.Name, e.n, e.head.Size))
	}
	if err := e.completeHeader(); err != nil {
		return e.w.fail(fmt.Errorf("container: entry %q: %w", e.head.Name, err))
	}
	e.list()
	return nil
}

func (e *entryWriter) completeHeader() error {
	z := e.w.zip
	m := &z.members[len(z.members)-1]
	before := z.layout.localLen(m)
	m.size, m.crc = e.n, e.crc
	if grown := z.layout.localLen(m) - before; grown > 0 {
		if err := e.w.sink.widen(m.at+before, grown); err != nil {
			return err
		}
		z.at += grown
	}
	return e.w.sink.patch(m.at, z.layout.appendLocal(nil, m))
}

// list puts the finished entry into the manifest.
func (e *entryWriter) list() {
	f := Entry{Name: e.head.Name, MimeType: e.head.MimeType, Size: e.n, Root: e.head.Root}
	if e.sha != nil {
		f.Digest = evidence.Hash(e.sha.Sum(nil))
	} else {
		f.Digest = e.head.Digest()
	}
	if f.Root {
		e.w.root = f.Name
	}
	e.w.files = append(e.w.files, f)
}
