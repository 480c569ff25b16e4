package asic

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// TestEveryFlippedByte changes every byte of a small container to every other
// value that differs in one bit, and to zero and 255. A change outside content
// is refused when the container is opened; one inside is when it is read.
func TestEveryFlippedByte(t *testing.T) {
	good := write(t, goodFiles())
	inside := contentBytes(t, good)
	caughtOpen, caughtRead := 0, 0
	for i := range good {
		for _, mask := range []byte{1, 2, 4, 8, 16, 32, 64, 128, good[i], ^good[i]} {
			if mask == 0 {
				continue
			}
			b := slices.Clone(good)
			b[i] ^= mask
			err := check(b)
			if kindOf(t, err) == nil {
				t.Fatalf("byte %d ^ %#x is not caught", i, mask)
			}
			_, openErr := open(b)
			switch {
			case openErr == nil && !inside[i]:
				t.Errorf("byte %d ^ %#x lies outside content and opens", i, mask)
			case openErr == nil:
				caughtRead++
			default:
				caughtOpen++
			}
		}
	}
	if caughtOpen < 5*caughtRead || caughtRead == 0 {
		t.Errorf("%d changes caught on opening, %d on reading: the test does not test what it says", caughtOpen, caughtRead)
	}
}

// contentBytes marks the bytes that are content of a file or signature.
func contentBytes(t *testing.T, b []byte) []bool {
	r, err := open(b)
	must(t, err)
	in := make([]bool, len(b))
	for i := range r.archive.members {
		m := &r.archive.members[i]
		if m.name == mimetypeName || m.name == ManifestName {
			continue // read on opening
		}
		start := m.at + r.archive.layout.localLen(m)
		for j := range m.size {
			in[start+j] = true
		}
	}
	return in
}

// TestEveryTruncation cuts a container and a bag at every length.
func TestEveryTruncation(t *testing.T) {
	good, bag := write(t, goodFiles()), writeBag(t, "1", "one", "2", "two")
	for n := range good {
		want := ErrTruncated
		if n >= endSize && le.Uint32(good[n-endSize:]) == endSig {
			want = ErrMalformed // the evidence happens to look like an end record there
		}
		if err := check(good[:n]); !errors.Is(err, want) {
			t.Fatalf("container cut to %d bytes: %v", n, err)
		}
	}
	for n := range bag {
		if err := checkBag(bag[:n]); !errors.Is(err, ErrTruncated) {
			t.Fatalf("bag cut to %d bytes: %v", n, err)
		}
	}
}

// TestEveryFlippedByteOfBag is the same for a bag; its content is covered by
// CRC-32, which finds every change of one byte.
func TestEveryFlippedByteOfBag(t *testing.T) {
	good := writeBag(t, "1", "one", "2", "", "dir/é", "two")
	for i := range good {
		for _, mask := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 255} {
			b := slices.Clone(good)
			b[i] ^= mask
			if kindOf(t, checkBag(b)) == nil {
				t.Fatalf("byte %d ^ %#x is not caught", i, mask)
			}
		}
	}
}

// TestShorterThanStated opens a file that is shorter than its size was said to
// be, and one that shrinks after opening.
func TestShorterThanStated(t *testing.T) {
	good := write(t, goodFiles())
	if _, err := Open(bytes.NewReader(good[:len(good)-10]), int64(len(good)), Limits{}); !errors.Is(err, ErrTruncated) {
		t.Errorf("stated too long: %v", err)
	}
	f := &memFile{b: good}
	r, err := Open(f, int64(len(good)), Limits{})
	must(t, err)
	f.b = good[:100]
	if _, err := r.ReadFile("README.txt", 100); !errors.Is(err, ErrTruncated) {
		t.Errorf("shrunk: %v", err)
	}
	if err := r.CheckEntry("report/summary.html"); !errors.Is(err, ErrTruncated) {
		t.Errorf("shrunk: %v", err)
	}
}

// brokenAt fails reads that touch one byte.
type brokenAt struct {
	*bytes.Reader
	at int64
}

var errRead = errors.New("bad sector")

func (b brokenAt) ReadAt(p []byte, at int64) (int, error) {
	if at <= b.at && b.at < at+int64(len(p)) {
		return 0, errRead
	}
	return b.Reader.ReadAt(p, at)
}

// TestMediumFails proves that a failing medium is never reported as a finding
// about the container, wherever it fails.
func TestMediumFails(t *testing.T) {
	good := write(t, goodFiles())
	for at := range good {
		r, err := Open(brokenAt{bytes.NewReader(good), int64(at)}, int64(len(good)), Limits{})
		if err == nil {
			for _, e := range r.Entries() {
				if err == nil {
					err = r.CheckEntry(e.Name)
				}
			}
			if err == nil {
				_, err = r.ReadFile(SignatureDSSE, 1000)
			}
		}
		var e *Error
		if !errors.Is(err, errRead) || errors.As(err, &e) {
			t.Fatalf("byte %d unreadable: %v", at, err)
		}
	}
}

