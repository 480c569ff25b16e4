package evidence

import (
	"errors"
	"io"
)

// DigestReaderAt returns the digests of the first size bytes of r. Chunks are
// read and hashed in parallel on up to all cores, so that with [TreeOnly] it
// is as fast as cores and storage together; r must allow concurrent ReadAt.
// Memory is a fixed number of chunk buffers.
//
// Bytes after size are not looked at. When r ends before, the error is a
// [*ReadError] wrapping io.ErrUnexpectedEOF; any other error of r comes as a
// [*ReadError] too. The first in file order is returned.
func DigestReaderAt(r io.ReaderAt, size int64, which Algorithms) (Digests, error) {
	if size < 0 {
		return Digests{}, &ReadError{Err: errors.New("negative size")}
	}
	if size <= ChunkSize {
		return digestOneAt(r, size, which)
	}
	e := newEngine(which, r, false)
	for offset := int64(0); offset < size && !e.stop.Load(); offset += ChunkSize {
		c := e.take()
		c.offset, c.n = offset, int(min(ChunkSize, size-offset))
		e.dispatch(c)
	}
	e.close()
	return e.finish(nil)
}

func digestOneAt(r io.ReaderAt, size int64, which Algorithms) (Digests, error) {
	c := chunkPool.Get().(*chunk)
	defer chunkPool.Put(c)
	c.offset, c.n = 0, int(size)
	if err := c.readAt(r); err != nil {
		return Digests{}, err
	}
	return DigestBytes(c.buf[:c.n], which), nil
}

// readAt fills c.buf[:c.n] from c.offset.
func (c *chunk) readAt(r io.ReaderAt) error {
	n, err := r.ReadAt(c.buf[:c.n], c.offset)
	switch {
	case n == c.n: // io.EOF is allowed at the end
		return nil
	case err == nil || err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return &ReadError{Offset: c.offset + int64(n), Err: err}
}
