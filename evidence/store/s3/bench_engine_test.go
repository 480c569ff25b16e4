//go:build engines

package s3_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/minio/minio-go/v7"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/store/s3/s3test"
	"example.org/custody/evidence/vault"
)

// benchMiB is the size of the file; CUSTODY_BENCH_MIB sets another.
func benchMiB(b *testing.B) int64 {
	n, err := strconv.ParseInt(cmpOr(os.Getenv("CUSTODY_BENCH_MIB"), "512"), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func cmpOr(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// BenchmarkSeal is a sealing into a bucket: read, digest, encrypt, store. Its peers get
// the same file in the same round, by the client library alone, with the same size of
// parts, as many at once, and a SHA-256 of each: as the encrypted stream, and as the
// raw file.
func BenchmarkSeal(b *testing.B) {
	server := s3test.Start(b, s3test.MinIO) // the other takes no checksums from the client library's own upload
	path, size := filepath.Join(b.TempDir(), "large"), benchMiB(b)<<20
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.CopyN(f, noise{}, size); err != nil {
		b.Fatal(err)
	}
	f.Close()
	ours, heap := sealer(b, server, path)
	stream, raw := uploader(b, server, path, true), uploader(b, server, path, false)
	var toStream, toRaw []float64
	var spent time.Duration
	for b.Loop() {
		o, s, r := timed(b, ours), timed(b, stream), timed(b, raw)
		toStream, toRaw, spent = append(toStream, s.Seconds()/o.Seconds()), append(toRaw, r.Seconds()/o.Seconds()), spent+o
	}
	b.ReportMetric(median(toStream), "seal:stream")
	b.ReportMetric(median(toRaw), "seal:raw")
	b.ReportMetric(float64(size)*float64(len(toRaw))/1e6/spent.Seconds(), "MB/s")
	b.ReportMetric(float64(heap())/1e6, "MB-heap")
}

// noise delivers bytes without a pattern that anything could compress.
type noise struct{}

// Read implements [io.Reader].
func (noise) Read(p []byte) (int, error) {
	return copy(p, contentOf(evidence.NewObjectName(), min(len(p), 1<<20))), nil
}

func timed(b *testing.B, run func() error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// sealer returns what seals the file once more, and what says how large the heap has
// been meanwhile at most.
func sealer(b *testing.B, server *s3test.Server, path string) (run func() error, heap func() uint64) {
	s, err := s3.New(s3.Options{Location: server.NewBucket(b, true), Credentials: s3test.Credentials(), Records: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(b.TempDir(), "vault")
	if err := vault.Create(dir, durable.Files{}); err != nil {
		b.Fatal(err)
	}
	v, err := vault.Open(context.Background(), dir, vault.Options{Store: s, Identity: id, Recipients: []*age.X25519Recipient{id.Recipient()}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { v.Close() })
	var most uint64
	return func() error {
		stop := watchHeap(&most)
		defer stop()
		return sealOnce(v, path)
	}, func() uint64 { return most }
}

// watchHeap keeps in most how large the heap becomes until stop.
func watchHeap(most *uint64) (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			*most = max(*most, m.HeapInuse)
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() { close(done); watching.Wait() }
}

func sealOnce(v *vault.Vault, path string) error {
	ctx := context.Background()
	source, err := evidence.OpenSource(path)
	if err != nil {
		return err
	}
	defer source.Close()
	found, err := evidence.Walk(source)
	if err != nil {
		return err
	}
	err = v.Ingest(ctx, vault.Intake{Source: source, Found: found, Which: evidence.WithSHA256, Each: func(evidence.FileValue) error { return nil }})
	if err != nil {
		return err
	}
	return v.Commit(ctx, nil)
}

// uploader returns what puts the file by the client library alone.
func uploader(b *testing.B, server *s3test.Server, path string, encrypt bool) func() error {
	c, err := minio.New(server.Endpoint[len("http://"):], &minio.Options{Creds: s3test.Credentials(), Region: "us-east-1", TrailingHeaders: true})
	if err != nil {
		b.Fatal(err)
	}
	bucket := server.NewBucket(b, true).Bucket
	id, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	return func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		var r io.Reader = f
		if encrypt {
			r = encrypted(f, id.Recipient())
		}
		_, err = c.PutObject(context.Background(), bucket, evidence.NewObjectName().String(), r, -1, minio.PutObjectOptions{
			Checksum: minio.ChecksumSHA256, PartSize: 8 << 20, NumThreads: 5, ConcurrentStreamParts: true,
		})
		return err
	}
}

func encrypted(from io.Reader, to age.Recipient) io.Reader {
	r, w := io.Pipe()
	go func() {
		sealed, err := age.Encrypt(w, to)
		if err == nil {
			if _, err = io.CopyBuffer(struct{ io.Writer }{sealed}, struct{ io.Reader }{from}, make([]byte, 1<<20)); err == nil {
				err = sealed.Close()
			}
		}
		w.CloseWithError(err)
	}()
	return r
}
