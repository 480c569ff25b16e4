package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/verify/pack"
)

// adoptEvents keeps events that another desk showed as bodies of this one. The
// key of an item's open seal comes apart from the dossier.
func (s *Session) adoptEvents(ctx context.Context, events []*Entry, next map[evidence.ItemID]evidence.Hash) error {
	last := map[evidence.ItemID]*Entry{}
	for _, e := range events {
		last[e.Event.Item] = e
	}
	for _, e := range events {
		b := e.Body
		if key, ok := next[b.Item]; ok && last[b.Item] == e {
			if err := b.takeKey(key); err != nil {
				return err
			}
		}
		stubs, err := s.keeper.stubs(b.Item)
		if err != nil {
			return err
		}
		if _, gone := stubs[int64(b.Seq)]; gone {
			continue // erased here by order: it does not come back from elsewhere
		}
		have, err := s.knows(ctx, e)
		if err != nil {
			return err
		}
		if have && b.NextKey == nil {
			continue // this desk knows at least as much
		}
		if err := s.adoptBody(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// knows reports whether the desk has the event already. One that is new must be
// the next of what the desk knows of the item, and one in the place of another is
// refused: what this desk knows is not replaced from outside.
func (s *Session) knows(ctx context.Context, e *Entry) (bool, error) {
	it, err := s.Load(ctx, e.Event.Item)
	if errors.Is(err, ErrNoItem) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, known := range it.Entries {
		if known.Event.Seq != e.Event.Seq {
			continue
		}
		if known.Leaf != e.Leaf {
			return true, fmt.Errorf("item %s: this desk knows another event %d: %w", e.Event.Item.Short(), e.Event.Seq, ErrUntrusted)
		}
		return true, nil
	}
	last := it.Last()
	next := last.Event.Opens.Next
	if e.Event.Seq != last.Event.Seq+1 || e.Event.Previous != last.Leaf || next == nil || e.Event.Closes != next.Seal {
		return false, fmt.Errorf("item %s: event %d does not follow what this desk knows: %w", e.Event.Item.Short(), e.Event.Seq, ErrUntrusted)
	}
	return false, nil
}

func (s *Session) adoptBody(ctx context.Context, b *Body) error {
	e, err := newEntry(b)
	if err != nil {
		return err
	}
	if err := s.addToIndex(e); err != nil {
		return err
	}
	return s.keeper.putBody(ctx, s, b)
}

// takeKey keeps the key of an offered item's open seal, which must be the one
// that the offer opened.
func (b *Body) takeKey(key evidence.Hash) error {
	e, err := newEntry(b)
	if err != nil {
		return err
	}
	if !opens(e.Event, key) {
		return fmt.Errorf("item %s: the key of its open seal is another: %w", b.Item.Short(), ErrHandoffFile)
	}
	b.NextKey = &key
	return nil
}

// bodyOf makes a body of a dossier's event line.
func bodyOf(d *pack.Dossier, line pack.EventLine) (*Body, error) {
	view, err := evidence.Canonical(line.Record)
	if err != nil {
		return nil, err
	}
	index := line.Index
	b := &Body{Envelope: line.Envelope, Salt: line.Salt, SealKey: evidence.Hash(line.SealKey), Index: &index, View: rawView(view)}
	if line.Receipt != nil {
		note, ok := d.Note(line.Receipt.Note)
		if !ok {
			return nil, fmt.Errorf("note %s: %w", line.Receipt.Note, ErrHandoffFile)
		}
		r := ledger.Receipt{Index: index, Proof: line.Receipt.Proof, Note: note}
		b.Receipt = string(r.Marshal())
	}
	e, err := newEntry(b)
	if err != nil {
		return nil, err
	}
	b.Item, b.Seq, b.Origin = e.Event.Item, uint64(e.Event.Seq), e.Event.Origin
	return b, nil
}

func rawView(b []byte) *json.RawMessage { v := json.RawMessage(b); return &v }
