package evidence

import (
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// engine hashes chunks on all cores and puts the results in order. Chunks go
// round: take → fill → dispatch → every consumer → release → take.
//
//	            ┌─ work ──→ workers: (read), leaf hash ──→ done
//	dispatch ───┼─ order ─→ in order: wait for done, SHA-256, tree ── also ─→ SHA-512
//	            └─ tee ───→ in order: the caller's writer
//
// No channel can block its sender: each holds as many chunks as there are.
type engine struct {
	which   Algorithms
	source  io.ReaderAt // when set, workers read their own chunks
	buffers int
	free    chan *chunk
	work    chan *chunk
	order   chan *chunk
	also    chan *chunk // nil without SHA-512
	tee     chan *chunk // nil without a tee
	uses    int32       // consumers that must release a chunk before it is reused
	made    int         // chunks taken from the pool so far
	stop    atomic.Bool // nothing more is wanted
	running sync.WaitGroup

	// Written by the consumers, read when running is done.
	digests Digests
	failed  error // of a worker's read, the first in file order
}

// chunk is one buffer on its way round.
type chunk struct {
	buf    []byte // ChunkSize
	n      int    // bytes in use
	offset int64
	leaf   Hash
	err    error
	uses   atomic.Int32
	done   chan struct{} // the worker has finished
}

var chunkPool = sync.Pool{New: func() any {
	return &chunk{buf: make([]byte, ChunkSize), done: make(chan struct{}, 1)}
}}

// maxWorkers bounds memory on machines with many cores; eight hash faster than
// one stream of storage delivers.
const maxWorkers = 8

func newEngine(which Algorithms, source io.ReaderAt, tee bool) *engine {
	workers := min(runtime.GOMAXPROCS(0), maxWorkers)
	if which != TreeOnly {
		workers = max(1, workers-1) // the plain digest needs a core of its own
	}
	e := &engine{which: which, source: source, buffers: 2*workers + 4, uses: 2}
	e.free = make(chan *chunk, e.buffers)
	e.work = make(chan *chunk, e.buffers)
	e.order = make(chan *chunk, e.buffers)
	if tee {
		e.tee = make(chan *chunk, e.buffers)
		e.uses++
	}
	if which&WithSHA512 != 0 {
		e.also = make(chan *chunk, e.buffers)
		e.uses++
		e.running.Go(e.sha512)
	}
	for range workers {
		e.running.Go(e.leaves)
	}
	e.running.Go(e.inOrder)
	return e
}

// take returns a free chunk, and waits for one when all are on their way.
func (e *engine) take() *chunk {
	if e.made < e.buffers {
		select {
		case c := <-e.free:
			return c
		default:
			e.made++
			return chunkPool.Get().(*chunk)
		}
	}
	return <-e.free
}

// dispatch hands a chunk to every consumer.
func (e *engine) dispatch(c *chunk) {
	c.uses.Store(e.uses)
	e.work <- c
	e.order <- c
	if e.tee != nil {
		e.tee <- c
	}
}

// release is called by every consumer once; the last frees the chunk.
func (e *engine) release(c *chunk) {
	if c.uses.Add(-1) == 0 {
		e.free <- c
	}
}

// close says that nothing more will be dispatched.
func (e *engine) close() {
	close(e.work)
	close(e.order)
	if e.tee != nil {
		close(e.tee)
	}
}

// finish waits for the consumers, which close must have told to end.
func (e *engine) finish(err error) (Digests, error) {
	e.running.Wait()
	for range e.made {
		chunkPool.Put(<-e.free)
	}
	if err == nil {
		err = e.failed
	}
	if err != nil {
		return Digests{}, err
	}
	return e.digests, nil
}

func (e *engine) leaves() {
	h := sha256.New()
	for c := range e.work {
		if c.err = nil; e.source != nil {
			c.err = c.readAt(e.source)
		}
		if c.err == nil {
			chunkHash(h, c.buf[:c.n], &c.leaf)
		} else {
			e.stop.Store(true)
		}
		c.done <- struct{}{}
		e.release(c)
	}
}

func (e *engine) inOrder() {
	var plain hash.Hash
	if e.which&WithSHA256 != 0 {
		plain = sha256.New()
	}
	var t ContentTree
	for c := range e.order {
		<-c.done
		if e.also != nil {
			e.also <- c // not sooner: the worker may have had to read it
		}
		if e.failed == nil {
			e.failed = c.err
		}
		if e.failed == nil {
			e.digests.Size += int64(c.n)
			t.Append(c.leaf)
			if plain != nil {
				plain.Write(c.buf[:c.n])
			}
		}
		e.release(c)
	}
	if e.also != nil {
		close(e.also)
	}
	e.digests.Tree = t.Root()
	if plain != nil {
		plain.Sum(e.digests.SHA256[:0])
	}
}

func (e *engine) sha512() {
	h := sha512.New()
	for c := range e.also {
		h.Write(c.buf[:c.n])
		e.release(c)
	}
	h.Sum(e.digests.SHA512[:0])
}
