package vault

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
)

// countedAt counts how often it is read, and may refuse.
type countedAt struct {
	io.ReaderAt
	reads int
	fail  error
}

func (c *countedAt) ReadAt(p []byte, off int64) (int, error) {
	if c.reads++; c.fail != nil {
		return 0, c.fail
	}
	return c.ReaderAt.ReadAt(p, off)
}

// Whatever is read, and in whatever order, it is what the object holds.
func TestBlocks(t *testing.T) {
	content := make([]byte, 20*blockSize+17)
	rand.NewChaCha8([32]byte{1}).Read(content)
	plain := bytes.NewReader(content)
	b := &blocks{content: plain, size: int64(len(content))}
	var all sync.WaitGroup
	for seed := range uint64(4) {
		all.Go(func() {
			draw := rand.New(rand.NewPCG(seed, 0))
			for range 2000 {
				off, n := draw.Int64N(b.size+10), draw.IntN(2*blockSize)
				got, want := make([]byte, n), make([]byte, n)
				m, err := b.ReadAt(got, off)
				k, wanted := plain.ReadAt(want, off)
				if m != k || !bytes.Equal(got, want) || (err == nil) != (wanted == nil) {
					t.Errorf("%d bytes at %d: %d, %v; %d, %v wanted", n, off, m, err, k, wanted)
				}
			}
		})
	}
	all.Wait()
	if _, err := b.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("a negative place is read")
	}
}

// Files that lie one after the other, in several places by turns, take each piece of the
// object once; a failure is told and not kept.
func TestBlocksAreReadOnce(t *testing.T) {
	content := bytes.Repeat([]byte("evidence"), 8*blockSize/8)
	counted := &countedAt{ReaderAt: bytes.NewReader(content)}
	b := &blocks{content: counted, size: int64(len(content))}
	for off := int64(0); off < 2*blockSize-100; off += 1000 {
		for stream := range int64(4) {
			if _, err := b.ReadAt(make([]byte, 100), stream*2*blockSize+off); err != nil {
				t.Fatal(err)
			}
		}
	}
	if counted.reads != 8 {
		t.Errorf("%d pieces were read, of 8", counted.reads)
	}
	broken := &blocks{content: &countedAt{ReaderAt: bytes.NewReader(content), fail: io.ErrClosedPipe}, size: b.size}
	for range 2 {
		if _, err := broken.ReadAt(make([]byte, 100), 0); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v", err)
		}
	}
}
