package asic

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
)

// memFile is a file in memory that can be written and read at any place.
type memFile struct{ b []byte }

func (f *memFile) WriteAt(p []byte, at int64) (int, error) {
	if need := int(at) + len(p); need > len(f.b) {
		f.b = append(f.b, make([]byte, need-len(f.b))...)
	}
	return copy(f.b[at:], p), nil
}

func (f *memFile) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(f.b).ReadAt(p, at)
}

// file is one file of a container under test.
type file struct {
	Header
	content string
}

func text(name, content string) file {
	return file{Header{Name: name, MimeType: "text/plain"}, content}
}

// goodFiles is the small container that most tests start from.
func goodFiles() []file {
	root := text("report/summary.html", "<p>Statement of the sender</p>\n")
	root.MimeType, root.Root = "text/html", true
	return []file{
		text("README.txt", "How to check this without us.\n"),
		{Header{Name: "payload/1/1.bin", MimeType: "application/octet-stream"}, "PK\x05\x06 evidence\n"},
		root,
	}
}

const goodSignature = "{\"signatures\":[]}\n"

// write makes a container of files with one DSSE file.
func write(t testing.TB, files []file) []byte {
	t.Helper()
	f := &memFile{}
	w, err := NewWriter(f, Options{Signatures: []string{SignatureDSSE}})
	must(t, err)
	for _, x := range files {
		must(t, w.WriteFile(x.Header, []byte(x.content)))
	}
	_, err = w.WriteManifest()
	must(t, err)
	must(t, w.AddSignature(SignatureDSSE, []byte(goodSignature)))
	must(t, w.Close())
	if w.Size() != int64(len(f.b)) {
		t.Fatalf("Size = %d, file has %d bytes", w.Size(), len(f.b))
	}
	return f.b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(b []byte) (*Reader, error) {
	return Open(bytes.NewReader(b), int64(len(b)), Limits{})
}

// check opens a container and reads everything in it: what a careful reader does.
func check(b []byte) error {
	r, err := open(b)
	if err != nil {
		return err
	}
	for _, e := range r.Entries() {
		if err := r.CheckEntry(e.Name); err != nil {
			return err
		}
	}
	for _, name := range r.Signatures() {
		if _, err := r.ReadFile(name, 1<<20); err != nil {
			return err
		}
	}
	bad, err := r.CheckArchives(context.Background(), func(int) {})
	if err != nil {
		return err
	}
	for _, err := range bad {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkBag does the same for a bag.
func checkBag(b []byte) error {
	bag, err := OpenBag(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		return err
	}
	for i := range bag.Len() {
		e, err := bag.Open(bag.Member(i).Name)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, e); err != nil {
			return err
		}
	}
	return nil
}

// writeBag makes a bag of names and contents.
func writeBag(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewBagWriter(&b, Limits{})
	for i := 0; i < len(pairs); i += 2 {
		must(t, w.WriteFile(pairs[i], []byte(pairs[i+1])))
	}
	must(t, w.Close())
	return b.Bytes()
}

// kindOf returns the kind of a refusal, nil for none; anything else fails.
func kindOf(t testing.TB, err error) error {
	t.Helper()
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is not an *Error: %v", err)
	}
	return e.Kind
}

func sum(b []byte) [32]byte { return sha256.Sum256(b) }
