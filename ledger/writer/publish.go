package writer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"example.org/custody/ledger"
	"example.org/custody/ledger/batch"
	"golang.org/x/mod/sumdb/tlog"
)

// publisher makes checkpoints and receipts while the next batch is committed. One
// round serves everybody who is waiting for it.
type publisher struct {
	queue *batch.Queue[waiter]
	ended chan struct{}

	mu   sync.Mutex
	size uint64 // of the log, as committed
	published
}

// published is the newest checkpoint that had enough cosignatures.
type published struct {
	note []byte // nil: none
	at   uint64 // its size
}

// waiter is one of two: a request for receipts, or a caller that wants a checkpoint
// cosigned now.
type waiter struct {
	request *request
	round   *round
}

// round is a caller waiting for a checkpoint cosigned now.
type round struct {
	note []byte
	err  error
	done chan struct{}
}

// Latest returns the newest checkpoint that had enough cosignatures, with those that
// came later, for [Config.Note] of the next session; nil when there is none.
func (w *Writer) Latest() []byte {
	return w.publisher.newest().freshened(w)
}

func (p *publisher) newest() published {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.published
}

// freshened returns the checkpoint with every cosignature that has come.
func (p published) freshened(w *Writer) []byte {
	if p.note == nil || w.Feeder == nil {
		return p.note
	}
	c, err := ledger.ReadCheckpoint(p.note)
	if err != nil {
		return p.note
	}
	if fuller := w.Feeder.Gathered(c); w.enough(fuller) && len(fuller) > len(p.note) {
		return fuller
	}
	return p.note
}

func (w *Writer) enough(signed []byte) bool { return w.Enough == nil || w.Enough(signed) }

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
		w.publisher.published = published{bytes.Clone(w.Note), size}
	}
	return nil
}

func (p *publisher) start(w *Writer) {
	p.queue, p.ended, p.size = batch.New[waiter](most, 0).Pace(busy, roundEvery), make(chan struct{}), w.Map.Covered()
	go p.run(w)
}

// put takes requests whose leaves are below size, which is durable. Those that the
// newest checkpoint serves wait for no round.
func (p *publisher) put(w *Writer, size uint64, all []*request) {
	p.reach(size)
	newest := p.newest()
	var served []*request
	for _, r := range all {
		if newest.covers(r) {
			served = append(served, r)
		} else {
			p.queue.Put(waiter{request: r})
		}
	}
	newest.answer(w, served, nil)
}

// reach says how many leaves are durable.
func (p *publisher) reach(size uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size = max(p.size, size)
}

// close answers everybody who is waiting, and ends.
func (p *publisher) close() {
	p.queue.Close()
	<-p.ended
}

func (p *publisher) run(w *Writer) {
	defer close(p.ended)
	for {
		all, ok := p.queue.Take()
		if !ok {
			return
		}
		p.serve(w, all)
	}
}

// serve makes one round for whoever needs one, and answers everybody.
func (p *publisher) serve(w *Writer, all []waiter) {
	var signed []byte
	var failed error
	newest := p.newest()
	if slices.ContainsFunc(all, func(x waiter) bool { return x.round != nil || !newest.covers(x.request) }) {
		signed, failed = p.publish(context.Background(), w)
		newest = p.newest()
	}
	p.queue.Done()
	var requests []*request
	for _, x := range all {
		if x.request != nil {
			requests = append(requests, x.request)
			continue
		}
		x.round.note, x.round.err = signed, failed
		close(x.round.done)
	}
	if len(requests) >= some {
		w.queue.Expect(len(requests))
	}
	newest.answer(w, requests, failed)
}

// answer gives receipts to those whom the checkpoint serves, and tells the others why
// there is no newer one.
func (p published) answer(w *Writer, all []*request, failed error) {
	if len(all) == 0 {
		return
	}
	hashes, signed := w.Log.Hashes(context.Background(), p.at), p.freshened(w)
	for _, r := range all {
		if p.covers(r) {
			r.finish(r.receipts(w, signed, hashes))
		} else {
			r.later(failed)
		}
	}
}

// covers reports whether the checkpoint serves a request.
func (p published) covers(r *request) bool {
	for i := range r.results {
		if r.results[i].Refused == nil && r.results[i].Index >= p.at {
			return false
		}
	}
	return true
}

// publish signs the checkpoint of the tree that is durable and has it cosigned. The
// checkpoint it returns has enough cosignatures; with [ErrQuorum] it has not.
func (p *publisher) publish(ctx context.Context, w *Writer) ([]byte, error) {
	if err := w.ReadOnly(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	size, newest := p.size, p.published
	p.mu.Unlock()
	c, err := ledger.CheckpointOf(w.origin, size, w.Log.Hashes(ctx, size))
	if err != nil {
		return nil, err
	}
	signed := newest.note
	if size != newest.at || signed == nil {
		if signed, err = c.Sign(w.Key); err != nil {
			return nil, err
		}
	}
	signed, err = w.gather(ctx, c, signed)
	if err == nil {
		p.mu.Lock()
		p.published = published{signed, size}
		p.mu.Unlock()
	}
	return signed, err
}

// gather has a checkpoint cosigned, when there is anybody to ask.
func (w *Writer) gather(ctx context.Context, c ledger.Checkpoint, signed []byte) (out []byte, err error) {
	switch {
	case w.Feeder != nil:
		signed, err = w.Feeder.Gather(ctx, c, signed)
	case !w.enough(signed):
		err = ErrQuorum
	}
	return signed, errors.Join(w.ReadOnly(), err)
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

// receipts makes the receipts of a request under a checkpoint.
func (r *request) receipts(w *Writer, signed []byte, hashes tlog.HashReader) error {
	for i := range r.results {
		res := &r.results[i]
		if res.Refused != nil {
			continue
		}
		receipt, err := ledger.NewReceipt(signed, hashes, res.Index, r.leaves[i])
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
	if !w.publisher.queue.Put(waiter{round: r}) {
		return nil, ErrClosed
	}
	select {
	case <-r.done:
		return r.note, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
