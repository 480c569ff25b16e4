package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

const allDigests = WithSHA256 | WithSHA512

// ruled is the content of the vectors: byte i is i² mod 251.
func ruled(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i % 251 * (i % 251) % 251)
	}
	return b
}

// merkleRoot is the oracle: the same root by transparency-dev/merkle.
func merkleRoot(b []byte) Hash {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	r := f.NewEmptyRange(0)
	for len(b) > 0 {
		n := min(len(b), 1048576)
		if err := r.Append(rfc6962.DefaultHasher.HashLeaf(b[:n]), nil); err != nil {
			panic(err)
		}
		b = b[n:]
	}
	if r.End() == 0 {
		return Hash(rfc6962.DefaultHasher.EmptyRoot())
	}
	root, err := r.GetRootHash(nil)
	if err != nil {
		panic(err)
	}
	return Hash(root)
}

// readVector returns the expectation and the files of a vector.
func readVector(t *testing.T, name string) (expect string, files map[string][]byte) {
	t.Helper()
	raw, err := os.ReadFile("../spec/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	a := txtar.Parse(raw)
	first, _, _ := strings.Cut(string(a.Comment), "\n")
	expect, ok := strings.CutPrefix(first, "expect: ")
	if !ok {
		t.Fatalf("%s: the first line is not an expectation: %q", name, first)
	}
	files = make(map[string][]byte)
	for _, f := range a.Files {
		files[f.Name] = f.Data
	}
	return expect, files
}

func vectorDigests(t *testing.T, name string) (expect string, all []Digests) {
	t.Helper()
	expect, files := readVector(t, name)
	for line := range bytes.Lines(files["digests.jsonl"]) {
		var d Digests
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, d)
	}
	if len(all) == 0 {
		t.Fatalf("%s: no digests", name)
	}
	return expect, all
}

// everyWay digests b by each function there is.
func everyWay(b []byte, which Algorithms) map[string]func() (Digests, error) {
	return map[string]func() (Digests, error){
		"bytes":  func() (Digests, error) { return DigestBytes(b, which), nil },
		"reader": func() (Digests, error) { return DigestReader(bytes.NewReader(b), which, nil) },
		"halves": func() (Digests, error) { return DigestReader(iotest.HalfReader(bytes.NewReader(b)), which, nil) },
		"eof with data": func() (Digests, error) {
			return DigestReader(iotest.DataErrReader(bytes.NewReader(b)), which, nil)
		},
		"at": func() (Digests, error) { return DigestReaderAt(bytes.NewReader(b), int64(len(b)), which) },
		"tee": func() (Digests, error) {
			var copied bytes.Buffer
			d, err := DigestReader(bytes.NewReader(b), which, &copied)
			if err == nil && !bytes.Equal(copied.Bytes(), b) {
				err = errors.New("the tee got other bytes")
			}
			return d, err
		},
	}
}

func TestContentVectors(t *testing.T) {
	_, all := vectorDigests(t, "content-digests.txtar")
	for _, want := range all {
		b := ruled(int(want.Size))
		if got := merkleRoot(b); got != want.Tree {
			t.Errorf("size %d: the oracle has root %s, the vector %s", want.Size, got, want.Tree)
		}
		for name, digest := range everyWay(b, allDigests) {
			got, err := digest()
			if err != nil || got != want {
				t.Errorf("size %d by %s: %v\n got %+v\nwant %+v", want.Size, name, err, got, want)
			}
		}
	}
}

func TestContentVectorsThatFail(t *testing.T) {
	for _, name := range []string{"content-size.txtar", "content-tree.txtar", "content-sha256.txtar"} {
		expect, all := vectorDigests(t, name)
		field, ok := strings.CutPrefix(expect, "fails:")
		if !ok {
			t.Fatalf("%s expects %q", name, expect)
		}
		_, files := readVector(t, name)
		size, err := strconv.Atoi(strings.TrimSpace(string(files["content-size"])))
		if err != nil {
			t.Fatal(err)
		}
		for _, stated := range all {
			err := stated.Check(DigestBytes(ruled(size), allDigests))
			if !errors.Is(err, ErrDigest) || !strings.Contains(err.Error(), field) {
				t.Errorf("%s: got %v, want %q to differ", name, err, field)
			}
		}
	}
}

func TestAlgorithmsChosen(t *testing.T) {
	b := ruled(2*ChunkSize + 1)
	for _, which := range []Algorithms{TreeOnly, WithSHA256, WithSHA512, allDigests} {
		for name, digest := range everyWay(b, which) {
			got, err := digest()
			if err != nil || got.Algorithms() != which || got.Tree != merkleRoot(b) {
				t.Errorf("%s, algorithms %d: %+v, %v", name, which, got, err)
			}
		}
	}
}

