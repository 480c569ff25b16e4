package s3

import (
	"context"
	"io"
	"sync"

	"github.com/minio/minio-go/v7"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// Bytes that are fetched ahead of what was asked for. Who reads on from where they
// stopped gets twice as many each time.
const (
	leastAhead = 128 << 10
	mostAhead  = 4 << 20
)

// object is one version of a key, read by ranges.
type object struct {
	s       *Store
	key     string
	version string
	size    int64
	ctx     context.Context // until Close
	close   context.CancelFunc

	mu    sync.Mutex // guards what follows
	ahead []byte     // bytes fetched ahead
	at    int64      // where they begin
}

// Open implements [store.Store].
func (s *Store) Open(ctx context.Context, name evidence.ObjectName) (store.Object, error) {
	v, err := s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	o := &object{s: s, key: v.Key, version: v.VersionID, size: v.Size}
	// Who opened it may be done before the last reader is.
	o.ctx, o.close = context.WithCancel(context.WithoutCancel(ctx))
	return o, nil
}

// Size implements [store.Object].
func (o *object) Size() int64 { return o.size }

// Close implements [io.Closer].
func (o *object) Close() error {
	o.close()
	return nil
}

// ReadAt implements [io.ReaderAt].
func (o *object) ReadAt(p []byte, off int64) (n int, err error) {
	if off >= o.size {
		return 0, io.EOF
	}
	want := p[:min(int64(len(p)), o.size-off)]
	if len(want) >= mostAhead {
		err = o.fetch(want, off)
	} else {
		err = o.readAhead(want, off)
	}
	if err != nil {
		return 0, err
	}
	if len(want) < len(p) {
		return len(want), io.EOF
	}
	return len(want), nil
}

// readAhead fills p from what was fetched, and fetches more where that ends.
func (o *object) readAhead(p []byte, off int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	end := o.at + int64(len(o.ahead))
	if off >= o.at && off < end {
		n := copy(p, o.ahead[off-o.at:])
		p, off = p[n:], off+int64(n)
	}
	if len(p) == 0 {
		return nil
	}
	length := int64(leastAhead)
	if off == end {
		length = min(2*max(int64(len(o.ahead)), leastAhead), mostAhead)
	}
	length = min(max(length, int64(len(p))), o.size-off)
	if int64(cap(o.ahead)) < length {
		o.ahead = make([]byte, length)
	}
	o.ahead, o.at = o.ahead[:length], off
	if err := o.fetch(o.ahead, off); err != nil {
		o.ahead = o.ahead[:0]
		return err
	}
	copy(p, o.ahead)
	return nil
}

// fetch fills p, which is not empty and lies within the object.
func (o *object) fetch(p []byte, off int64) error {
	return o.s.ask(o.ctx, func(ctx context.Context) error {
		get := minio.GetObjectOptions{VersionID: o.version}
		if err := get.SetRange(off, off+int64(len(p))-1); err != nil {
			return err
		}
		body, _, _, err := o.s.core.GetObject(ctx, o.s.o.Location.Bucket, o.key, get)
		if err != nil {
			return err
		}
		defer body.Close()
		_, err = io.ReadFull(watched{body, &o.s.vigil}, p)
		return err
	})
}
