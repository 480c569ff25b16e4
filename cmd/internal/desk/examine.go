package desk

import (
	"context"
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// Examine goes on where [Home.Doctor] ends: it reads every item's events, folds
// them, recomputes every leaf (which reading a body does), and looks for every
// stored object. It reads no evidence again; [Session.Recheck] does.
func (s *Session) Examine(ctx context.Context, p Progress) ([]Check, error) {
	d := &doctor{h: s.Home}
	ids, err := s.keeper.items(ctx)
	if err != nil {
		return nil, err
	}
	p.Stage("examining", -1, len(ids))
	seen := map[evidence.ObjectName]bool{}
	items, events, broken := 0, 0, 0
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.File(id.Short())
		it, err := s.Load(ctx, id)
		if err != nil {
			broken++
			d.fails("item."+id.Short(), "custody restore from a backup elsewhere and compare", "its events cannot be read: %v", err)
			continue
		}
		items++
		events += len(it.Entries)
		if _, err := s.Timeline(it); err != nil {
			broken++
			d.fails("item."+it.ID.Short(), "keep the home as it is and make a backup; then custody restore an older one elsewhere and compare", "its history contradicts itself: %v", err)
		}
		broken += s.objects(ctx, d, it, seen)
	}
	if broken == 0 {
		d.holds("items", "%d items and keys, %d events, %d objects: every history folds, every object is there", items, events, len(seen))
	}
	s.examineLedger(ctx, d)
	return d.checks, nil
}

// objects looks for an item's objects in the store and returns how many are gone.
func (s *Session) objects(ctx context.Context, d *doctor, it *Item, seen map[evidence.ObjectName]bool) (gone int) {
	values, err := it.FileValues()
	if err != nil {
		d.fails("item."+it.ID.Short(), "custody restore from a backup", "its files cannot be read from the record: %v", err)
		return 1
	}
	for n, v := range values {
		if v.Stored == nil || seen[v.Stored.Object] {
			continue
		}
		seen[v.Stored.Object] = true
		if _, err := s.keeper.store.Stat(ctx, v.Stored.Object); err != nil {
			gone++
			d.add("item."+it.ID.Short(), verify.Fails, "custody restore from a backup elsewhere and compare", "%s: object %s is not in the store: %v", evidence.FileName(n), v.Stored.Object, err)
		}
	}
	return gone
}

// examineLedger opens the ledger, which compares its map with the last epoch and
// asks the cosigners what they saw last, and has its newest checkpoint cosigned.
func (s *Session) examineLedger(ctx context.Context, d *doctor) {
	w, err := s.ledger(ctx)
	if err != nil {
		d.fails("ledger.open", "keep it as it is; custody restore from a backup elsewhere and compare", "the ledger cannot be opened: %v", err)
		return
	}
	d.holds("ledger.open", "%s has %d leaves, and its map is that of its last epoch", s.Config.Origin, w.Size())
	shared, err := w.Shared(ctx)
	switch {
	case errors.Is(err, writer.ErrReadOnly):
		d.fails("ledger.cosigned", "do not write to it; find out which copy of this desk went on, and use that one", "%v", err)
	case err != nil:
		d.warns("ledger.cosigned", "reach the cosigners again; acts are logged meanwhile and get their receipts later", "%v", err)
	case s.trusted == nil:
		d.warns("ledger.cosigned", "pin a trust list", "without a trust list nothing says whose cosignatures count")
	case !s.trusted.meets(shared.Note, s.Config.Origin, trust.Court):
		d.warns("ledger.cosigned", "ask the other states' auditors to follow this ledger", "the newest checkpoint has not the cosignatures that a court asks")
	default:
		d.holds("ledger.cosigned", "the newest checkpoint has the cosignatures that a court asks")
	}
}