func TestDigestsInJSON(t *testing.T) {
	d := DigestBytes(nil, WithSHA256)
	b, err := json.Marshal(d)
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if want := `{"sha256":"` + empty + `","size":0,"tree":"` + empty + `"}`; err != nil || string(b) != want {
		t.Errorf("got %s, %v", b, err)
	}
	var back Digests
	if err := json.Unmarshal(b, &back); err != nil || back != d {
		t.Errorf("read back %+v, %v", back, err)
	}
	for _, bad := range []string{`{"tree":"` + strings.ToUpper(empty) + `"}`, `{"sha512":"` + empty + `"}`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

// TestReadErrors has a source fail within, between and at the end of chunks.
func TestReadErrors(t *testing.T) {
	broken := errors.New("bad sector")
	for _, good := range []int{0, 5, ChunkSize, ChunkSize + 5, 20*ChunkSize + 5} {
		// io.ErrUnexpectedEOF must not pass for the end: age tells of truncation by it.
		for _, cause := range []error{broken, io.ErrUnexpectedEOF} {
			for _, tee := range []io.Writer{nil, io.Discard} {
				r := io.MultiReader(bytes.NewReader(ruled(good)), iotest.ErrReader(cause))
				d, err := DigestReader(r, allDigests, tee)
				var re *ReadError
				if !errors.As(err, &re) || !errors.Is(err, cause) || re.Offset != int64(good) || d != (Digests{}) {
					t.Errorf("%d good bytes, then %v: %+v, %v", good, cause, d, err)
				}
			}
		}
	}
}

func TestStuckReader(t *testing.T) {
	if _, err := DigestReader(stuck{}, TreeOnly, nil); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestTeeErrors(t *testing.T) {
	full := errors.New("disk full")
	for _, size := range []int{1, ChunkSize, 3*ChunkSize + 1, 40 * ChunkSize} {
		for _, after := range []int{0, 2} {
			if after*ChunkSize >= size {
				continue
			}
			tee := &failingWriter{after: after, err: full}
			if _, err := DigestReader(bytes.NewReader(ruled(size)), allDigests, tee); err != full {
				t.Errorf("size %d, tee fails after %d: %v", size, after, err)
			}
		}
	}
}

type failingWriter struct {
	after int
	err   error
}

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.after--; w.after < 0 {
		return 0, w.err
	}
	return len(p), nil
}

func TestReaderAtErrors(t *testing.T) {
	b := ruled(30*ChunkSize + 7)
	for _, size := range []int64{31 * ChunkSize, int64(len(b)) + 1} {
		if _, err := DigestReaderAt(bytes.NewReader(b), size, WithSHA256); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("size %d of %d: %v", size, len(b), err)
		}
	}
	if _, err := DigestReaderAt(bytes.NewReader(nil), 1, TreeOnly); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("empty instead of one byte: %v", err)
	}
	if _, err := DigestReaderAt(bytes.NewReader(b), -1, TreeOnly); err == nil {
		t.Error("a negative size was digested")
	}
	short := DigestBytes(b[:len(b)-8], WithSHA256)
	if got, err := DigestReaderAt(bytes.NewReader(b), int64(len(b)-8), WithSHA256); err != nil || got != short {
		t.Errorf("bytes after size were looked at: %+v, %v", got, err)
	}
}

// TestNoAllocationPerChunk compares a long with a short stream.
func TestNoAllocationPerChunk(t *testing.T) {
	b := ruled(64 * ChunkSize)
	perRun := func(b []byte) float64 {
		return testing.AllocsPerRun(5, func() {
			if _, err := DigestReader(bytes.NewReader(b), WithSHA256, io.Discard); err != nil {
				t.Fatal(err)
			}
		})
	}
	short, long := perRun(b[:16*ChunkSize]), perRun(b)
	if long > short+20 { // 48 more chunks; a collection may empty the pool meanwhile
		t.Errorf("%v allocations for 16 chunks, %v for 64", short, long)
	}
}

// TestFailureStopsReading would not end if the rest of the source was read.
func TestFailureStopsReading(t *testing.T) {
	full := errors.New("disk full")
	if _, err := DigestReader(endless{}, WithSHA256, &failingWriter{after: 1, err: full}); err != full {
		t.Errorf("tee: %v", err)
	}
	if _, err := DigestReaderAt(bytes.NewReader(nil), 1<<50, TreeOnly); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("reader at: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
