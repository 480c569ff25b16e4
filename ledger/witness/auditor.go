package witness

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"golang.org/x/mod/sumdb/tlog"
)

// Auditor is a cosigner that has read every leaf of a tree before it signs it. Its
// cosignature says, beyond a witness's: every leaf is in canonical form, no seal is
// closed twice, every epoch is right (spec/leaf.md, "Checkpoint, cosignatures").
type Auditor struct {
	*Witness
	open func(evidence.Origin) (*closed.Map, error)

	mapsMu sync.Mutex
	maps   map[evidence.Origin]*audited
}

// audited is the map of one log; its use is under the origin's lock.
type audited struct {
	*closed.Map
	flushed uint64 // leaves that its file covers
}

// flushEvery is how many leaves an auditor may have to read again after a crash.
const flushEvery = 1 << 14

// NewAuditor returns an auditor. open is called once for each log and returns the
// map that the auditor has built of it, or an empty one; the auditor closes it. A
// map is a cache: it is believed only as far as the signed tree bears it out.
func NewAuditor(c Config, open func(evidence.Origin) (*closed.Map, error)) (*Auditor, error) {
	w, err := New(c)
	if err != nil {
		return nil, err
	}
	if open == nil {
		return nil, errors.New("auditor: maps are needed")
	}
	a := &Auditor{Witness: w, open: open, maps: make(map[evidence.Origin]*audited)}
	w.read = a.read
	return a, nil
}

// InMemory opens empty maps that end with the process.
func InMemory(o evidence.Origin) (*closed.Map, error) { return closed.New(o), nil }

// Close makes the maps durable and releases them. The auditor cannot be used
// afterwards.
func (a *Auditor) Close() error {
	a.mapsMu.Lock()
	defer a.mapsMu.Unlock()
	var all []error
	for o, m := range a.maps {
		unlock, err := a.lock(context.Background(), o)
		if err != nil {
			return err
		}
		all = append(all, m.Flush(), m.Close())
		delete(a.maps, o)
		unlock()
	}
	return errors.Join(all...)
}

// read replays what the map has not seen of the tree s, or raises the alarm.
func (a *Auditor) read(ctx context.Context, s submission) error {
	if s.leaves == nil {
		return fmt.Errorf("an auditor reads every leaf, and cannot here: %w", ledger.ErrRequest)
	}
	m, err := a.mapOf(s.Origin)
	if err != nil {
		return err
	}
	err = m.catchUp(ctx, s)
	var bad *closed.LeafError
	if errors.As(err, &bad) {
		return a.caught(ctx, s, m.Map, bad)
	}
	if err != nil {
		return fmt.Errorf("reading %q: %w", s.Origin, err)
	}
	return m.flush()
}

// catchUp brings the map to the tree s. A map that is not of this tree's beginning,
// or is damaged, is built again. When it does not come to an end, it goes on from
// there the next time.
func (m *audited) catchUp(ctx context.Context, s submission) error {
	before, err := m.before(ctx, s)
	if err != nil {
		return err
	}
	begins := m.Covered() == 0 || before == m.Tree() && before != evidence.Hash{}
	if begins {
		err = m.Replay(ctx, proven{s})
	}
	if !begins || errors.Is(err, closed.ErrDamaged) {
		err = m.Rebuild(ctx, proven{s})
	}
	if root, errRoot := m.before(context.WithoutCancel(ctx), s); errRoot == nil {
		m.SetTree(root)
	}
	return err
}

// before returns the root of the tree of as many leaves as the map covers, with
// which the signed tree s begins; the zero hash when s has fewer.
func (m *audited) before(ctx context.Context, s submission) (root evidence.Hash, err error) {
	n := m.Covered()
	if n > s.Size {
		return root, nil
	}
	p, err := ledger.ProveRange(s.leaves.Hashes(ctx, s.Size), n, n, s.Size)
	if err != nil {
		return root, err
	}
	return s.OpenRange(p, n, nil)
}

// flush makes the map durable when much of it is not.
func (m *audited) flush() error {
	if m.Covered()-min(m.flushed, m.Covered()) < flushEvery {
		return nil
	}
	m.flushed = m.Covered()
	return m.Flush()
}

func (a *Auditor) mapOf(o evidence.Origin) (*audited, error) {
	a.mapsMu.Lock()
	defer a.mapsMu.Unlock()
	if m, ok := a.maps[o]; ok {
		return m, nil
	}
	m, err := a.open(o)
	if err != nil {
		return nil, fmt.Errorf("auditor's map of %q: %w", o, err)
	}
	a.maps[o] = &audited{m, m.Covered()}
	return a.maps[o], nil
}

// proven reads the leaves of one signed tree and gives none that its root does not
// prove.
type proven struct{ submission }

// chunk is how many leaves share one range proof.
const chunk = 1 << 12

// Size implements [ledger.Reader].
func (p proven) Size(context.Context) (uint64, error) { return p.Checkpoint.Size, nil }

// Hashes implements [ledger.Reader].
func (p proven) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	return p.leaves.Hashes(ctx, size)
}

// Leaves implements [ledger.Reader]. While the caller uses one chunk the next is read
// and proven.
func (p proven) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		var next chan chunkRead
		defer func() {
			if next != nil {
				<-next // nothing is read any more once this returns
			}
		}()
		for at := from; at < to; {
			if next == nil {
				next = p.ahead(ctx, at, min(at+chunk, to))
			}
			got := <-next
			next = nil
			if got.err != nil {
				yield(ledger.Leaf{}, got.err)
				return
			}
			if at = min(at+chunk, to); at < to {
				next = p.ahead(ctx, at, min(at+chunk, to))
			}
			for _, l := range got.leaves {
				if !yield(l, nil) {
					return
				}
			}
		}
	}
}

// chunkRead is a chunk that was read, or why it was not.
type chunkRead struct {
	leaves []ledger.Leaf
	err    error
}

func (p proven) ahead(ctx context.Context, from, to uint64) chan chunkRead {
	c := make(chan chunkRead, 1)
	go func() {
		leaves, err := p.run(ctx, from, to)
		c <- chunkRead{leaves, err}
	}()
	return c
}

// run returns leaves that the signed root proves.
func (p proven) run(ctx context.Context, from, to uint64) ([]ledger.Leaf, error) {
	r, err := p.prove(ctx, from, to)
	if err != nil {
		return nil, err
	}
	if err := r.verify(p.Checkpoint); err != nil {
		return nil, fmt.Errorf("leaves %d to %d are not those of the signed tree: %w", from, to, ledger.ErrProof)
	}
	return r.Leaves, nil
}

// prove reads a range with its proof.
func (s submission) prove(ctx context.Context, from, to uint64) (Range, error) {
	r := Range{First: from}
	for l, err := range s.leaves.Leaves(ctx, from, to) {
		if err != nil {
			return r, err
		}
		r.Leaves = append(r.Leaves, l)
	}
	if uint64(len(r.Leaves)) != to-from {
		return r, fmt.Errorf("%q gave %d leaves for %d", s.Origin, len(r.Leaves), to-from)
	}
	var err error
	r.Proof, err = ledger.ProveRange(s.leaves.Hashes(ctx, s.Size), from, to, s.Size)
	return r, err
}
