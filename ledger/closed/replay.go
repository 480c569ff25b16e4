package closed

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// flushAfter is how many nodes a replay gathers in memory, some 100 MB at 100
// bytes each, before it writes them out.
const flushAfter = 1 << 20

// OpenCache opens the map in the file at path as [Open] does, and starts an empty one
// in the place of a file that is damaged.
func OpenCache(path string, o evidence.Origin) (*Map, error) {
	m, err := Open(path, o)
	if errors.Is(err, ErrDamaged) {
		return Create(path, o)
	}
	return m, err
}

// OpenReplayed opens the map in the file at path and brings it up to date with its
// log o. When the file is damaged the map is built again from the log; rebuilt
// says so. Errors: those of [Open] but [ErrDamaged], and of [Map.Replay].
func OpenReplayed(ctx context.Context, path string, o evidence.Origin, log ledger.Reader) (m *Map, rebuilt bool, err error) {
	m, err = Open(path, o)
	if errors.Is(err, ErrDamaged) {
		rebuilt = true
		m, err = Create(path, o)
	}
	if err != nil {
		return nil, rebuilt, err
	}
	err = m.Replay(ctx, log)
	if errors.Is(err, ErrDamaged) && !rebuilt {
		rebuilt = true
		err = m.Rebuild(ctx, log)
	}
	if err != nil {
		m.Close()
		return nil, rebuilt, err
	}
	return m, rebuilt, nil
}

// Rebuild empties the map, its file too, and replays the log from the start: what
// to do after [ErrDamaged]. After another error than the log's the map is to be
// closed.
func (m *Map) Rebuild(ctx context.Context, log ledger.Reader) error {
	fresh := New(m.origin)
	if m.file != nil {
		m.file.disk.Close()
		var err error
		if fresh, err = Create(m.file.path, m.origin); err != nil {
			m.file.failed = err
			return err
		}
	}
	fresh.gen, fresh.flushes = m.gen+1, m.flushes+1
	*m = *fresh
	return m.Replay(ctx, log)
}

// Replay adds what the log has and the map has not, so that the map covers the
// log's whole size, and checks every leaf and every epoch root that it passes. The
// first leaf that breaks a rule ends it with a [*LeafError], whose Err is an error
// of [Map.Add]; what came before it has been added.
//
// First it looks whether the log still has the last epoch that the map has seen;
// if it has another leaf there, or has become shorter, the error is [ErrAhead].
//
// A long replay flushes at times. Snapshots are void afterwards.
func (m *Map) Replay(ctx context.Context, log ledger.Reader) error {
	size, err := log.Size(ctx)
	if err != nil {
		return fmt.Errorf("size of %q: %w", m.origin, err)
	}
	if err := m.checkSeen(ctx, log, size); err != nil {
		return err
	}
	for leaf, err := range log.Leaves(ctx, m.pos, size) {
		if err != nil {
			return fmt.Errorf("leaf %d of %q: %w", m.pos, m.origin, err)
		}
		if err := m.replayLeaf(ctx, log, leaf); err != nil {
			return err
		}
	}
	if m.pos != size {
		return fmt.Errorf("%q has %d leaves and gave %d", m.origin, size, m.pos)
	}
	return nil
}

func (m *Map) checkSeen(ctx context.Context, log ledger.Reader, size uint64) error {
	if size < m.pos {
		return fmt.Errorf("%q has %d leaves, its map covers %d: %w", m.origin, size, m.pos, ErrAhead)
	}
	index, epoch, ok := m.LastEpoch()
	if !ok {
		return nil
	}
	for leaf, err := range log.Leaves(ctx, index, index+1) {
		if err != nil {
			return fmt.Errorf("leaf %d of %q: %w", index, m.origin, err)
		}
		if leaf != epoch.Leaf() {
			return fmt.Errorf("%q has another leaf than an epoch at %d: %w", m.origin, index, ErrAhead)
		}
	}
	return nil
}

func (m *Map) replayLeaf(ctx context.Context, log ledger.Reader, leaf ledger.Leaf) error {
	index := m.pos
	err := m.add(leaf, func(size uint64) (evidence.Hash, error) { return m.rootBelow(ctx, log, size) })
	if isFault(err) {
		return &LeafError{Index: index, Leaf: leaf, Err: err}
	}
	if err == nil && m.inMemory > flushAfter {
		err = m.Flush()
	}
	return err
}

// isFault reports whether err of [Map.Add] is the log's fault.
func isFault(err error) bool {
	var closed *ledger.ClosedError
	var epoch *EpochError
	return errors.Is(err, ledger.ErrLeafForm) || errors.As(err, &closed) || errors.As(err, &epoch)
}

// rootBelow returns the root that the map had when it covered size leaves: it
// takes out what came later, and puts it back.
func (m *Map) rootBelow(ctx context.Context, log ledger.Reader, size uint64) (root evidence.Hash, err error) {
	now := m.Snapshot()
	defer m.Rollback(now)
	if err := m.takeOut(ctx, log, size); err != nil {
		return root, err
	}
	return m.Root(), nil
}

// takeOut removes the seals closed by the leaves from size on.
func (m *Map) takeOut(ctx context.Context, log ledger.Reader, size uint64) error {
	if m.pos-size > MaxLag {
		return fmt.Errorf("%d leaves not covered: %w", m.pos-size, ErrLag)
	}
	index := size
	for leaf, err := range log.Leaves(ctx, size, m.pos) {
		if err != nil {
			return fmt.Errorf("leaf %d of %q: %w", index, m.origin, err)
		}
		if seal, ok := leaf.Seal(); ok {
			// The log may not give today what it gave before.
			if _, at, ok, err := m.Get(seal); err != nil || !ok || at != index {
				return errors.Join(err, fmt.Errorf("leaf %d of %q is not the one read before: %w", index, m.origin, ErrAhead))
			}
			if err := m.remove(seal); err != nil {
				return err
			}
		}
		index++
	}
	return nil
}

// Follow returns one proof for each event leaf from ≤ index < to, in order: that
// its seal was unbroken when it came. [Proof.Insert] takes the root from each to the
// next, so that whoever has the root below from, and the leaves, can follow without
// a map. The map must cover to; it is left as it was. More than [MaxLag] leaves is
// [ErrLag].
func (m *Map) Follow(ctx context.Context, log ledger.Reader, from, to uint64) (proofs []Proof, err error) {
	now := m.Snapshot()
	defer m.Rollback(now)
	if err := m.takeOut(ctx, log, from); err != nil {
		return nil, err
	}
	index := from
	for leaf, err := range log.Leaves(ctx, from, to) {
		if err != nil {
			return nil, fmt.Errorf("leaf %d of %q: %w", index, m.origin, err)
		}
		if seal, ok := leaf.Seal(); ok {
			p, err := m.Prove(seal)
			if err != nil {
				return nil, err
			}
			proofs = append(proofs, p)
			if err := m.insert(&leafNode{Entry: Entry{Seal: seal, Leaf: leaf.Hash()}, index: index}); err != nil {
				return nil, err
			}
		}
		index++
	}
	return proofs, nil
}
