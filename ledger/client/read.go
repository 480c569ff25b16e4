package client

import (
	"context"
	"fmt"
	"net/http"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
)

// Where a node gives what it keeps (spec/node.md, "Signed calls").
const (
	ItemsPath = "v1/items"
	eventPath = "v1/events"
)

// maxListed is room for the list of an item's events, in bytes.
const maxListed = 4 << 20

// For returns the ledger as it is asked with a reason, which goes into the node's access
// log: "<code> <reference>", never a name.
func (l *Ledger) For(reason string) *Ledger {
	return &Ledger{node: l.node, Access: l.Access, reason: reason}
}

// Item lists the events of an item that the signer may see: the node's word, until each
// is looked at. A [*DeniedError] with status 404: there is none that it may. Other errors
// are those of [Ledger.Submit].
func (l *Ledger) Item(ctx context.Context, id evidence.ItemID) (wire.Item, error) {
	a, err := l.ask(ctx, http.MethodGet, ItemsPath+"/"+id.String(), nil, maxListed)
	if err != nil {
		return wire.Item{}, err
	}
	it, err := wire.Parse[wire.Item](a.body)
	if err == nil && it.Item != id {
		err = fmt.Errorf("item %s: %w", it.Item.Short(), wire.ErrForm)
	}
	if err != nil {
		return it, &LieError{What: "its list of events", Answer: a.body, Err: err}
	}
	return it, nil
}

// Event returns what the node keeps of the event of this ledger with that leaf hash, and
// proves that it is in the ledger: its receipt meets the policy, else [ErrPending].
func (l *Ledger) Event(ctx context.Context, leaf evidence.Hash) (wire.LoggedEvent, error) {
	a, err := l.ask(ctx, http.MethodGet, eventPath+"/"+leaf.String(), nil, wire.MaxBody)
	if err != nil {
		return wire.LoggedEvent{}, err
	}
	lie := func(err error) error { return &LieError{What: "an event", Answer: a.body, Err: err} }
	e, err := wire.Parse[wire.LoggedEvent](a.body)
	if err != nil {
		return e, lie(err)
	}
	made := ledger.EventLeaf(evidence.SealKey(e.SealKey), e.Salt, e.Envelope)
	if made.Hash() != leaf {
		return e, lie(fmt.Errorf("it makes the leaf %s: %w", made.Hash(), ledger.ErrProof))
	}
	if e.Receipt == "" {
		return e, ErrPending
	}
	r, err := l.receipt(made, e.Receipt)
	if err == nil && r.Index != e.Index {
		err = fmt.Errorf("leaf %d is said to be %d: %w", r.Index, e.Index, ledger.ErrProof)
	}
	if err != nil {
		return e, lie(err)
	}
	if !l.Enough(r.Note) {
		return e, ErrPending
	}
	return e, nil
}
