package intake

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/ledger/writer"
	"example.org/custody/verify/admit"
)

// Writer is the node's ledger; *[writer.Writer] is one.
type Writer interface {
	// Submit logs leaves: see [writer.Writer.Submit].
	Submit(ctx context.Context, leaves ...ledger.Leaf) ([]writer.Result, error)
	// Closing returns which leaf has closed a seal.
	Closing(seal evidence.Seal) (index uint64, leaf evidence.Hash, ok bool, err error)
	// Size returns the number of leaves.
	Size() uint64
	// ReadOnly returns why nothing is logged any more, or nil.
	ReadOnly() error
	// Ended returns why the ledger takes no more leaves: see [writer.Writer.Ended].
	Ended(ctx context.Context) error
	// Stuck returns why no receipts are to be expected: see [writer.Writer.Stuck].
	Stuck(ctx context.Context) error
}

// Config is what an intake is made of. What is opened stays the caller's to close.
type Config struct {
	Origin evidence.Origin
	State  evidence.StateCode
	Writer Writer
	// Ended are the ledgers that this one follows, by origin; nil: none.
	Ended  map[evidence.Origin]Ended
	Bodies *bodies.Store
	// Pinned returns the trust list that is pinned at the moment, or [ErrNoTrust].
	Pinned func() (*Pinned, error)
	Now    func() time.Time
}

// Intake is the open intake. Its methods may be called concurrently.
type Intake struct {
	Config

	mu    sync.RWMutex
	items map[evidence.ItemID]*item
	keys  map[evidence.KeyID][]evidence.ItemID // enrolments of a key
	where map[evidence.Hash]evidence.ItemID    // by leaf hash
	spare map[evidence.Hash][]bodies.Ref       // by leaf hash: bodies beside the one that is known

	spareMu sync.Mutex // guards spare

	held   holds
	period *semaphore.Weighted // all of it is held while a revocation is logged
}

// Open reads what is kept and asks the ledger which of it is logged. What was ordered
// to be erased, and was not, is erased now.
func Open(ctx context.Context, c Config) (*Intake, error) {
	in := &Intake{Config: c, items: map[evidence.ItemID]*item{}, keys: map[evidence.KeyID][]evidence.ItemID{}, where: map[evidence.Hash]evidence.ItemID{}, spare: map[evidence.Hash][]bodies.Ref{}}
	in.period = semaphore.NewWeighted(everybody)
	waits := map[evidence.ItemID][]waiting{} // an event whose predecessor comes behind it
	err := c.Bodies.All(ctx, func(ref bodies.Ref, b *bodies.Body) error {
		w, logged, err := in.recall(ref, b)
		if err != nil || !logged {
			in.keepSpare(w.hash, ref)
			return err
		}
		if waits[b.Item] = in.follow(b.Item, append(waits[b.Item], w)); len(waits[b.Item]) == 0 {
			delete(waits, b.Item)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return in, in.eraseOrdered(ctx)
}

// waiting is an event that is in a ledger and not yet in its item.
type waiting struct {
	c    *candidate    // nil when it was erased
	hash evidence.Hash // leaf hash
	seq  int64
	at   admit.Place
	ref  bodies.Ref
}

// recall opens a body; logged is false for one whose leaf never came into the ledger.
func (in *Intake) recall(ref bodies.Ref, b *bodies.Body) (w waiting, logged bool, err error) {
	w = waiting{at: admit.Place{Origin: b.Origin}, ref: ref, seq: int64(b.Seq)}
	if leaf, erased := b.Erased(); erased {
		w.hash, w.at.Index = leaf, *b.Index
		return w, true, nil
	}
	c, r := openEnvelope(b.Envelope, b.Salt, b.SealKey)
	if r != nil {
		return w, false, fmt.Errorf("%w: %w", bodies.ErrDamaged, r)
	}
	w.c, w.hash = c, c.hash
	if !in.own(b.Origin) {
		if b.Index == nil {
			return w, false, fmt.Errorf("a body of %s has no index: %w", b.Origin, bodies.ErrDamaged)
		}
		w.at.Index = *b.Index
		return w, true, nil
	}
	index, leaf, closed, err := in.closingIn(b.Origin, c.event.Closes)
	w.at.Index, w.at.Received = index, c.event.Recorded
	return w, closed && leaf == c.hash, err
}

// follow adds to an item what comes next, and returns the rest.
func (in *Intake) follow(id evidence.ItemID, waits []waiting) []waiting {
	for {
		it := in.items[id]
		seq := int64(0)
		if it != nil {
			seq = it.state.Seq
		}
		i := slices.IndexFunc(waits, func(w waiting) bool { return w.seq <= seq })
		if i < 0 {
			return waits
		}
		w := waits[i]
		waits = slices.Delete(waits, i, i+1)
		if w.seq == seq {
			in.setLocked(id, it.with(w))
		} else if w.c != nil {
			in.keepSpare(w.hash, w.ref)
		}
	}
}

// with is [item.after], of an erased event too.
func (it *item) with(w waiting) *item {
	if w.c == nil {
		return it.erased(w)
	}
	next := it.after(w.c, w.at, w.ref)
	if w.c.event.Action == evidence.Enrol {
		next.key, _ = keyOf(w.c, w.at) // it was a key when it was taken
	}
	return next
}

func (in *Intake) item(id evidence.ItemID) *item {
	in.mu.RLock()
	defer in.mu.RUnlock()
	return in.items[id]
}

// setLocked replaces an item; the caller holds mu.
func (in *Intake) setLocked(id evidence.ItemID, it *item) {
	old := in.items[id]
	in.items[id] = it
	known := 0
	if old != nil {
		known = len(old.events)
	}
	for _, e := range it.events[known:] {
		in.where[e.Leaf] = id
	}
	if k := it.key; k != nil && !slices.Contains(in.keys[k.Key], id) {
		in.keys[k.Key] = append(in.keys[k.Key], id)
	}
}