func TestEntryReader(t *testing.T) {
	big := text("payload/1/1.bin", strings.Repeat("0123456789", 300_000))
	b := write(t, []file{big})
	r, err := open(b)
	must(t, err)
	newReader := func() *EntryReader {
		e, err := r.Open(big.Name)
		must(t, err)
		return e
	}
	if e := newReader(); e.Size() != 3_000_000 {
		t.Errorf("Size = %d", e.Size())
	}
	must(t, iotest.TestReader(struct{ io.Reader }{newReader()}, []byte(big.content)))
	got, err := io.ReadAll(iotest.OneByteReader(io.LimitReader(newReader(), 5000)))
	if err != nil || string(got) != big.content[:5000] {
		t.Errorf("one byte at a time: %d bytes, %v", len(got), err)
	}
	var out bytes.Buffer
	if n, err := io.Copy(&out, newReader()); err != nil || n != 3_000_000 || out.String() != big.content {
		t.Errorf("copy: %d bytes, %v", n, err)
	}
	if _, err := newReader().WriteTo(&failWriter{left: 2 << 20}); !errors.Is(err, errWrite) {
		t.Errorf("copy into a full disk: %v", err)
	}
	b[len(b)/2] ^= 1
	if n, err := io.Copy(io.Discard, newReader()); !errors.Is(err, ErrChecksum) || n != 3_000_000 {
		t.Errorf("damaged: %d bytes, %v", n, err)
	}
	if _, err := io.Copy(io.Discard, struct{ io.Reader }{newReader()}); !errors.Is(err, ErrChecksum) {
		t.Errorf("damaged, by Read: %v", err)
	}
	if _, err := io.ReadAll(newReader()); !errors.Is(err, ErrChecksum) {
		t.Errorf("damaged, ReadAll: %v", err)
	}
	if got, err := r.ReadFile(big.Name, 1<<30); !errors.Is(err, ErrChecksum) || got != nil {
		t.Errorf("damaged, ReadFile: %d bytes, %v", len(got), err)
	}
}

// TestDigestNotChecksum repairs the CRC-32 after a change, as a forger would:
// then the digest must catch it, and content must not be handed out.
func TestDigestNotChecksum(t *testing.T) {
	files := goodFiles()
	e := entries(files)
	e[1].content = "How to check this without thm.\n"[:len(e[1].content)]
	r, err := open(raw{entries: e}.bytes())
	must(t, err)
	if err := r.CheckEntry("README.txt"); !errors.Is(err, ErrDigest) {
		t.Errorf("CheckEntry: %v", err)
	}
	if b, err := r.ReadFile("README.txt", 100); !errors.Is(err, ErrDigest) || b != nil {
		t.Errorf("ReadFile: %q, %v", b, err)
	}
	must(t, r.CheckEntry("report/summary.html"))
}

func TestReaderLimitsAndNames(t *testing.T) {
	b := write(t, goodFiles())
	at := func(l Limits) error {
		_, err := Open(bytes.NewReader(b), int64(len(b)), l)
		return err
	}
	must(t, at(Limits{Entries: 6}))
	if err := at(Limits{Entries: 5}); !errors.Is(err, ErrLimit) {
		t.Errorf("entries: %v", err)
	}
	small := Limits{Size: func(name string) int64 {
		if name == "README.txt" {
			return 29
		}
		return 1 << 20
	}}
	if err := at(small); !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "README.txt") {
		t.Errorf("size: %v", err)
	}
	r, err := open(b)
	must(t, err)
	if _, err := r.ReadFile("README.txt", 29); !errors.Is(err, ErrLimit) {
		t.Errorf("ReadFile: %v", err)
	}
	for _, name := range []string{"", "readme.txt", "payload", "META-INF/signature001.p7s"} {
		_, err1 := r.Open(name)
		_, err2 := r.Section(name)
		_, err3 := r.ReadFile(name, 1)
		for _, err := range []error{err1, err2, err3, r.CheckEntry(name)} {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	if err := r.CheckEntry(ManifestName); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("CheckEntry of the manifest, which has no digest: %v", err)
	}
}

// TestLimitsOfClasses pins spec/package.md, "Limits".
func TestLimitsOfClasses(t *testing.T) {
	for name, want := range map[string]int64{
		"record/events.jsonl": 64 << 20, "record/items.jsonl": 16 << 20, "report/summary.html": 16 << 20,
		ManifestName: 16 << 20, SignatureDSSE: 1 << 20, SignatureCAdES: 1 << 20, "payload/1/1.bin": 1<<63 - 1, "payloads": 16 << 20,
	} {
		if got := PackageSize(name); got != want {
			t.Errorf("PackageSize(%q) = %d, want %d", name, got, want)
		}
	}
}
