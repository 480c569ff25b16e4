package intake

import (
	"context"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/verify/admit"
)

// erased returns what stays of an item of whose next event only the leaf is known.
func (it *item) erased(w waiting) *item {
	next := &item{}
	if it != nil {
		*next = *it
	}
	next.state = next.state.Erased(w.hash)
	next.events = append(slices.Clip(next.events), Known{Index: w.at.Index, Leaf: w.hash, Origin: w.at.Origin, Seq: uint64(w.seq), Erased: true, ref: w.ref})
	return next
}

// carryOut erases what a dispose orders, once it is logged (rule P7). It may be
// repeated. The caller holds the item.
func (in *Intake) carryOut(ctx context.Context, e *evidence.Event) error {
	if e.Action != evidence.Dispose || len(e.Erases) == 0 {
		return nil
	}
	it := in.item(e.Item)
	if it == nil {
		return nil // it was logged before there was a node, and nothing is here
	}
	return in.erase(ctx, e.Item, it)
}

// eraseOrdered carries out the orders that an interrupted process did not.
func (in *Intake) eraseOrdered(ctx context.Context) error {
	for id, it := range in.items {
		if len(it.erases) == 0 {
			continue
		}
		if err := in.erase(ctx, id, it); err != nil {
			return err
		}
	}
	return nil
}

// erase destroys the bodies of the events that the item's disposals name. Their stubs
// are durable before, so that the item's history stays whole.
func (in *Intake) erase(ctx context.Context, id evidence.ItemID, it *item) error {
	var stubs []*bodies.Body
	var gone []bodies.Ref
	for _, k := range it.events {
		if it.erases[k.Leaf] && !k.Erased {
			gone = append(gone, in.spares(k.Leaf)...)
			stubs, gone = append(stubs, bodies.Stub(id, k.Origin, k.Seq, k.Index, k.Leaf)), append(gone, k.ref)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if _, err := in.Bodies.Put(ctx, stubs...); err != nil {
		return err
	}
	if err := in.Bodies.Erase(ctx, gone...); err != nil {
		return err
	}
	next, err := in.again(ctx, it)
	if err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.setLocked(id, next)
	return nil
}

// again makes an item anew from what is left of its events: what an erased one had
// done is not known any more.
func (in *Intake) again(ctx context.Context, it *item) (next *item, err error) {
	for _, k := range it.events {
		w := waiting{hash: k.Leaf, seq: int64(k.Seq), at: admit.Place{Origin: k.Origin, Index: k.Index}, ref: k.ref}
		if !k.Erased && !it.erases[k.Leaf] {
			b, err := in.Bodies.Get(ctx, k.ref)
			if err != nil {
				return nil, err
			}
			if w, _, err = in.recall(k.ref, b); err != nil {
				return nil, err
			}
			w.at.Index = k.Index
		}
		next = next.with(w)
	}
	return next, nil
}

// keepSpare remembers a body that is not, or not yet, the one by which its event is
// known: an order to erase is about every copy.
func (in *Intake) keepSpare(leaf evidence.Hash, ref bodies.Ref) {
	in.spareMu.Lock()
	defer in.spareMu.Unlock()
	in.spare[leaf] = append(in.spare[leaf], ref)
}

func (in *Intake) dropSpare(leaf evidence.Hash, ref bodies.Ref) {
	in.spareMu.Lock()
	defer in.spareMu.Unlock()
	if in.spare[leaf] = slices.DeleteFunc(in.spare[leaf], func(r bodies.Ref) bool { return r == ref }); len(in.spare[leaf]) == 0 {
		delete(in.spare, leaf)
	}
}

func (in *Intake) spares(leaf evidence.Hash) []bodies.Ref {
	in.spareMu.Lock()
	defer in.spareMu.Unlock()
	return slices.Clone(in.spare[leaf])
}
