package crossanchor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
)

// ErrOlder reports a ledger that shows a smaller tree than it showed before. It proves
// nothing: an old checkpoint may have been served from a copy.
var ErrOlder = errors.New("the other ledger shows less than it did")

// ErrOther reports a ledger that shows two trees of one size. Both notes are kept; they
// are an alarm of kind split when the same key signed them.
var ErrOther = errors.New("the other ledger shows another tree of the same size")

// Source is another ledger.
type Source struct {
	Origin evidence.Origin
	// Checkpoint returns the ledger's newest checkpoint with its cosignatures.
	Checkpoint func(context.Context) ([]byte, error)
}

// Config is what cross-anchoring needs.
type Config struct {
	Dir     string // notes and state
	Files   durable.Files
	Sources []Source
	// Ask returns the other ledgers at the moment, before each round, beside Sources. It
	// may be nil.
	Ask func() []Source
	// Counts returns nil for a note that the named ledger signed and that has the
	// cosignatures which its receipt policy asks.
	Counts func(o evidence.Origin, note []byte) error
	// Log reads this ledger, and Append logs one leaf and returns its index; both are
	// of durable leaves.
	Log    ledger.Reader
	Append func(context.Context, ledger.Leaf) (uint64, error)
	// Every is the clock: the time between two rounds; 0: one hour.
	Every time.Duration
	// Report gets what went wrong in a round. It may be nil.
	Report func(error)
}

// Anchors records other ledgers' checkpoints in this one.
type Anchors struct {
	Config
	folder *Folder

	mu    sync.Mutex
	state *state
}

// Open takes up what an earlier process has left. Errors: [ErrState].
func Open(c Config) (*Anchors, error) {
	if c.Every == 0 {
		c.Every = time.Hour
	}
	f, s, err := openFolder(c.Dir, c.Files)
	if err != nil {
		return nil, err
	}
	return &Anchors{Config: c, folder: f, state: s}, nil
}

// Run makes a round at once and one on every turn of the clock, until ctx ends.
func (a *Anchors) Run(ctx context.Context) {
	tick := time.NewTicker(a.Every)
	defer tick.Stop()
	for {
		if err := a.Round(ctx); err != nil && a.Report != nil && ctx.Err() == nil {
			a.Report(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Round records the newest checkpoint of every other ledger, unless it is recorded. One
// ledger that fails keeps no other from being recorded; the errors name theirs.
func (a *Anchors) Round(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []error
	sources := a.Sources
	if a.Ask != nil {
		sources = slices.Concat(sources, a.Ask())
	}
	for _, s := range sources {
		if err := a.one(ctx, s); err != nil {
			all = append(all, fmt.Errorf("recording a checkpoint of %q: %w", s.Origin, err))
		}
	}
	return errors.Join(all...)
}

func (a *Anchors) one(ctx context.Context, s Source) error {
	r := a.of(s.Origin)
	if err := a.finish(ctx, r); err != nil {
		return err
	}
	note, err := s.Checkpoint(ctx)
	if err != nil {
		return err
	}
	c, err := ledger.ReadCheckpoint(note)
	if err == nil && c.Origin != s.Origin {
		err = fmt.Errorf("it shows %q: %w", c.Origin, ledger.ErrNote)
	}
	if err == nil {
		err = a.Counts(s.Origin, note)
	}
	if err != nil {
		return err
	}
	name := evidence.Hash(sha256.Sum256(note))
	switch {
	case r.Logged && c.Size < r.Size:
		return fmt.Errorf("%d leaves, and %d were recorded: %w", c.Size, r.Size, ErrOlder)
	case r.Logged && c.Size == r.Size && c.Root != r.Root:
		return errors.Join(ErrOther, a.folder.keep(name, note))
	case r.Logged && c.Size == r.Size:
		return nil
	}
	if err := a.folder.keep(name, note); err != nil {
		return err
	}
	from, err := a.Log.Size(ctx)
	if err != nil {
		return err
	}
	*r = record{From: from, Note: name, Origin: s.Origin, Root: c.Root, Size: c.Size}
	if err := a.folder.put(a.state); err != nil {
		return err
	}
	return a.submit(ctx, r)
}

// of returns the record of a ledger, an empty one that is logged when it is new.
func (a *Anchors) of(o evidence.Origin) *record {
	l := &a.state.Ledgers
	i, ok := slices.BinarySearchFunc(*l, o, func(r record, o evidence.Origin) int { return cmp.Compare(r.Origin, o) })
	if !ok {
		*l = slices.Insert(*l, i, record{Origin: o, Logged: true})
	}
	return &(*l)[i]
}

// finish submits a leaf that an earlier try did not see logged, unless it is there.
func (a *Anchors) finish(ctx context.Context, r *record) error {
	if r.Logged {
		return nil
	}
	size, err := a.Log.Size(ctx)
	if err != nil {
		return err
	}
	leaf, index := r.leaf(), r.From
	for l, err := range a.Log.Leaves(ctx, min(r.From, size), size) {
		if err != nil {
			return err
		}
		if l == leaf {
			return a.logged(r, index)
		}
		index++
	}
	return a.submit(ctx, r)
}

func (r *record) leaf() ledger.Leaf { return ledger.HashLeaf(ledger.TypeCheckpoint, r.Note) }

func (a *Anchors) submit(ctx context.Context, r *record) error {
	index, err := a.Append(ctx, r.leaf())
	if err != nil {
		return err
	}
	return a.logged(r, index)
}

func (a *Anchors) logged(r *record, index uint64) error {
	r.From, r.Logged = index, true
	return a.folder.put(a.state)
}

// Recorded is a checkpoint of another ledger that stands in this one.
type Recorded struct {
	Origin evidence.Origin
	Size   uint64        // leaves of the other ledger
	Note   evidence.Hash // names the note
	Index  uint64        // of the leaf here
}

// Recorded returns the newest checkpoint recorded of every other ledger, by origin.
func (a *Anchors) Recorded() []Recorded {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []Recorded
	for _, r := range a.state.Ledgers {
		if r.Logged && r.Note != (evidence.Hash{}) {
			out = append(out, Recorded{r.Origin, r.Size, r.Note, r.From})
		}
	}
	return out
}
