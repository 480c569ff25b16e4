package asic

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"github.com/google/go-cmp/cmp"
)

// TestReproducible pins the bytes of one container for ever: another value here
// means that old containers no longer read (spec/container.md).
func TestReproducible(t *testing.T) {
	const want = "4f89cfbcadc00aa1a2942d792ddd439404ec14b9834f191d73ff9f1b3343ae18"
	b := write(t, goodFiles())
	if got := sum(b); hex.EncodeToString(got[:]) != want {
		t.Errorf("container has SHA-256 %x, want %s", got, want)
	}
	if !bytes.Equal(b, write(t, goodFiles())) {
		t.Error("two writes of the same files differ")
	}
	if b[29] != 0 || string(b[30:38]) != "mimetype" || string(b[38:69]) != MimeType {
		t.Errorf("mimetype is not where file(1) and validators look: %q", b[:69])
	}
}

func TestReadBack(t *testing.T) {
	files := goodFiles()
	b := write(t, files)
	r, err := open(b)
	must(t, err)
	var want []Entry
	for _, f := range files {
		want = append(want, Entry{f.Name, f.MimeType, int64(len(f.content)), sum([]byte(f.content)), f.Root})
	}
	if d := cmp.Diff(want, r.Entries()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{SignatureDSSE}, r.Signatures()); d != "" {
		t.Error(d)
	}
	for _, f := range files {
		got, err := r.ReadFile(f.Name, 1000)
		must(t, err)
		if string(got) != f.content {
			t.Errorf("%s: %q", f.Name, got)
		}
		if r.Manifest()[f.Name] != sum(got) {
			t.Errorf("%s: digest %s", f.Name, r.Manifest()[f.Name])
		}
	}
	manifest, err := r.ReadFile(ManifestName, 1<<20)
	must(t, err)
	if !bytes.Equal(manifest, r.ManifestBytes()) {
		t.Error("manifest read as a file differs")
	}
	if r.Zip64() {
		t.Error("a small container says it needs zip64")
	}
	if e, ok := r.Entry("report/summary.html"); !ok || !e.Root {
		t.Errorf("Entry: %v, %v", e, ok)
	}
	if _, ok := r.Entry(ManifestName); ok {
		t.Error("the manifest lists itself")
	}
}

