package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.org/custody/evidence"
)

// Disposal ends an item, or with Partial lets it go on, and destroys what Erase
// names. It takes two signatures.
type Disposal struct {
	Item    *Item
	Fields  map[string]any // reason, order, place, note
	Order   string         // reference of the order; erasures name it (rule P7)
	Second  string         // alias of the second signer
	Partial bool           // the item goes on
	Erase   Erase
	At      *evidence.Occurred
}

// Erase names what a disposal destroys.
type Erase struct {
	Events []int64 // by seq: their bodies
	Files  bool    // the evidence: every stored byte of the item, and what opens it
	All    bool    // both, and every event up to the disposal
}

// Disposed is what came of a disposal.
type Disposed struct {
	Done
	Erased *ErasureReport // nil when nothing was to be erased
}

// Errors about an erasure.
var (
	ErrNoEvent      = errors.New("the item has no such event")
	ErrErasedNow    = errors.New("the event is erased already")
	ErrKeepsErasure = errors.New("the event orders an erasure; without it the erased event would count as dropped")
	ErrNotLogged    = errors.New("the event has no receipt yet, so nothing is sure to stand for it")
	ErrElsewhere    = errors.New("the event is in another state's ledger; only its own authority can order it erased")
	ErrEraseFiles   = errors.New("with the record of the evidence, the evidence goes too: erase the files as well")
)

// Dispose signs and logs the disposal, then erases. What is erased stays as its
// leaf, and a process that dies in between is followed by one that finishes.
func (s *Session) Dispose(ctx context.Context, d Disposal) (*Disposed, error) {
	signers, err := s.officersOf(d.Second)
	if err != nil {
		return nil, err
	}
	plan, erases, err := s.planErasure(d)
	if err != nil {
		return nil, err
	}
	act := &draft{item: d.Item, action: evidence.Dispose, signers: signers, at: d.At, ends: !d.Partial}
	if err := act.newRecord(d.Fields); err != nil {
		return nil, err
	}
	act.shape = func(e *evidence.Event) { e.Erases = erases }
	e, err := s.sign(ctx, act)
	if err != nil {
		return nil, &ItemError{d.Item.ID, err}
	}
	done, err := one(s.logErasing(ctx, []*Entry{e}, plan))
	if err != nil {
		return nil, err
	}
	out := &Disposed{Done: done}
	if plan != nil && plan.report != nil { // a disposal that waits erases nothing yet
		out.Erased = s.erasureReport(plan)
	}
	return out, nil
}

// planErasure works out what is to be destroyed, and what the event says of it.
func (s *Session) planErasure(d Disposal) (*erasure, []evidence.Erasure, error) {
	seqs := slices.Clone(d.Erase.Events)
	if d.Erase.All {
		seqs = nil
		for _, e := range d.Item.Entries {
			if len(e.Event.Erases) == 0 {
				seqs = append(seqs, e.Event.Seq)
			}
		}
	}
	slices.Sort(seqs)
	seqs = slices.Compact(seqs)
	plan := &erasure{Item: d.Item.ID, Order: d.Order, Events: []erasedEvent{}, Files: []evidence.FileValue{}, Said: map[string][]string{}, All: d.Erase.All}
	var erases []evidence.Erasure
	for _, seq := range seqs {
		e, err := s.erasable(d.Item, seq)
		if err != nil {
			return nil, nil, fmt.Errorf("event %d: %w", seq, err)
		}
		if !d.Erase.All && e.limits() {
			return nil, nil, fmt.Errorf("event %d: %w", seq, ErrKeepsLimits)
		}
		if err := plan.addEvent(e, d.Order); err != nil {
			return nil, nil, err
		}
		erases = append(erases, evidence.Erasure{Leaf: e.Leaf, Opened: openedBy(e.Event), Order: d.Order})
	}
	if d.Erase.Files || d.Erase.All {
		if err := plan.addFiles(d.Item); err != nil {
			return nil, nil, err
		}
	} else if err := plan.leavesOrphans(d.Item, seqs); err != nil {
		return nil, nil, err
	}
	if len(plan.Events) == 0 && len(plan.Files) == 0 {
		plan = nil
	}
	return plan, erases, nil
}

// erasable finds an event that this desk may destroy the body of.
func (s *Session) erasable(it *Item, seq int64) (*Entry, error) {
	if _, gone := it.Erased[seq]; gone {
		return nil, ErrErasedNow
	}
	i := slices.IndexFunc(it.Entries, func(e *Entry) bool { return e.Event.Seq == seq })
	switch {
	case i < 0:
		return nil, ErrNoEvent
	case len(it.Entries[i].Event.Erases) > 0:
		return nil, ErrKeepsErasure
	case it.Entries[i].Body.Index == nil, it.Entries[i].Body.Receipt == "":
		return nil, ErrNotLogged
	case it.Entries[i].Event.Origin != s.Config.Origin:
		return nil, ErrElsewhere
	}
	return it.Entries[i], nil
}

// openedBy lists every seal that an event opened.
func openedBy(e *evidence.Event) []evidence.Seal {
	opened := []evidence.Seal{}
	if e.Opens.Next != nil {
		opened = append(opened, e.Opens.Next.Seal)
	}
	for _, c := range e.Opens.Children {
		opened = append(opened, evidence.Seal(c.Item))
	}
	return opened
}
