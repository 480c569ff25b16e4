package asic

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"testing"
)

// hollow is a container in which the content of one payload entry is not
// there: zeros that are made up as they are read.
type hollow struct {
	head []byte // up to the content
	size int64  // of the content
	tail []byte // after it
}

func (h *hollow) total() int64 { return int64(len(h.head)) + h.size + int64(len(h.tail)) }

func (h *hollow) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) && at < h.total() {
		switch rest := at - int64(len(h.head)); {
		case rest < 0:
			p[n] = h.head[at]
		case rest < h.size:
			p[n] = 0
		default:
			p[n] = h.tail[rest-h.size]
		}
		n, at = n+1, at+1
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// makeHollow lays out a container around a payload of that size.
func makeHollow(size int64) *hollow {
	big := file{Header{Name: "payload/1/1.bin", MimeType: "application/octet-stream"}, ""}
	files := []file{big, text("report.txt", "r\n")}
	h := &hollow{size: size}
	var dir []byte
	at, n := int64(0), 0
	for _, e := range entries(files) {
		m := member{name: e.name, size: int64(len(e.content)), at: at, crc: checksum(0, []byte(e.content))}
		part := &h.tail
		if e.name == big.Name {
			m.size, m.crc = size, 1
		}
		if at < size {
			part = &h.head
		}
		*part = append(standard.appendLocal(*part, &m), e.content...)
		dir = standard.appendCentral(dir, &m)
		at += standard.localLen(&m) + m.size
		n++
	}
	h.tail = standard.appendEnd(append(h.tail, dir...), n, int64(len(dir)), at)
	return h
}

// TestPast4GiB opens containers on both sides of the limits at which zip64
// begins, and lets archive/zip say what they hold.
func TestPast4GiB(t *testing.T) {
	for _, c := range []struct {
		size  int64
		zip64 bool
	}{{1<<32 - 1000, true}, {1<<32 - 2000, false}, {1<<32 - 2, true}, {1<<32 - 1, true}, {1 << 32, true}, {6 << 30, true}, {1 << 50, true}} {
		t.Run(fmt.Sprint(c.size), func(t *testing.T) {
			h := makeHollow(c.size)
			r, err := Open(h, h.total(), Limits{})
			must(t, err)
			if e, _ := r.Entry("payload/1/1.bin"); e.Size != c.size {
				t.Errorf("size %d", e.Size)
			}
			must(t, r.CheckEntry("report.txt"))
			if r.Zip64() != c.zip64 {
				t.Errorf("Zip64 = %v", r.Zip64())
			}
			extra := bytes.Contains(h.head, []byte("payload/1/1.bin\x01\x00\x10\x00"))
			if extra != (c.size >= 1<<32-1) {
				t.Errorf("zip64 field in the local header: %v", extra)
			}
			z, err := zip.NewReader(h, h.total())
			must(t, err)
			if f := z.File[1]; f.UncompressedSize64 != uint64(c.size) {
				t.Errorf("archive/zip sees %d bytes", f.UncompressedSize64)
			}
			f, err := z.Open("report.txt")
			must(t, err)
			if b, err := io.ReadAll(f); string(b) != "r\n" || err != nil {
				t.Errorf("archive/zip reads %q, %v", b, err)
			}
		})
	}
}