// TestStreamedEqualsWhole proves that how content arrives leaves no trace.
func TestStreamedEqualsWhole(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 300<<10>>4) // spans several buffers
	f := text("payload/1/1.bin", content+content+content+content+content)
	want := write(t, []file{f})
	for name, stream := range map[string]func(Header, io.WriteCloser) error{
		"known size, one copy": func(h Header, w io.WriteCloser) error { return copyInto(w, f.content) },
		"small writes": func(h Header, w io.WriteCloser) error {
			for s := f.content; s != ""; s = s[min(len(s), 4097):] {
				if _, err := io.WriteString(w, s[:min(len(s), 4097)]); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		for _, size := range []int64{int64(len(f.content)), UnknownSize} {
			for _, given := range []bool{false, true} {
				t.Run(fmt.Sprint(name, size, given), func(t *testing.T) {
					out := &memFile{}
					w, err := NewWriter(out, Options{Signatures: []string{SignatureDSSE}})
					must(t, err)
					h := f.Header
					h.Size = size
					if given {
						h.Digest = func() evidence.Hash { return sum([]byte(f.content)) }
					}
					e, err := w.Create(h)
					must(t, err)
					must(t, stream(h, e))
					must(t, e.Close())
					must(t, e.Close())
					_, err = w.WriteManifest()
					must(t, err)
					must(t, w.AddSignature(SignatureDSSE, []byte(goodSignature)))
					must(t, w.Close())
					if !bytes.Equal(out.b, want) {
						t.Error("bytes differ")
					}
				})
			}
		}
	}
}

func copyInto(w io.Writer, s string) error {
	_, err := io.Copy(w, struct{ io.Reader }{strings.NewReader(s)})
	return err
}

// TestGivenDigest proves that a given digest is used, not recomputed: a wrong
// one makes a container that does not verify.
func TestGivenDigest(t *testing.T) {
	f := goodFiles()
	f[1].Digest = func() evidence.Hash { return evidence.Hash{1} }
	if err := check(write(t, f)); !errors.Is(err, ErrDigest) {
		t.Errorf("error = %v, want ErrDigest", err)
	}
}

func TestTwoSignatures(t *testing.T) {
	out := &memFile{}
	w, err := NewWriter(out, Options{Signatures: []string{SignatureCAdES, SignatureDSSE}})
	must(t, err)
	must(t, w.WriteFile(goodFiles()[0].Header, nil))
	m, err := w.WriteManifest()
	must(t, err)
	if !bytes.Contains(m, []byte(`<asic:SigReference URI="META-INF/signature001.p7s" MimeType="application/pkcs7-signature"/>`)) {
		t.Errorf("manifest does not name the CAdES signature:\n%s", m)
	}
	must(t, w.AddSignature(SignatureDSSE, []byte("a")))
	must(t, w.AddSignature(SignatureCAdES, []byte("b")))
	must(t, w.Close())
	r, err := open(out.b)
	must(t, err)
	if d := cmp.Diff([]string{SignatureDSSE, SignatureCAdES}, r.Signatures()); d != "" {
		t.Error(d)
	}
}

// TestWriterRefuses lists misuse: each is refused, and a writer that refused
// once never completes.
func TestWriterRefuses(t *testing.T) {
	a := text("a.txt", "a")
	for name, do := range map[string]func(*Writer) error{
		"close without manifest": func(w *Writer) error { return w.Close() },
		"manifest without file":  func(w *Writer) error { _, err := w.WriteManifest(); return err },
		"signature too early":    func(w *Writer) error { return w.AddSignature(SignatureDSSE, nil) },
		"signature not announced": func(w *Writer) error {
			w.WriteFile(a.Header, nil)
			w.WriteManifest()
			return w.AddSignature(SignatureCAdES, nil)
		},
		"signature twice": func(w *Writer) error {
			w.WriteFile(a.Header, nil)
			w.WriteManifest()
			w.AddSignature(SignatureDSSE, nil)
			return w.AddSignature(SignatureDSSE, nil)
		},
		"close without signature": func(w *Writer) error {
			w.WriteFile(a.Header, nil)
			w.WriteManifest()
			return w.Close()
		},
		"file after manifest": func(w *Writer) error {
			w.WriteFile(a.Header, nil)
			w.WriteManifest()
			return w.WriteFile(text("b", "").Header, nil)
		},
		"file in open file": func(w *Writer) error {
			w.Create(a.Header)
			return w.WriteFile(text("b", "").Header, nil)
		},
		"manifest in open file": func(w *Writer) error { w.Create(a.Header); _, err := w.WriteManifest(); return err },
		"too few bytes": func(w *Writer) error {
			e, _ := w.Create(Header{Name: "a", MimeType: "text/plain", Size: 2})
			e.Write([]byte("1"))
			return e.Close()
		},
		"too many bytes": func(w *Writer) error {
			e, _ := w.Create(Header{Name: "a", MimeType: "text/plain", Size: 2})
			_, err := e.Write([]byte("123"))
			return err
		},
		"write after close": func(w *Writer) error {
			e, _ := w.Create(a.Header)
			e.Close()
			_, err := e.Write([]byte("1"))
			w.fail(err)
			return err
		},
		"size of unknown over limit": func(w *Writer) error {
			e, _ := w.Create(Header{Name: "a", MimeType: "text/plain", Size: UnknownSize})
			_, err := e.Write(make([]byte, maxSmall+1))
			return err
		},
		"size over limit": func(w *Writer) error {
			_, err := w.Create(Header{Name: "a", MimeType: "text/plain", Size: maxSmall + 1})
			return err
		},
		"source fails": func(w *Writer) error {
			e, _ := w.Create(Header{Name: "a", MimeType: "text/plain", Size: UnknownSize})
			_, err := io.Copy(e, io.MultiReader(strings.NewReader("half"), failReader{}))
			return err
		},
		"order":            func(w *Writer) error { w.WriteFile(text("b", "").Header, nil); return w.WriteFile(a.Header, nil) },
		"twice":            func(w *Writer) error { w.WriteFile(a.Header, nil); return w.WriteFile(a.Header, nil) },
		"case":             func(w *Writer) error { w.WriteFile(text("A.TXT", "").Header, nil); return w.WriteFile(a.Header, nil) },
		"two roots":        func(w *Writer) error { w.WriteFile(rooted("a"), nil); return w.WriteFile(rooted("b"), nil) },
		"media type":       func(w *Writer) error { return w.WriteFile(Header{Name: "a", MimeType: "text/plain; a=b"}, nil) },
		"media type empty": func(w *Writer) error { return w.WriteFile(Header{Name: "a"}, nil) },
		"name":             func(w *Writer) error { return w.WriteFile(text("../a", "").Header, nil) },
		"reserved name":    func(w *Writer) error { return w.WriteFile(text("MIMETYPE", "").Header, nil) },
		"reserved folder":  func(w *Writer) error { return w.WriteFile(text("meta-inf/a", "").Header, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			out := &memFile{}
			w, err := NewWriter(out, Options{Signatures: []string{SignatureDSSE}})
			must(t, err)
			if err := do(w); err == nil {
				t.Fatal("not refused")
			}
			w.AddSignature(SignatureDSSE, nil)
			if w.Close() == nil {
				t.Error("completed all the same")
			}
			if _, err := open(out.b); err == nil {
				t.Error("left a container that opens")
			}
		})
	}
}

func rooted(name string) Header { return Header{Name: name, MimeType: "text/html", Root: true} }

type failReader struct{}

func (failReader) Read([]byte) (int, error) { return 0, errors.New("read failed") }

func TestNewWriterRefuses(t *testing.T) {
	for _, names := range [][]string{nil, {"META-INF/other"}, {SignatureDSSE, SignatureDSSE}, {ManifestName}} {
		if _, err := NewWriter(&memFile{}, Options{Signatures: names}); err == nil {
			t.Errorf("signatures %q: not refused", names)
		}
	}
}

// TestEntryLimit proves that the writer keeps a place for manifest and
// signatures, so that it never writes what it would not read.
func TestEntryLimit(t *testing.T) {
	out := &memFile{}
	w, err := NewWriter(out, Options{Signatures: []string{SignatureDSSE}})
	must(t, err)
	n := 0
	for ; err == nil; n++ {
		err = w.WriteFile(text(fmt.Sprintf("f%04d", n), "").Header, nil)
	}
	if !errors.Is(err, ErrLimit) || n-1 != MaxEntries-3 {
		t.Errorf("stopped at file %d with %v", n, err)
	}
	var files []file
	for i := range MaxEntries - 3 {
		files = append(files, text(fmt.Sprintf("f%04d", i), ""))
	}
	must(t, check(write(t, files)))
}

// failFile fails the n-th write, before or after it reached the file.
type failFile struct {
	memFile
	n       int
	persist bool
}

var errWrite = errors.New("disk full")

func (f *failFile) WriteAt(p []byte, at int64) (int, error) {
	f.n--
	if f.n != 0 {
		return f.memFile.WriteAt(p, at)
	}
	if f.persist {
		f.memFile.WriteAt(p, at)
	}
	return 0, errWrite
}

// TestWriteFaults fails every write to the file in turn, persisted or not: the
// writer reports it and never completes.
func TestWriteFaults(t *testing.T) {
	big := text("payload/1/1.bin", strings.Repeat("x", 3*sinkBuffer))
	run := func(f io.WriterAt) error {
		w, err := NewWriter(f, Options{Signatures: []string{SignatureDSSE}})
		if err != nil {
			return err
		}
		e, err := w.Create(Header{Name: big.Name, MimeType: big.MimeType, Size: UnknownSize})
		if err == nil {
			copyInto(e, big.content)
			e.Close()
		}
		w.WriteManifest()
		w.AddSignature(SignatureDSSE, nil)
		return w.Close()
	}
	counting := &failFile{n: 0}
	must(t, run(counting))
	writes := -counting.n
	if writes < 5 {
		t.Fatalf("only %d writes: the test says little", writes)
	}
	for n := 1; n <= writes; n++ {
		for _, persist := range []bool{false, true} {
			if err := run(&failFile{n: n, persist: persist}); !errors.Is(err, errWrite) {
				t.Errorf("write %d, persist %v: error = %v", n, persist, err)
			}
		}
	}
}
