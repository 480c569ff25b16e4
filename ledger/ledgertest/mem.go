package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// A Fault decides what becomes of an append of n leaves: keep says how many of
// them persist (0 ≤ keep ≤ n), err what the caller is told. With a nil error all
// persist whatever keep says.
type Fault func(n int) (keep int, err error)

// AndNotPersist fails an append and keeps none of its leaves.
func AndNotPersist(err error) Fault { return func(int) (int, error) { return 0, err } }

// ButPersist fails an append whose leaves are all kept: the fault that is forgotten.
func ButPersist(err error) Fault { return func(n int) (int, error) { return n, err } }

// AndPersistPart fails an append of which the first k leaves are kept, or all
// when there are fewer.
func AndPersistPart(k int, err error) Fault {
	return func(n int) (int, error) { return min(k, n), err }
}

// ErrFault is an error to inject.
var ErrFault = errors.New("injected fault")

// errClosed reports use of a log after Close, or after the crash of its Disk.
var errClosed = errors.New("log is closed")

// Disk keeps one log in memory. It outlives the [MemLog] opened on it, as a
// folder outlives the process. Its hooks may be set while no call is running.
type Disk struct {
	// OnAppend, when set, is asked once for every Append.
	OnAppend Fault
	// OnRead, when set, may fail Size, Leaves and Hashes; it is given the
	// method's name.
	OnRead func(method string) error

	origin evidence.Origin

	mu     sync.Mutex
	open   *MemLog
	leaves []ledger.Leaf
	hashes []tlog.Hash // by stored hash index
}

// NewDisk returns an empty log named o.
func NewDisk(o evidence.Origin) *Disk { return &Disk{origin: o} }

// Open opens the log, or fails with [ledger.ErrInUse].
func (d *Disk) Open() (*MemLog, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open != nil {
		return nil, fmt.Errorf("%s: %w", d.origin, ledger.ErrInUse)
	}
	d.open = &MemLog{disk: d}
	return d.open, nil
}

// Crash ends the process that has the log open, as far as the log can tell: what
// was persisted stays, the open log fails from now on, and Open works again.
func (d *Disk) Crash() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = nil
}

// Calm takes the hooks away, also while a call is running.
func (d *Disk) Calm() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.OnAppend, d.OnRead = nil, nil
}

// Truncate forgets the leaves from size on, as when an old copy of the folder is
// put back. No log may be open.
func (d *Disk) Truncate(size uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leaves = d.leaves[:size]
	d.hashes = d.hashes[:tlog.StoredHashCount(int64(size))]
}

// Force appends leaves whatever they are, as another writer would have.
func (d *Disk) Force(leaves ...ledger.Leaf) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.append(leaves)
}

func (d *Disk) append(leaves []ledger.Leaf) {
	for _, l := range leaves {
		hs, err := tlog.StoredHashesForRecordHash(int64(len(d.leaves)), tlog.Hash(l.Hash()), d)
		if err != nil {
			panic("internal error: " + err.Error())
		}
		d.leaves, d.hashes = append(d.leaves, l), append(d.hashes, hs...)
	}
}

// ReadHashes implements [tlog.HashReader]; the caller holds d.mu.
func (d *Disk) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(d.hashes)) {
			return nil, fmt.Errorf("no stored hash %d", x)
		}
		out[i] = d.hashes[x]
	}
	return out, nil
}

// MemLog is a [Disk] opened as a [ledger.Log].
type MemLog struct{ disk *Disk }

// Origin implements [ledger.Log].
func (m *MemLog) Origin() evidence.Origin { return m.disk.origin }

// Append implements [ledger.Log].
func (m *MemLog) Append(ctx context.Context, leaves []ledger.Leaf) ([]uint64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d := m.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open != m {
		return nil, errClosed
	}
	first := uint64(len(d.leaves))
	if d.OnAppend != nil {
		if keep, err := d.OnAppend(len(leaves)); err != nil {
			d.append(leaves[:keep])
			return nil, err
		}
	}
	d.append(leaves)
	indexes := make([]uint64, len(leaves))
	for i := range indexes {
		indexes[i] = first + uint64(i)
	}
	return indexes, nil
}

// Size implements [ledger.Reader].
func (m *MemLog) Size(ctx context.Context) (uint64, error) {
	d := m.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := m.reading(ctx, "Size"); err != nil {
		return 0, err
	}
	return uint64(len(d.leaves)), nil
}

// Leaves implements [ledger.Reader].
func (m *MemLog) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		leaves, err := m.slice(ctx, from, to)
		if err != nil {
			yield(ledger.Leaf{}, err)
			return
		}
		for _, l := range leaves {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func (m *MemLog) slice(ctx context.Context, from, to uint64) ([]ledger.Leaf, error) {
	d := m.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := m.reading(ctx, "Leaves"); err != nil {
		return nil, err
	}
	if from > to || to > uint64(len(d.leaves)) {
		return nil, fmt.Errorf("leaves %d to %d of a log of size %d", from, to, len(d.leaves))
	}
	return slices.Clone(d.leaves[from:to]), nil
}

// Hashes implements [ledger.Reader].
func (m *MemLog) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		d := m.disk
		d.mu.Lock()
		defer d.mu.Unlock()
		if err := m.reading(ctx, "Hashes"); err != nil {
			return nil, err
		}
		if size > uint64(len(d.leaves)) {
			return nil, fmt.Errorf("hashes of a tree of size %d in a log of size %d", size, len(d.leaves))
		}
		return d.ReadHashes(indexes)
	})
}

// reading is asked before every read; the caller holds the lock.
func (m *MemLog) reading(ctx context.Context, method string) error {
	if m.disk.open != m {
		return errClosed
	}
	if f := m.disk.OnRead; f != nil {
		if err := f(method); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Close implements [ledger.Log]; a second Close does nothing.
func (m *MemLog) Close() error {
	m.disk.mu.Lock()
	defer m.disk.mu.Unlock()
	if m.disk.open == m {
		m.disk.open = nil
	}
	return nil
}
