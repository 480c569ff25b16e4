package asic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// hostileBags are bags that must be refused; headers are checked by the same
// code as a container's, so these are the differences.
func hostileBags() []hostile {
	good := []rawEntry{{name: "1", content: "one\n"}, {name: "10", content: "ten\n"}, {name: "2"}, {name: "data/é", content: "three\n"}}
	change := func(name, entry string, kind error, f func([]rawEntry) []rawEntry) hostile {
		return hostile{name, kind, entry, raw{entries: f(slices.Clone(good))}.bytes()}
	}
	cut := raw{entries: good}.bytes()
	return []hostile{
		change("order", "10", ErrMalformed, func(e []rawEntry) []rawEntry { e[1], e[2] = e[2], e[1]; return e }),
		change("twice", "1", ErrMalformed, func(e []rawEntry) []rawEntry { return slices.Insert(e, 0, e[0]) }),
		change("case", "data/é", ErrMalformed, func(e []rawEntry) []rawEntry {
			return slices.Insert(e, 3, rawEntry{name: "DATA/É"})
		}),
		change("parent", "../1", ErrMalformed, func(e []rawEntry) []rawEntry { return slices.Insert(e, 0, rawEntry{name: "../1"}) }),
		change("method", "1", ErrMalformed, func(e []rawEntry) []rawEntry {
			e[0].local, e[0].central = put16(lMethod, 8), put16(cMethod, 8)
			return e
		}),
		change("empty-with-crc", "2", ErrChecksum, func(e []rawEntry) []rawEntry {
			e[2].member = func(m *member) { m.crc = 1 }
			return e
		}),
		change("content", "10", ErrChecksum, func(e []rawEntry) []rawEntry {
			e[1].member = func(m *member) { m.crc++ }
			return e
		}),
		{"truncated", ErrTruncated, "", cut[:len(cut)-1]},
		{"truncated-to-22-bytes", ErrTruncated, "", cut[:22]},
		{"truncated-to-nothing", ErrTruncated, "", nil},
		{"appended", ErrMalformed, "", append(slices.Clone(cut), 0)},
		{"not-a-zip", ErrMalformed, "", []byte("%PDF-1.7\n")},
	}
}

func TestBagReadBack(t *testing.T) {
	b := writeBag(t, "a", "alpha", "b/c", "", "b/d", "delta")
	bag, err := OpenBag(bytes.NewReader(b), int64(len(b)), Limits{})
	must(t, err)
	if bag.Len() != 3 || bag.Member(2) != (Member{"b/d", 5}) {
		t.Errorf("%d members, last %v", bag.Len(), bag.Member(bag.Len()-1))
	}
	for name, want := range map[string]string{"a": "alpha", "b/c": "", "b/d": "delta"} {
		if got, err := bag.ReadFile(name, 5); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := bag.ReadFile("a", 4); !errors.Is(err, ErrLimit) {
		t.Errorf("limit: %v", err)
	}
	for _, name := range []string{"b", "", "A"} {
		if _, err := bag.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%q): %v", name, err)
		}
		if _, err := bag.ReadFile(name, 1); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("ReadFile(%q): %v", name, err)
		}
	}
}

// TestBagMembers checks the limit of members and, with more than 65,535 of
// them, the zip64 end record.
func TestBagMembers(t *testing.T) {
	var b bytes.Buffer
	w := NewBagWriter(&b, Limits{})
	const n = 70_000
	for i := range n {
		must(t, w.WriteFile(fmt.Sprintf("d%03d/f%06d", i/100, i), []byte{byte(i)}))
	}
	must(t, w.Close())
	r := bytes.NewReader(b.Bytes())
	bag, err := OpenBag(r, r.Size(), Limits{})
	must(t, err)
	if bag.Len() != n || !bag.archive.zip64 || !w.Zip64() {
		t.Errorf("%d members, zip64 %v and %v", bag.Len(), bag.archive.zip64, w.Zip64())
	}
	if got, err := bag.ReadFile("d699/f069999", 1); err != nil || got[0] != (n-1)&0xff {
		t.Errorf("last member: %v, %v", got, err)
	}
	if _, err := OpenBag(r, r.Size(), Limits{Entries: n - 1}); !errors.Is(err, ErrLimit) {
		t.Errorf("error = %v, want ErrLimit", err)
	}
	w = NewBagWriter(io.Discard, Limits{Entries: 1})
	must(t, w.WriteFile("a", nil))
	if err := w.WriteFile("b", nil); !errors.Is(err, ErrLimit) {
		t.Errorf("writer: error = %v, want ErrLimit", err)
	}
	if w.Close() == nil {
		t.Error("writer: completed after an error")
	}
}

