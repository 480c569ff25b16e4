package desk

import (
	"context"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/verify/pack"
)

// maxPortion is how many bytes of envelopes and records go into one request, less
// than the node takes, because base64 and proofs come on top.
const maxPortion = 4 << 20

// eventsOf are entries as they are submitted to a node. The record goes along as this
// desk shows it, with single salts and without its key (rule P15).
func eventsOf(entries []*Entry) ([]wire.Event, error) {
	all := make([]wire.Event, len(entries))
	for i, e := range entries {
		v, err := e.View()
		if err != nil {
			return nil, err
		}
		record, err := evidence.Canonical(v)
		if err != nil {
			return nil, err
		}
		all[i] = wire.Event{Envelope: e.Body.Envelope, Leaf: wire.HexLeaf(e.Body.leaf()), Record: record, Salt: e.Body.Salt, SealKey: e.Body.SealKey}
	}
	return all, nil
}

// ErrNodeTooLarge reports an event that no node would take, with its record.
var ErrNodeTooLarge = fmt.Errorf("its record is larger than a node takes: %w", ErrTooManyFiles)

// checkSizes refuses entries that a node would not take, before they are queued: what is
// in the queue is to be logged.
func (s *Session) checkSizes(entries []*Entry) error {
	if s.Node == "" {
		return nil
	}
	events, err := eventsOf(entries)
	if err != nil {
		return err
	}
	for i, e := range events {
		if len(e.Envelope)*4/3+len(e.Record) > wire.MaxBody-forProofs {
			return &ItemError{entries[i].Event.Item, ErrNodeTooLarge}
		}
	}
	return nil
}

// forProofs is what one request has room for besides an event, in bytes.
const forProofs = 2 << 20

// portion is how many of the events fit one request.
func portion(events []wire.Event) int {
	size := 0
	for i, e := range events {
		size += len(e.Envelope) + len(e.Record)
		if i > 0 && (i == wire.MaxEvents || size > maxPortion) {
			return i
		}
	}
	return len(events)
}

// foreignProofs are what other ledgers prove of what the entries rest on: the events
// before that opened a seal there, and the enrolments of who signs (rule P13). nil
// when all of it is in this desk's ledger, unless own asks for that too.
func (s *Session) foreignProofs(ctx context.Context, entries []*Entry, own bool) (map[string][]byte, error) {
	c := s.collection(&pack.Builder{Partial: true})
	c.foreign = !own
	var lines []pack.ItemLine
	seen := map[evidence.ItemID]bool{}
	for _, e := range entries {
		if id := e.Event.Item; e.Event.Seq > 0 && !seen[id] {
			seen[id] = true
			if err := c.addItem(ctx, &selection{id: id, view: hideAll}); err != nil {
				return nil, err
			}
			lines = append(lines, pack.ItemLine{Item: id, Payload: []pack.Enclosed{}})
		}
		for _, signer := range e.Event.Signers {
			if err := c.addKey(ctx, signer.Enrolled); err != nil {
				return nil, err
			}
		}
	}
	if len(c.origins) == 0 {
		return nil, nil
	}
	d, err := c.build(ctx, lines)
	if err != nil {
		return nil, err
	}
	return d.Encode()
}
