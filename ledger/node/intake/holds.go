package intake

import (
	"context"
	"math"
	"sync"

	"example.org/custody/evidence"
)

// holds are the items that a submission works on; another one for the same waits.
type holds struct {
	mu    sync.Mutex
	items map[evidence.ItemID]chan struct{} // closed when the item is free
}

// take waits until none of the items is held, and holds them all. It waits no longer than
// the request lives. Whoever took them gives each back once ([holds.free]).
func (h *holds) take(ctx context.Context, ids ...evidence.ItemID) error {
	for {
		busy := h.try(ids)
		if busy == nil {
			return nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// try holds all of the items, or none and returns what is closed when one of them is
// free.
func (h *holds) try(ids []evidence.ItemID) (busy <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		if held := h.items[id]; held != nil {
			return held
		}
	}
	if h.items == nil {
		h.items = map[evidence.ItemID]chan struct{}{}
	}
	for _, id := range ids {
		h.items[id] = make(chan struct{})
	}
	return nil
}

func (h *holds) free(ids ...evidence.ItemID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		close(h.items[id])
		delete(h.items, id)
	}
}

// everybody is more than all submissions that are under way at once.
const everybody = math.MaxInt32

// between keeps revocations and all else apart: one is not logged between another event's
// admission and its leaf.
func (in *Intake) between(ctx context.Context, revokes bool) (free func(), err error) {
	n := int64(1)
	if revokes {
		n = everybody
	}
	if err := in.period.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { in.period.Release(n) }, nil
}