func TestBagWriterRefuses(t *testing.T) {
	for _, names := range [][]string{{"b", "a"}, {"a", "a"}, {"A", "a"}, {"../a"}, {"a", "a/b"}, {strings.Repeat("x", 513)}} {
		w := NewBagWriter(io.Discard, Limits{})
		var err error
		for _, name := range names {
			err = w.WriteFile(name, nil)
		}
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%.20q: error = %v, want ErrMalformed", names, err)
		}
	}
	w := NewBagWriter(io.Discard, Limits{})
	must(t, w.Close())
	must(t, w.Close())
	if w.WriteFile("a", nil) == nil {
		t.Error("written after Close")
	}
}

// A member that is streamed gives the bytes that one at hand gives, and nothing but
// what was stated of it ends it.
func TestBagStreamed(t *testing.T) {
	var streamed bytes.Buffer
	w := NewBagWriter(&streamed, Limits{})
	must(t, w.WriteFile("a", []byte("alpha")))
	m, err := w.Create("b", 4, checksum(0, []byte("beta")))
	must(t, err)
	for _, p := range []string{"be", "", "ta"} {
		_, err := io.WriteString(m, p)
		must(t, err)
	}
	must(t, m.Close())
	must(t, m.Close())
	must(t, w.WriteFile("c", nil))
	must(t, w.Close())
	if whole := writeBag(t, "a", "alpha", "b", "beta", "c", ""); !bytes.Equal(whole, streamed.Bytes()) {
		t.Errorf("%q, not %q", streamed.Bytes(), whole)
	}
	beta := checksum(0, []byte("beta"))
	for name, wrong := range map[string]func(*BagWriter, io.WriteCloser) error{
		"too long":  func(_ *BagWriter, m io.WriteCloser) error { _, err := io.WriteString(m, "betas"); return err },
		"too short": func(_ *BagWriter, m io.WriteCloser) error { io.WriteString(m, "bet"); return m.Close() },
		"another":   func(_ *BagWriter, m io.WriteCloser) error { io.WriteString(m, "zeta"); return m.Close() },
		"a second":  func(w *BagWriter, _ io.WriteCloser) error { return w.WriteFile("c", nil) },
		"the end":   func(w *BagWriter, _ io.WriteCloser) error { return w.Close() },
		"after its end": func(_ *BagWriter, m io.WriteCloser) error {
			io.WriteString(m, "beta")
			m.Close()
			_, err := m.Write(nil)
			return err
		},
		"out of its turn": func(w *BagWriter, m io.WriteCloser) error {
			io.WriteString(m, "beta")
			m.Close()
			_, err := w.Create("a", 0, 0)
			return err
		},
	} {
		w := NewBagWriter(io.Discard, Limits{})
		m, err := w.Create("b", 4, beta)
		must(t, err)
		if wrong(w, m) == nil || w.Close() == nil {
			t.Errorf("%s: the bag was completed", name)
		}
	}
}

type failWriter struct{ left int }

func (f *failWriter) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errWrite
	}
	return len(p), nil
}

func TestBagWriteFaults(t *testing.T) {
	for _, room := range []int{0, sinkBuffer, 3 * sinkBuffer} {
		w := NewBagWriter(&failWriter{room}, Limits{})
		for i := range 4 {
			w.WriteFile(fmt.Sprint(i), make([]byte, sinkBuffer))
		}
		if err := w.Close(); !errors.Is(err, errWrite) {
			t.Errorf("room for %d bytes: error = %v", room, err)
		}
	}
}

// TestBagInContainer streams a bag straight into an entry and reads a member
// back from the container.
func TestBagInContainer(t *testing.T) {
	out := &memFile{}
	w, err := NewWriter(out, Options{Signatures: []string{SignatureDSSE}})
	must(t, err)
	e, err := w.Create(Header{Name: "payload/1.zip", MimeType: "application/zip", Size: UnknownSize})
	must(t, err)
	bag := NewBagWriter(e, Limits{})
	for i := range 300 {
		must(t, bag.WriteFile(fmt.Sprintf("%03d", i), bytes.Repeat([]byte{byte(i)}, 10_000)))
	}
	must(t, bag.Close())
	must(t, e.Close())
	_, err = w.WriteManifest()
	must(t, err)
	must(t, w.AddSignature(SignatureDSSE, nil))
	must(t, w.Close())
	must(t, check(out.b))
	r, err := open(out.b)
	must(t, err)
	s, err := r.Section("payload/1.zip")
	must(t, err)
	inner, err := OpenBag(s, s.Size(), Limits{})
	must(t, err)
	got, err := inner.ReadFile("255", 10_000)
	if err != nil || !bytes.Equal(got, bytes.Repeat([]byte{255}, 10_000)) {
		t.Errorf("member 255: %d bytes, %v", len(got), err)
	}
}
