package desk

import (
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/verify/admit"
)

// Entry is one event of an item as the desk keeps it.
type Entry struct {
	Body  *Body
	Event *evidence.Event
	Leaf  evidence.Hash // leaf hash, recomputed
}

func newEntry(b *Body) (*Entry, error) {
	env, err := signing.Parse(b.Envelope)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	e, err := evidence.ParseEvent(env.Payload)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	return &Entry{Body: b, Event: e, Leaf: b.leaf().Hash()}, nil
}

// View returns the whole record as this desk may see it. It is made once; nobody
// may change it.
func (e *Entry) View() (*evidence.View, error) {
	if e.Body.view != nil {
		return e.Body.view, nil
	}
	if e.Body.View != nil {
		v, err := evidence.ParseView(*e.Body.View)
		e.Body.view = v
		return v, err
	}
	if e.Body.RecordKey == nil {
		return nil, fmt.Errorf("record of item %s event %d was made elsewhere: %w", e.Event.Item.Short(), e.Event.Seq, ErrBody)
	}
	values, err := e.Body.allValues()
	if err != nil {
		return nil, err
	}
	e.Body.view = evidence.ViewOf(evidence.RecordKey(*e.Body.RecordKey), values)
	return e.Body.view, nil
}

// receipt returns the event's receipt, nil when it has none yet.
func (e *Entry) receipt() (*ledger.Receipt, error) {
	if e.Body.Receipt == "" {
		return nil, nil
	}
	r, err := ledger.ParseReceipt([]byte(e.Body.Receipt))
	return &r, err
}

// waits reports whether the event of an item that was loaded is in the queue and not in
// the ledger yet.
func (e *Entry) waits() bool { return e.Body.Index == nil }

// Item is an item as the desk knows it: its events in order.
type Item struct {
	ID      evidence.ItemID
	Entries []*Entry
	Erased  map[int64]Erased // events whose bodies are destroyed, by seq

	received bool // in a dry run: read from an offer file, its objects are not here
}

// state folds the events for [admit.Check].
func (it *Item) state() admit.State {
	var s admit.State
	seq := int64(0)
	for _, e := range it.Entries {
		for ; seq < e.Event.Seq; seq++ {
			s = s.Erased(it.Erased[seq].Leaf.Hash())
		}
		s = s.After(e.Event, e.Leaf)
		seq++
	}
	return s
}

// Last is the newest event.
func (it *Item) Last() *Entry { return it.Entries[len(it.Entries)-1] }

// First is the oldest event that is not erased.
func (it *Item) First() *Entry { return it.Entries[0] }

// links returns the history for the custody fold, erased events in their place.
func (it *Item) links() ([]evidence.Link, error) {
	var links []evidence.Link
	for _, e := range it.Entries {
		for int64(len(links)) < e.Event.Seq {
			gone, ok := it.Erased[int64(len(links))]
			if !ok {
				return nil, fmt.Errorf("item %s: event %d is missing: %w", it.ID.Short(), len(links), ErrBody)
			}
			seal, _ := gone.Leaf.Seal()
			links = append(links, evidence.Link{Leaf: gone.Leaf.Hash(), Closes: seal})
		}
		v, err := e.View()
		if err != nil {
			return nil, err
		}
		links = append(links, evidence.Link{Leaf: e.Leaf, Event: e.Event, View: v})
	}
	return links, nil
}

// Timeline folds the item's custody as of the home's clock.
func (s *Session) Timeline(it *Item) (*evidence.Timeline, error) {
	links, err := it.links()
	if err != nil {
		return nil, err
	}
	return evidence.Fold(links, s.Now())
}

// Text returns what the item's records say under a field, as text: what the
// newest correct of the field says, else the newest event that has it.
func (it *Item) Text(field string) (string, bool) { return value[string](it, field) }

// value is [Item.Text] for values of any kind.
func value[T any](it *Item, field string) (T, bool) {
	for i := len(it.Entries) - 1; i >= 0; i-- {
		v, err := it.Entries[i].View()
		if err != nil {
			continue
		}
		name := field
		if it.Entries[i].Event.Action == evidence.Correct {
			if corrected, _, _ := evidence.Value[string](v, "field"); corrected == field {
				name = "new"
			}
		}
		if got, p, err := evidence.Value[T](v, name); err == nil && p == evidence.Present {
			return got, true
		}
	}
	var none T
	return none, false
}
