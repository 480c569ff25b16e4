package vault

import (
	"io"
	"slices"
	"sync"
)

// Blocks of plaintext that an open object keeps, so that reading thousands of small
// files out of a pack decrypts each piece of it about once: age decrypts 64 KiB for any
// byte of them (C2SP age, "Payload"), and keeps one such piece alone.
const (
	blockSize  = 64 << 10
	keptBlocks = 8 // half a megabyte for each object on the shelf
)

// blocks reads the plaintext of an object, short pieces by way of the blocks it keeps.
// It may be used concurrently.
type blocks struct {
	content io.ReaderAt
	size    int64

	mu   sync.Mutex
	kept []block // the one used last at the end
}

type block struct {
	at   int64 // a multiple of blockSize
	data []byte
}

// ReadAt implements [io.ReaderAt].
func (b *blocks) ReadAt(p []byte, off int64) (n int, err error) {
	if len(p) >= blockSize || off < 0 || off > b.size {
		return b.content.ReadAt(p, off)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for n < len(p) && off < b.size {
		k, err := b.block(off - off%blockSize)
		if err != nil {
			return n, err
		}
		m := copy(p[n:], k.data[off%blockSize:])
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// block returns the block at that place.
func (b *blocks) block(at int64) (block, error) {
	i := slices.IndexFunc(b.kept, func(k block) bool { return k.at == at })
	if i < 0 {
		var buf []byte
		if len(b.kept) == keptBlocks {
			buf = b.kept[0].data
			b.kept = slices.Delete(b.kept, 0, 1)
		}
		n := int(min(blockSize, b.size-at))
		data := slices.Grow(buf[:0], n)[:n]
		if _, err := io.ReadFull(io.NewSectionReader(b.content, at, int64(n)), data); err != nil {
			return block{}, err
		}
		b.kept, i = append(b.kept, block{at, data}), len(b.kept)
	}
	k := b.kept[i]
	b.kept = append(slices.Delete(b.kept, i, i+1), k)
	return k, nil
}
