package writer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// publisher makes checkpoints and receipts while the next batch is committed. One
// round serves everybody who is waiting for it.
type publisher struct {
	wake  chan struct{}
	ended chan struct{}

	mu      sync.Mutex
	waiting []*request
	rounds  []*round // callers that want a checkpoint and no receipt
	size    uint64   // of the log, as committed
	closing bool

	note []byte // the newest checkpoint that had enough cosignatures
	at   uint64 // its size
}

// round is a caller waiting for a checkpoint cosigned now.
type round struct {
	note []byte
	err  error
	done chan struct{}
}

// Latest returns the newest checkpoint that had enough cosignatures, for
// [Config.Note] of the next session; nil when there is none.
func (w *Writer) Latest() []byte {
	w.publisher.mu.Lock()
	defer w.publisher.mu.Unlock()
	return w.publisher.note
}

// recall takes up the checkpoint of an earlier session, when it is of the present
// tree and has enough cosignatures. One that is ahead of the log, or of another tree,
// stops the writer: the log's own signature says that it once was there (rule P21).
func (w *Writer) recall(ctx context.Context) error {
	c, err := ledger.OpenCheckpoint(w.Note, w.Verifier)
	if err != nil || c.Origin != w.origin {
		return nil // none, or a cache that does not fit
	}
	size := w.Map.Covered()
	if c.Size > size {
		w.stop(fmt.Errorf("it signed a tree of %d leaves, here are %d: %w", c.Size, size, ErrBehind))
		return nil
	}
	now, err := ledger.CheckpointOf(w.origin, c.Size, w.Log.Hashes(ctx, size))
	if err != nil {
		return err
	}
	if now != c {
		w.stop(fmt.Errorf("it signed another tree of %d leaves: %w", c.Size, ErrBehind))
		return nil
	}
	if c.Size == size && w.enough(w.Note) {
		w.publisher.note, w.publisher.at = bytes.Clone(w.Note), size
	}
	return nil
}

func (p *publisher) start(w *Writer) {
	p.wake, p.ended, p.size = make(chan struct{}, 1), make(chan struct{}), w.Map.Covered()
	go p.run(w)
}

// put takes requests whose leaves are below size, which is durable.
func (p *publisher) put(size uint64, r ...*request) {
	p.mu.Lock()
	p.size = max(p.size, size)
	p.waiting = append(p.waiting, r...)
	p.mu.Unlock()
	p.signal()
}

func (p *publisher) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// close answers everybody who is waiting, and ends.
func (p *publisher) close() {
	p.mu.Lock()
	p.closing = true
	p.mu.Unlock()
	p.signal()
	<-p.ended
}

func (p *publisher) run(w *Writer) {
	defer close(p.ended)
	for range p.wake {
		p.mu.Lock()
		waiting, rounds, size, closing := p.waiting, p.rounds, p.size, p.closing
		p.waiting, p.rounds = nil, nil
		p.mu.Unlock()
		p.serve(w, waiting, rounds, size)
		if closing {
			return
		}
	}
}

// serve makes one round for whoever needs one, and answers everybody.
func (p *publisher) serve(w *Writer, waiting []*request, rounds []*round, size uint64) {
	ctx := context.Background()
	var failed error
	if len(rounds) > 0 || slices.ContainsFunc(waiting, func(r *request) bool { return !p.covers(r) }) {
		var signed []byte
		signed, failed = p.publish(ctx, w, size)
		for _, r := range rounds {
			r.note, r.err = signed, failed
			close(r.done)
		}
	}
	hashes := w.Log.Hashes(ctx, p.at)
	for _, r := range waiting {
		if p.covers(r) {
			r.finish(p.receipts(w, r, hashes))
		} else {
			r.later(failed)
		}
	}
}

// covers reports whether the newest checkpoint serves a request.
func (p *publisher) covers(r *request) bool {
	for i := range r.results {
		if r.results[i].Refused == nil && r.results[i].Index >= p.at {
			return false
		}
	}
	return true
}

// publish signs the checkpoint of the tree of size leaves, which is durable, and has
// it cosigned. The checkpoint it returns has enough cosignatures; with [ErrQuorum] it
// has not.
func (p *publisher) publish(ctx context.Context, w *Writer, size uint64) ([]byte, error) {
	if err := w.ReadOnly(); err != nil {
		return nil, err
	}
	c, err := ledger.CheckpointOf(w.origin, size, w.Log.Hashes(ctx, size))
	if err != nil {
		return nil, err
	}
	signed := p.note
	if size != p.at || signed == nil {
		if signed, err = c.Sign(w.Key); err != nil {
			return nil, err
		}
	}
	signed, err = w.gather(ctx, c, signed)
	if err == nil {
		p.mu.Lock()
		p.note, p.at = signed, size
		p.mu.Unlock()
	}
	return signed, err
}

// later answers a request whose leaves are logged but have no receipt.
func (r *request) later(err error) {
	if !errors.Is(err, ErrQuorum) {
		err = fmt.Errorf("%w: %w", ErrQuorum, err)
	}
	for i := range r.results {
		if r.results[i].Refused == nil {
			r.results[i].Pending = err
		}
	}
	r.finish(nil)
}

// receipts makes the receipts of a request under the newest checkpoint.
func (p *publisher) receipts(w *Writer, r *request, hashes tlog.HashReader) error {
	for i := range r.results {
		res := &r.results[i]
		if res.Refused != nil {
			continue
		}
		receipt, err := ledger.NewReceipt(p.note, hashes, res.Index, r.leaves[i])
		if err != nil {
			return fmt.Errorf("receipt of leaf %d of %q: %w", res.Index, w.origin, err)
		}
		res.Receipt = &receipt
	}
	return nil
}

// Checkpoint has the present tree cosigned now and returns the checkpoint with all
// cosignatures gathered. Without enough of them it returns what there is, and
// [ErrQuorum].
func (w *Writer) Checkpoint(ctx context.Context) ([]byte, error) {
	r := &round{done: make(chan struct{})}
	p := &w.publisher
	p.mu.Lock()
	if p.closing {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	p.rounds = append(p.rounds, r)
	p.mu.Unlock()
	p.signal()
	select {
	case <-r.done:
		return r.note, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
