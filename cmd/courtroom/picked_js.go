package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"syscall/js"

	"example.org/custody/evidence"
)

// Reading a picked file costs a call to the browser each time, so it is read in
// blocks, of which the last few are kept.
const (
	blockSize  = 4 << 20
	blocksKept = 4
)

// picked is a File that a person chose, for reading at random.
type picked struct {
	file js.Value
	size int64

	mu     sync.Mutex
	blocks []block // the one used last at the end
}

type block struct {
	at    int64
	bytes []byte
}

func newPicked(file js.Value) *picked {
	return &picked{file: file, size: int64(file.Get("size").Float())}
}

// ReadAt implements [io.ReaderAt]. An error is the browser's: the file was
// changed, moved or cannot be read.
func (p *picked) ReadAt(b []byte, at int64) (int, error) {
	n := 0
	for n < len(b) && at+int64(n) < p.size {
		x, err := p.block((at + int64(n)) / blockSize * blockSize)
		if err != nil {
			return n, err
		}
		n += copy(b[n:], x[at+int64(n)-(at+int64(n))/blockSize*blockSize:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// block returns the block that begins at at.
func (p *picked) block(at int64) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, x := range p.blocks {
		if x.at == at {
			p.blocks = append(append(p.blocks[:i], p.blocks[i+1:]...), x)
			return x.bytes, nil
		}
	}
	read := js.Global().Call("custodyRead", p.file, float64(at), float64(min(at+blockSize, p.size)))
	if read.Type() == js.TypeString {
		return nil, errors.New(read.String())
	}
	x := block{at: at}
	if len(p.blocks) == blocksKept {
		x.bytes = p.blocks[0].bytes[:cap(p.blocks[0].bytes)] // one that nobody holds: ReadAt copies
		p.blocks = append(p.blocks[:0], p.blocks[1:]...)
	}
	if n := int(min(at+blockSize, p.size) - at); cap(x.bytes) < n {
		x.bytes = make([]byte, n)
	} else {
		x.bytes = x.bytes[:n]
	}
	if js.CopyBytesToGo(x.bytes, read) != len(x.bytes) {
		return nil, io.ErrUnexpectedEOF
	}
	p.blocks = append(p.blocks, x)
	return x.bytes, nil
}

// hash implements [verify.Hasher] with the browser's own hasher: worker.js has slices
// read and hashed on up to four cores and calls back with them in order.
func (p *picked) hash(_ context.Context, r *io.SectionReader, done func(int)) (evidence.Hash, uint32, error) {
	var tree evidence.ContentTree
	var leaf evidence.Hash
	var crc uint32
	var hashes []byte
	part := js.FuncOf(func(_ js.Value, args []js.Value) any {
		n := args[0].Get("length").Int()
		hashes = slices.Grow(hashes[:0], n)[:n]
		js.CopyBytesToGo(hashes, args[0])
		for b := hashes; len(b) > 0; b = b[len(leaf):] {
			copy(leaf[:], b)
			tree.Append(leaf)
		}
		size := args[1].Int()
		crc = joinedCRC(crc, uint32(args[2].Float()), int64(size))
		done(size)
		return nil
	})
	defer part.Release()
	at := offset(r)
	if _, err := await(js.Global().Call("custodyHash", p.file, float64(at), float64(at+r.Size()), part)); err != nil {
		return evidence.Hash{}, 0, err
	}
	return tree.Root(), crc, nil
}

// await waits for a Promise.
func await(promise js.Value) (out js.Value, err error) {
	settled := make(chan struct{})
	good := js.FuncOf(func(_ js.Value, args []js.Value) any {
		out = args[0]
		close(settled)
		return nil
	})
	bad := js.FuncOf(func(_ js.Value, args []js.Value) any {
		err = errors.New(js.Global().Get("String").Invoke(args[0]).String())
		close(settled)
		return nil
	})
	defer good.Release()
	defer bad.Release()
	promise.Call("then", good, bad)
	<-settled
	return out, err
}
