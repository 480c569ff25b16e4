package evidence

import (
	"fmt"
	"io"
)

// ReadError is the error of a source, so that it can be told from one of the
// destination.
type ReadError struct {
	Offset int64 // where in the source the failed read began
	Err    error // what the source returned
}

// Error implements error.
func (e *ReadError) Error() string { return fmt.Sprintf("read at byte %d: %v", e.Offset, e.Err) }

// Unwrap returns the source's error.
func (e *ReadError) Unwrap() error { return e.Err }

// DigestReader reads r to its end, once, and returns the digests of what it
// read. The leaves of the content tree, SHA-256 and SHA-512 are computed on
// goroutines of their own, on up to all cores; all have ended when DigestReader
// returns. Memory is a fixed number of chunk buffers, whatever the length of r.
//
// tee, which may be nil, is written the same bytes in order, at most
// [ChunkSize] at a time, on the calling goroutine and while they are being
// hashed; it must not keep or change them. This is the one pass of an ingest:
// digest and encrypt.
//
// The first error stops everything: one of r (other than io.EOF) comes as a
// [*ReadError], one of tee as it is.
func DigestReader(r io.Reader, which Algorithms, tee io.Writer) (Digests, error) {
	first := chunkPool.Get().(*chunk)
	end, err := first.fill(r, 0)
	if err == nil && !end {
		return digestMany(r, first, which, tee)
	}
	defer chunkPool.Put(first)
	if err != nil {
		return Digests{}, err
	}
	// One chunk: goroutines would cost more than they save.
	if tee != nil && first.n > 0 {
		if _, err := tee.Write(first.buf[:first.n]); err != nil {
			return Digests{}, err
		}
	}
	return DigestBytes(first.buf[:first.n], which), nil
}

// digestMany goes on after the first chunk. With a tee it reads on a goroutine
// of its own, so that a slow source and a slow tee do not wait for each other.
func digestMany(r io.Reader, first *chunk, which Algorithms, tee io.Writer) (Digests, error) {
	e := newEngine(which, nil, tee != nil)
	e.made = 1
	if tee == nil {
		return e.finish(e.feed(r, first))
	}
	read := make(chan error, 1)
	go func() { read <- e.feed(r, first) }()
	var failed error
	for c := range e.tee {
		if failed == nil {
			if _, failed = tee.Write(c.buf[:c.n]); failed != nil {
				e.stop.Store(true)
			}
		}
		e.release(c)
	}
	if err := <-read; failed == nil {
		failed = err
	}
	return e.finish(failed)
}

// feed cuts r into chunks, first being read already, and dispatches them.
func (e *engine) feed(r io.Reader, first *chunk) error {
	defer e.close()
	offset := int64(first.n) // a dispatched chunk is no longer ours
	e.dispatch(first)
	for !e.stop.Load() {
		c := e.take()
		end, err := c.fill(r, offset)
		if err != nil || c.n == 0 {
			e.free <- c
			return err
		}
		offset += int64(c.n)
		e.dispatch(c)
		if end {
			break
		}
	}
	return nil
}

// fill reads the next chunk of r, which begins at offset, and reports whether
// it is the last one; that one may be empty. Unlike [io.ReadFull] it does not
// take a source's own io.ErrUnexpectedEOF, by which age tells of a truncated
// file, for the end.
func (c *chunk) fill(r io.Reader, offset int64) (end bool, err error) {
	c.n = 0
	for idle := 0; c.n < len(c.buf); {
		n, err := r.Read(c.buf[c.n:])
		c.n += n
		if idle++; n > 0 {
			idle = 0
		}
		if err == nil && idle == 100 {
			err = io.ErrNoProgress
		}
		if err == io.EOF {
			return true, nil
		}
		if err != nil {
			return false, &ReadError{Offset: offset + int64(c.n), Err: err}
		}
	}
	return false, nil
}
