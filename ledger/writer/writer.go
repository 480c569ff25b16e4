package writer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/batch"
	"example.org/custody/ledger/closed"
	"golang.org/x/mod/sumdb/note"
)

// MaxLeaves is the largest number of leaves in one submission.
const MaxLeaves = 4096

const (
	// most is the number of submissions that share an append at most.
	most = 4096
	// linger is how long an append waits for those who were in the last one; about
	// what an append takes.
	linger = 2 * time.Millisecond
	// some submissions in one append are load: the next append then begins appendEvery
	// after it, unless all are there who may come.
	some        = 8
	appendEvery = 25 * time.Millisecond
	// busy requests in one round of cosignatures are load: the next round then begins
	// roundEvery after it, unless all are there who may come. Whoever comes alone
	// waits for nobody.
	busy       = 16
	roundEvery = 250 * time.Millisecond
	// flushEvery is how many leaves have to be replayed at most after a crash.
	flushEvery = 1 << 14
)

// Config is what a writer is made of.
type Config struct {
	Log      ledger.Log    // opened; the writer closes it
	Map      *closed.Map   // of the same log, however far behind; the writer closes it
	Key      note.Signer   // signs the log's checkpoints; its name is the origin
	Verifier note.Verifier // of the same key
	// Feeder has the checkpoints cosigned; the writer closes it. Nil asks nobody.
	Feeder Feeder
	// Enough reports whether a cosigned checkpoint meets the log's receipt policy.
	// Nil asks for nothing.
	Enough func(signed []byte) bool
	// Final is the checkpoint at which the ledger ended ([Writer.Freeze]), of its file or
	// of the trust list; nil while it goes on. A log that is not of that very tree is
	// read-only ([ErrBehind]).
	Final *ledger.Checkpoint
	// Note is the newest checkpoint of an earlier session ([Writer.Latest]), or nil. It
	// is used while the log has not grown, and shows when the log has shrunk.
	Note []byte
}

// Feeder asks others for cosignatures; ledger/feeder is one.
type Feeder interface {
	// Ask asks the cosigners what they have seen (rule P21), and returns Err.
	Ask(ctx context.Context) error
	// Gather has a signed checkpoint of the log cosigned. Without enough cosignatures
	// it returns those there are, and [ErrQuorum].
	Gather(ctx context.Context, c ledger.Checkpoint, signed []byte) ([]byte, error)
	// Gathered returns the checkpoint with the cosignatures that came later too, and
	// nil when it is not remembered.
	Gathered(c ledger.Checkpoint) []byte
	// Err returns why the log must not be written any more, and nil when it may.
	Err() error
	// Close ends what is under way; nothing is read from the log any more.
	Close() error
}

// Writer is the open ledger. Its methods may be called concurrently.
type Writer struct {
	Config
	origin evidence.Origin

	queue     *batch.Queue[*request]
	committed chan struct{} // closed when the committer has ended
	closed    sync.Once

	mu      sync.Mutex // held for one batch, or while the map is read
	flushed uint64     // leaves that the map's file covers
	doubt   bool       // an append failed and the log has not been read since
	damaged bool       // the map's file is
	end     end

	over atomic.Bool // end is frozen

	stopMu  sync.Mutex
	stopped error // why nothing is written any more

	publisher publisher
}

// Result is what became of one leaf.
type Result struct {
	// Index is where the leaf stands, unless it was refused.
	Index uint64
	// Receipt proves it. It is nil when the leaf was refused, and while
	// cosignatures are missing.
	Receipt *ledger.Receipt
	// Retried says that the leaf was in the log before this submission.
	Retried bool
	// Refused says why the leaf is not in the log and never will be:
	// [*ledger.ClosedError], [ledger.ErrLeafForm] or [ErrEpoch].
	Refused error
	// Pending says why there is no receipt yet; it wraps [ErrQuorum].
	Pending error
}

// request is one submission on its way.
type request struct {
	leaves  []ledger.Leaf
	results []Result
	err     error
	done    chan struct{} // closed when results and err are set
}

func (r *request) finish(err error) {
	r.err = err
	close(r.done)
}

// Submit logs leaves in their order and returns what became of each. Each leaf is
// decided alone: some may be refused and others not. The leaves accepted are durable.
//
// An error says that some leaf's fate is open or that it is not logged
// ([ErrNotLogged]); the caller submits the same leaves again, as it does when ctx
// ended or the process died meanwhile (rule P20). [ErrReadOnly]: never again here.
func (w *Writer) Submit(ctx context.Context, leaves ...ledger.Leaf) ([]Result, error) {
	if len(leaves) == 0 {
		return nil, ctx.Err()
	}
	if len(leaves) > MaxLeaves {
		return nil, fmt.Errorf("%d leaves: %w", len(leaves), ErrTooMany)
	}
	if err := errors.Join(ctx.Err(), w.ReadOnly()); err != nil {
		return nil, err
	}
	r := &request{leaves: leaves, results: make([]Result, len(leaves)), done: make(chan struct{})}
	if !w.queue.Put(r) {
		return nil, ErrClosed
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r.err != nil {
		return nil, r.err
	}
	return r.results, nil
}

// Origin returns the ledger's name.
func (w *Writer) Origin() evidence.Origin { return w.origin }

// Size returns the number of leaves, all durable; the last one is an epoch.
func (w *Writer) Size() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Map.Covered()
}

// Closing returns which leaf has closed a seal; ok is false when it is unbroken.
func (w *Writer) Closing(seal evidence.Seal) (index uint64, leaf evidence.Hash, ok bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	leaf, index, ok, err = w.Map.Get(seal)
	return index, leaf, ok, err
}

// ReadOnly returns why the ledger must not be written any more, and nil when it may.
func (w *Writer) ReadOnly() error {
	if w.Feeder != nil {
		if err := w.Feeder.Err(); err != nil {
			return w.stop(err)
		}
	}
	w.stopMu.Lock()
	defer w.stopMu.Unlock()
	return w.stopped
}

// stop makes the ledger read-only and returns the reason, the first one for ever.
func (w *Writer) stop(why error) error {
	w.stopMu.Lock()
	defer w.stopMu.Unlock()
	if w.stopped == nil {
		w.stopped = fmt.Errorf("%q: %w: %w", w.origin, ErrReadOnly, why)
	}
	return w.stopped
}

// Close answers what was submitted, makes the map durable and closes feeder, log and map. A
// second Close does nothing.
func (w *Writer) Close() (err error) {
	w.closed.Do(func() {
		w.queue.Close()
		<-w.committed
		w.publisher.close()
		if w.Feeder != nil {
			err = w.Feeder.Close()
		}
		err = errors.Join(err, w.flush(0), w.Map.Close(), w.Log.Close())
	})
	return err
}
