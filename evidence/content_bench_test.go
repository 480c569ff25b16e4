package evidence

import (
	"bytes"
	"crypto/sha256"
	"io"
	"testing"
)

// BenchmarkDigest sets the digests of 256 MiB beside plain SHA-256 by one
// stream, which is what openssl dgst does.
func BenchmarkDigest(b *testing.B) {
	data := bytes.Repeat(ruled(ChunkSize-13), 257)[:256<<20]
	run := func(name string, digest func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := digest(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	size := int64(len(data))
	run("plain-sha256", func() error {
		_, err := io.CopyBuffer(struct{ io.Writer }{sha256.New()}, struct{ io.Reader }{bytes.NewReader(data)}, make([]byte, 1<<20))
		return err
	})
	run("reader-tree-sha256", func() error {
		_, err := DigestReader(bytes.NewReader(data), WithSHA256, nil)
		return err
	})
	run("reader-tree-sha256-sha512", func() error {
		_, err := DigestReader(bytes.NewReader(data), allDigests, nil)
		return err
	})
	run("at-tree-sha256", func() error {
		_, err := DigestReaderAt(bytes.NewReader(data), size, WithSHA256)
		return err
	})
	run("at-tree", func() error {
		_, err := DigestReaderAt(bytes.NewReader(data), size, TreeOnly)
		return err
	})
}

// BenchmarkParseFileValue reads the value of an ordinary file.
func BenchmarkParseFileValue(b *testing.B) {
	raw := []byte(ordinary()[0])
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseFileValue(raw); err != nil {
			b.Fatal(err)
		}
	}
}
