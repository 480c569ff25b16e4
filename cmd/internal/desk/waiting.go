package desk

import (
	"context"
	"path/filepath"
	"slices"

	"example.org/custody/evidence"
)

// waiting are the acts that are signed and durable and not logged, as the queue has
// them: until the node answers, an item's history goes on with them.
type waiting struct {
	byItem map[evidence.ItemID][]*Entry // in the order of the queue
	files  int
}

// waits returns what is in the queue.
func (s *Session) waits() (*waiting, error) {
	if s.queue != nil {
		return s.queue, nil
	}
	w := &waiting{byItem: map[evidence.ItemID][]*Entry{}}
	found, err := s.queuedFiles()
	if err != nil {
		return nil, err
	}
	for _, path := range found {
		entries, err := s.openQueued(path)
		if err != nil {
			return nil, err
		}
		w.files++
		for _, e := range entries {
			w.byItem[e.Event.Item] = append(w.byItem[e.Event.Item], e)
		}
	}
	s.queue = w
	return w, nil
}

// forgetQueue has the queue looked at again: it has changed.
func (s *Session) forgetQueue() { s.queue = nil }

// addWaiting adds to an item's events those that wait behind them.
func (s *Session) addWaiting(it *Item) error {
	w, err := s.waits()
	if err != nil {
		return err
	}
	for _, e := range w.byItem[it.ID] {
		if int64(len(it.Entries)+len(it.Erased)) == e.Event.Seq {
			it.Entries = append(it.Entries, e)
		}
	}
	return nil
}

// waitingItems are the items that have waiting acts and none that is logged, besides
// those in ids.
func (s *Session) waitingItems(ids []evidence.ItemID) ([]evidence.ItemID, error) {
	w, err := s.waits()
	if err != nil {
		return nil, err
	}
	for id := range w.byItem {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Waits counts the acts on an item that wait to be logged.
func (it *Item) Waits() int {
	n := 0
	for _, e := range it.Entries {
		if e.Body.Index == nil {
			n++
		}
	}
	return n
}

// behindRefused reports whether an act follows one that the ledger refused: the event
// before it, or its parent's derive (rule P14).
func (s *Session) behindRefused(e *Entry) (bool, error) {
	before := map[evidence.ItemID]evidence.Hash{}
	if e.Event.Seq > 0 {
		before[e.Event.Item] = e.Event.Previous
	}
	if p := e.Event.Parent; p != nil {
		before[p.Item] = p.Leaf
	}
	for id, leaf := range before {
		refused, _, err := s.refusedOf(id)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(refused, func(r *Entry) bool { return r.Leaf == leaf }) {
			return true, nil
		}
	}
	return false, nil
}

// resume takes up what is queued, in order. What follows a refused act of the same
// item is refused with it. Where the node cannot be asked, the rest goes on waiting.
func (s *Session) resume(ctx context.Context) error {
	found, err := s.queuedFiles()
	if err != nil {
		return err
	}
	defer s.forgetQueue()
	held := map[evidence.ItemID]error{}
	for _, path := range found {
		q, entries, err := s.readQueued(path)
		if err != nil {
			return err
		}
		out, err := s.submitBehind(ctx, entries, held)
		if err != nil {
			return err
		}
		if err := s.finish(ctx, filepath.Base(path), out, q.Erase); err != nil {
			return err
		}
		s.tell(out, entries)
		if out.waits != nil {
			s.waitsFor = out.waits
			return nil
		}
	}
	return nil
}

// Unreached is why acts of this desk wait; nil when none had to.
func (s *Session) Unreached() error { return s.waitsFor }
