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

// fill writes what r delivers to t, makes it durable and closes t in any case.
func fill(ctx context.Context, t *durable.Temp, r io.Reader) (Info, error) {
	f := newFiller(ctx, t)
	size, err := f.copy(r)
	digest, wrote := f.finish()
	if err == nil || wrote != nil && errors.Is(err, errBroken) {
		err = wrote
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = t.Sync()
	}
	err = errors.Join(err, t.Close())
	return Info{Size: size, SHA256: digest}, err
}

// block is a part of an object on its way to the hash and to the file.
type block struct {
	buf    []byte // blockSize
	n      int
	hashed chan struct{} // one value when the hash has taken it
}

var blockPool = sync.Pool{New: func() any {
	return &block{buf: make([]byte, blockSize), hashed: make(chan struct{}, 1)}
}}

const blockSize = 1 << 20

// ahead is how many full blocks may wait for the disk.
const ahead = 3

// filler gathers an object's bytes in blocks. Two goroutines take those in
// order: one hashes, one writes to the file, while the caller makes the next.
type filler struct {
	ctx     context.Context
	to      *durable.Temp
	current *block
	free    chan *block // nil values stand for blocks not made yet
	hash    chan *block
	file    chan *block
	digest  chan evidence.Hash
	wrote   chan error
	broken  chan struct{} // closed when writing has failed
}

// errBroken tells the source that its bytes are not wanted any more; the reason
// is what the file said.
var errBroken = errors.New("the file could not be written")

func newFiller(ctx context.Context, to *durable.Temp) *filler {
	f := &filler{
		ctx: ctx, to: to, free: make(chan *block, ahead+1), hash: make(chan *block, ahead), file: make(chan *block, ahead),
		digest: make(chan evidence.Hash, 1), wrote: make(chan error, 1), broken: make(chan struct{}),
	}
	for range ahead {
		f.free <- nil
	}
	go f.hashAll()
	go f.writeAll()
	return f
}

// copy lets r write for itself when it can, which saves a copy of all bytes.
func (f *filler) copy(r io.Reader) (int64, error) {
	if from, ok := r.(io.WriterTo); ok {
		return from.WriteTo(struct{ io.Writer }{f})
	}
	return f.ReadFrom(r)
}

// Write implements [io.Writer].
func (f *filler) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		b, err := f.room()
		if err != nil {
			return written, err
		}
		n := copy(b.buf[b.n:], p)
		b.n, p, written = b.n+n, p[n:], written+n
	}
	return written, nil
}

// ReadFrom implements [io.ReaderFrom].
func (f *filler) ReadFrom(r io.Reader) (int64, error) {
	size := int64(0)
	for {
		b, err := f.room()
		if err != nil {
			return size, err
		}
		n, err := r.Read(b.buf[b.n:])
		b.n, size = b.n+n, size+int64(n)
		if err == io.EOF {
			return size, nil
		}
		if err != nil {
			return size, err
		}
	}
}

// room returns the block that the next bytes belong in; it has room for one at
// least.
func (f *filler) room() (*block, error) {
	if f.current != nil && f.current.n < len(f.current.buf) {
		return f.current, nil
	}
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	f.pass()
	select {
	case f.current = <-f.free:
	case <-f.broken:
		return nil, errBroken
	}
	if f.current == nil {
		f.current = blockPool.Get().(*block)
		f.current.n = 0
	}
	return f.current, nil
}

// pass gives the current block on.
func (f *filler) pass() {
	b := f.current
	if f.current = nil; b == nil {
		return
	}
	f.hash <- b
	f.file <- b
}

// finish passes what is left, waits for the goroutines and returns what they
// found.
func (f *filler) finish() (evidence.Hash, error) {
	f.pass()
	close(f.hash)
	close(f.file)
	digest, err := <-f.digest, <-f.wrote
	for len(f.free) > 0 {
		if b := <-f.free; b != nil {
			blockPool.Put(b)
		}
	}
	return digest, err
}

func (f *filler) hashAll() {
	h := sha256.New()
	for b := range f.hash {
		h.Write(b.buf[:b.n])
		b.hashed <- struct{}{}
	}
	f.digest <- evidence.Hash(h.Sum(nil))
}

func (f *filler) writeAll() {
	var failed error
	for b := range f.file {
		if failed == nil && b.n > 0 {
			if _, failed = f.to.Write(b.buf[:b.n]); failed != nil {
				close(f.broken)
			}
		}
		<-b.hashed
		b.n = 0
		f.free <- b
	}
	f.wrote <- failed
}
