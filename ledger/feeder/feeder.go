package feeder

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/note"
)

// ErrClaim reports a cosigner that says it has seen more of the ledger than there
// is, and shows nothing that the ledger signed.
var ErrClaim = errors.New("the cosigner says that it has seen more, and shows no proof of it")

// ErrClosed reports use of a feeder after Close.
var ErrClosed = errors.New("feeder is closed")

// Peer is a cosigner and who answers for it.
type Peer struct {
	ledger.Cosigner
	// State names whoever runs the cosigner. A witness and an auditor of one state
	// are one liar, not two.
	State string
}

// Config is what a feeder needs.
type Config struct {
	Log      ledger.Reader // the ledger's durable leaves; not closed here
	Origin   evidence.Origin
	Verifier note.Verifier // of the ledger's own key
	Peers    []Peer        // asked for every checkpoint, all at once
	// Known verifies the cosigners' lines; others are dropped. Nil knows none.
	Known note.Verifiers
	// Enough reports whether a cosigned checkpoint meets the receipt policy. Nil asks
	// for nothing.
	Enough func(signed []byte) bool
	// Liars is how many states the policy takes for liars at most (f of rule P17).
	Liars int
	// Timeout is how long one round, and one answer, may take; 0: 10 seconds.
	Timeout time.Duration
	// Grace is how long a round goes on for the cosigners that are still missing
	// once the checkpoint has enough; 0: until the timeout.
	Grace time.Duration
	// Retry is how long after a failure a cosigner is asked again about the newest
	// checkpoint; 0: not before there is a newer one. Each further failure doubles it, up to
	// a minute.
	Retry time.Duration
}

// Feeder has checkpoints cosigned. Its methods may be called concurrently, Gather for
// one checkpoint at a time and in rising sizes.
type Feeder struct {
	Config
	peers   []*peer
	ctx     context.Context // ended by Close
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu     sync.Mutex // held for what is below, in rounds and in peers
	newest *round
	ended  *round // the last that Gather has returned of
	short  error  // why it had not enough cosignatures then
	fatal  error
}

// round is one checkpoint on its way to everybody.
type round struct {
	tree    ledger.Checkpoint
	sent    []byte // what the cosigners read: never written
	begun   time.Time
	more    chan struct{}
	note    []byte         // with the cosignatures so far
	missing map[*peer]bool // who has not answered
	failed  []error
	over    bool // Gather has returned
}

// New returns a feeder that has asked nobody yet.
func New(c Config) *Feeder {
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	f := &Feeder{Config: c}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	for _, p := range c.Peers {
		k := &peer{Peer: p, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
		f.peers = append(f.peers, k)
		f.workers.Go(func() { f.work(k) })
	}
	return f
}

// Close ends all requests under way and waits for them. It never fails.
func (f *Feeder) Close() error {
	f.cancel()
	f.workers.Wait()
	return nil
}

// Err returns why the ledger must not sign any more, and nil when it may:
// [ledger.ErrBehind], or a [*ledger.MisbehaviourError].
func (f *Feeder) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fatal
}

// Ask asks every cosigner for its last checkpoint (rule P21) and returns what
// [Feeder.Err] does then. Those that do not answer are asked again before they are first
// asked to sign, and count as missing until they have answered.
func (f *Feeder) Ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	var asked sync.WaitGroup
	for _, p := range f.peers {
		asked.Go(func() {
			err := p.ask(ctx, f)
			f.mu.Lock()
			defer f.mu.Unlock()
			f.judge(p, err)
		})
	}
	asked.Wait()
	return f.Err()
}

// Gather has a checkpoint that the ledger signed cosigned by all who answer in time.
// Without enough cosignatures it returns those there are, and [ledger.ErrQuorum].
func (f *Feeder) Gather(ctx context.Context, c ledger.Checkpoint, signed []byte) ([]byte, error) {
	r := f.begin(c, signed)
	timeout := time.NewTimer(f.Timeout)
	defer timeout.Stop()
	var grace <-chan time.Time
	for !f.answered(r) {
		if grace == nil && f.Grace > 0 && f.met(r) {
			grace = time.After(f.Grace)
		}
		var late error
		select {
		case <-r.more:
			continue
		case <-grace:
		case <-timeout.C:
			late = context.DeadlineExceeded
		case <-ctx.Done():
			late = ctx.Err()
		case <-f.ctx.Done():
			late = ErrClosed
		}
		return f.end(r, late)
	}
	return f.end(r, nil)
}

// begin makes a checkpoint the newest one and wakes everybody.
func (f *Feeder) begin(c ledger.Checkpoint, signed []byte) *round {
	r := &round{tree: c, sent: signed, note: signed, begun: time.Now(), more: make(chan struct{}, 1), missing: map[*peer]bool{}}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newest = r
	for _, p := range f.peers {
		r.missing[p] = true
		p.take(r)
	}
	return r
}

// answered reports whether nobody need be waited for any more.
func (f *Feeder) answered(r *round) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fatal != nil || len(r.missing) == 0
}

func (f *Feeder) met(r *round) bool {
	f.mu.Lock()
	signed := r.note
	f.mu.Unlock()
	return f.Enough == nil || f.Enough(signed)
}

// end returns what a round has brought; whoever answers now is late.
func (f *Feeder) end(r *round, late error) ([]byte, error) {
	f.mu.Lock()
	r.over = true
	signed, fatal, failed := r.note, f.fatal, r.failed
	if late != nil {
		failed = append(failed, fmt.Errorf("%d cosigners did not answer: %w", len(r.missing), late))
	}
	f.mu.Unlock()
	if fatal != nil {
		return signed, fatal
	}
	err := f.lacks(signed, failed)
	f.mu.Lock()
	f.ended, f.short = r, err
	f.mu.Unlock()
	return signed, err
}

// lacks returns [ledger.ErrQuorum] for a checkpoint without enough cosignatures.
func (f *Feeder) lacks(signed []byte, failed []error) error {
	switch {
	case f.Enough == nil || f.Enough(signed):
		return nil
	case len(failed) == 0:
		return fmt.Errorf("%w: those who answered are not enough", ledger.ErrQuorum)
	}
	return fmt.Errorf("%w: %w", ledger.ErrQuorum, errors.Join(failed...))
}

// Short returns why the last checkpoint that was to be cosigned has not enough
// cosignatures to this moment, and nil when it has: below the quorum a ledger gives no
// receipts. It wraps [ledger.ErrQuorum].
func (f *Feeder) Short() error {
	f.mu.Lock()
	r, err := f.ended, f.short
	if r == nil || err == nil {
		f.mu.Unlock()
		return nil
	}
	signed := r.note
	f.mu.Unlock()
	if f.Enough(signed) {
		return nil
	}
	return err
}

// Gathered returns the checkpoint with every cosignature that has come until now,
// and nil when no newest note of a cosigner is of that checkpoint.
func (f *Feeder) Gathered(c ledger.Checkpoint) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.newest != nil && f.newest.tree == c {
		return f.newest.note
	}
	for _, p := range f.peers {
		if p.signed != nil && p.signed.tree == c {
			return p.signed.note
		}
	}
	return nil
}

// Notes returns the newest checkpoint that each cosigner has signed, smallest tree
// first and each once, with all its cosignatures.
func (f *Feeder) Notes() [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return notes(f.peers)
}
