package asic

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/evidence"
)

const benchSize = 256 << 20

// zeros is an endless source; what it yields costs nothing to make.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func benchPackage(b *testing.B, path string, digest func() evidence.Hash) {
	w, err := Create(path, Options{Signatures: []string{SignatureDSSE}, Overwrite: true})
	must(b, err)
	e, err := w.Create(Header{Name: "payload/1/1.bin", MimeType: "application/octet-stream", Size: benchSize, Digest: digest})
	must(b, err)
	_, err = io.Copy(e, io.LimitReader(zeros{}, benchSize))
	must(b, err)
	must(b, e.Close())
	_, err = w.WriteManifest()
	must(b, err)
	must(b, w.AddSignature(SignatureDSSE, nil))
	must(b, w.Close())
}

// BenchmarkWrite writes a package with 256 MiB of payload to a file and syncs
// it; "given" is told the digest, "hashed" computes it. "plain" is the floor:
// the same bytes, written and synced without a container.
func BenchmarkWrite(b *testing.B) {
	path := filepath.Join(b.TempDir(), "p.asice")
	for name, digest := range map[string]func() evidence.Hash{"hashed": nil, "given": func() evidence.Hash { return evidence.Hash{} }} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(benchSize)
			for b.Loop() {
				benchPackage(b, path, digest)
			}
		})
	}
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(benchSize)
		buf := make([]byte, copyBuffer)
		for b.Loop() {
			f, err := os.Create(path)
			must(b, err)
			for range benchSize / copyBuffer {
				_, err := f.Write(buf)
				must(b, err)
			}
			must(b, f.Sync())
			must(b, f.Close())
		}
	})
}

// BenchmarkRead reads the 256 MiB back: "crc" streams the entry, "check"
// compares the digest as well, "plain" is SHA-256 over the same bytes of the
// file with nothing else.
func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "p.asice")
	benchPackage(b, path, nil)
	f, err := os.Open(path)
	must(b, err)
	defer f.Close()
	info, err := f.Stat()
	must(b, err)
	run := func(name string, do func(*Reader) error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(benchSize)
			for b.Loop() {
				r, err := Open(f, info.Size(), Limits{})
				must(b, err)
				must(b, do(r))
			}
		})
	}
	run("crc", func(r *Reader) error {
		e, err := r.Open("payload/1/1.bin")
		must(b, err)
		_, err = io.Copy(io.Discard, e)
		return err
	})
	run("check", func(r *Reader) error { return r.CheckEntry("payload/1/1.bin") })
	run("plain", func(r *Reader) error {
		s, err := r.Section("payload/1/1.bin")
		must(b, err)
		_, err = io.CopyBuffer(struct{ io.Writer }{sha256.New()}, struct{ io.Reader }{s}, make([]byte, copyBuffer))
		return err
	})
}

// BenchmarkOpenBag opens a bag of 100,000 members: every header compared, every
// name checked.
func BenchmarkOpenBag(b *testing.B) {
	out := &memFile{}
	w := NewBagWriter(writerAt{out}, Limits{})
	for i := range 100_000 {
		must(b, w.WriteFile(fmt.Sprintf("data/%03d/%06d.jpg", i/1000, i), []byte{1}))
	}
	must(b, w.Close())
	for b.Loop() {
		_, err := OpenBag(out, int64(len(out.b)), Limits{})
		must(b, err)
	}
}

// writerAt appends to a memFile.
type writerAt struct{ *memFile }

func (w writerAt) Write(p []byte) (int, error) { return w.WriteAt(p, int64(len(w.b))) }
