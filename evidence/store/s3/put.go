package s3

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/semaphore"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// putting is one Put. Its caller's goroutine gathers bytes in parts; one goroutine
// digests the whole, in order; each part under way has one that sends it.
type putting struct {
	*Store
	ctx     context.Context // ends when a part failed
	fail    context.CancelCauseFunc
	name    evidence.ObjectName
	mark    string
	up      *upload // nil while all fits one part
	current *part   // the one that the next bytes go to
	number  int     // of parts begun
	size    int64   // bytes of the parts before current

	slots  chan struct{}       // of parts being filled or under way
	memory *semaphore.Weighted // bytes of theirs
	hash   chan *part
	digest chan evidence.Hash

	sending sync.WaitGroup
	mu      sync.Mutex // guards parts
	parts   []minio.CompletePart
}

// Put implements [store.Store]. After [ErrUnreachable] or [ErrBusy] a Put of the
// same name and bytes sends only what is missing, in a later process too, when there
// is a folder for records.
func (s *Store) Put(ctx context.Context, name evidence.ObjectName, r io.Reader) (store.Info, error) {
	if s.o.ReadOnly {
		return store.Info{}, store.ErrReadOnly
	}
	if err := s.probeOnce(ctx); err != nil {
		return store.Info{}, err
	}
	p := &putting{
		Store: s, name: name, mark: rand.Text(),
		slots: make(chan struct{}, s.o.Parallel), memory: semaphore.NewWeighted(partsMemory),
		hash: make(chan *part, s.o.Parallel), digest: make(chan evidence.Hash, 1),
	}
	p.ctx, p.fail = context.WithCancelCause(ctx)
	defer p.fail(nil)
	go p.hashAll()
	_, err := io.CopyBuffer(onlyWriter{p}, r, make([]byte, 32<<10))
	info, err := p.finish(ctx, err)
	if err != nil {
		return store.Info{}, fmt.Errorf("put %s: %w", name, err)
	}
	return info, nil
}

// onlyWriter keeps [io.CopyBuffer] from every way but Write and the reader's own.
type onlyWriter struct{ io.Writer }

// Write implements [io.Writer].
func (p *putting) Write(b []byte) (n int, err error) {
	for len(b) > 0 {
		if p.current != nil && p.current.n == len(p.current.buf) {
			if err := p.pass(); err != nil {
				return n, err
			}
		}
		if p.current == nil {
			if err := p.room(); err != nil {
				return n, err
			}
		}
		m := copy(p.current.buf[p.current.n:], b)
		p.current.n += m
		n, b = n+m, b[m:]
	}
	return n, context.Cause(p.ctx)
}

// room begins the next part.
func (p *putting) room() error {
	size := partSize(p.number + 1)
	if size == 0 {
		return fmt.Errorf("%d parts: %w", p.number, ErrTooLarge)
	}
	select {
	case p.slots <- struct{}{}:
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
	if err := p.memory.Acquire(p.ctx, int64(min(size, partsMemory))); err != nil {
		return context.Cause(p.ctx)
	}
	p.number++
	p.current = &part{number: p.number, buf: p.buffer(size)}
	return nil
}

// buffer returns one that an earlier part used, where there is one.
func (s *Store) buffer(size int) []byte {
	if size == partSmall {
		select {
		case b := <-s.spare:
			return b
		default:
		}
	}
	return make([]byte, size)
}

// release ends one use of a part.
func (p *putting) release(t *part) {
	if t.users.Add(-1) > 0 {
		return
	}
	if len(t.buf) == partSmall {
		select {
		case p.spare <- t.buf:
		default:
		}
	}
	p.memory.Release(int64(min(len(t.buf), partsMemory)))
	<-p.slots
}

// pass gives the current part on.
func (p *putting) pass() (err error) {
	if p.up == nil {
		if err = p.untaken(p.ctx, p.name); err == nil { // sooner than after a terabyte
			p.up, err = p.begin(p.ctx, p.name, p.mark)
		}
		if err != nil {
			p.fail(err)
			return err
		}
	}
	t := p.current
	p.current, p.size = nil, p.size+int64(t.n)
	t.users.Store(2)
	p.hash <- t
	p.sending.Go(func() {
		defer p.release(t)
		done, err := p.sendPart(p.ctx, p.up, t)
		if err != nil {
			p.fail(err)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.parts = append(p.parts, done)
	})
	return nil
}

func (p *putting) hashAll() {
	h := sha256.New()
	for t := range p.hash {
		h.Write(t.bytes())
		p.release(t)
	}
	p.digest <- evidence.Hash(h.Sum(nil))
}

// finish makes the object of what was read, or nothing of it. failed is the error of
// the reading.
func (p *putting) finish(ctx context.Context, failed error) (store.Info, error) {
	if failed == nil && p.up != nil && p.current != nil {
		failed = p.pass()
	}
	close(p.hash)
	p.sending.Wait()
	digest := <-p.digest
	if cause := context.Cause(p.ctx); cause != nil {
		failed = cause // of which what the reader said is a consequence
	}
	if p.current != nil {
		defer func() { p.current.users.Store(1); p.release(p.current) }()
	}
	switch {
	case failed != nil:
	case p.up == nil:
		digest, p.size, failed = p.single(ctx)
	default:
		failed = p.complete(ctx)
	}
	if failed != nil {
		return store.Info{}, errors.Join(failed, p.drop(ctx, failed))
	}
	return store.Info{Name: p.name, Size: p.size, SHA256: digest}, nil
}

// dropPatience is how long a failed Put waits for the service to take its parts away.
const dropPatience = 5 * time.Second

// drop takes back the parts of a Put that failed, unless another one may go on with
// them. What cannot be taken back now goes with Delete.
func (p *putting) drop(ctx context.Context, failed error) error {
	if p.up == nil || p.o.Records != "" && ctx.Err() == nil && (errors.Is(failed, ErrUnreachable) || errors.Is(failed, ErrBusy)) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropPatience)
	defer cancel()
	p.forget(ctx, p.up) // best effort: nobody sees the parts
	return nil
}
