package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"sync"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

const blockSize = 1 << 20

var blocks = sync.Pool{New: func() any { b := make([]byte, blockSize); return &b }}

// fill writes what r delivers to t, makes it durable and closes t in any case.
func fill(ctx context.Context, t *durable.Temp, r io.Reader) (Info, error) {
	h := newHashWriter(ctx, t)
	size, err := copyAll(h, r)
	digest := h.sum()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = t.Sync()
	}
	err = errors.Join(err, t.Close())
	return Info{Size: size, SHA256: digest}, err
}

// copyAll lets r write for itself when it can, which saves a copy of all bytes.
func copyAll(w io.Writer, r io.Reader) (int64, error) {
	if from, ok := r.(io.WriterTo); ok {
		return from.WriteTo(w)
	}
	block := blocks.Get().(*[]byte)
	defer blocks.Put(block)
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, *block)
}

// hashWriter hashes on a second goroutine what it writes to the file on the
// caller's.
type hashWriter struct {
	ctx    context.Context
	to     *durable.Temp
	blocks chan []byte
	hashed chan evidence.Hash
	done   chan struct{}
}

func newHashWriter(ctx context.Context, to *durable.Temp) *hashWriter {
	w := &hashWriter{ctx: ctx, to: to, blocks: make(chan []byte), done: make(chan struct{}), hashed: make(chan evidence.Hash, 1)}
	go func() {
		h := sha256.New()
		for b := range w.blocks {
			h.Write(b)
			w.done <- struct{}{}
		}
		w.hashed <- evidence.Hash(h.Sum(nil))
	}()
	return w
}

func (w *hashWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	w.blocks <- p
	n, err := w.to.Write(p)
	<-w.done // p is the caller's again
	return n, err
}

// sum ends the second goroutine; nothing may be written afterwards.
func (w *hashWriter) sum() evidence.Hash {
	close(w.blocks)
	return <-w.hashed
}
