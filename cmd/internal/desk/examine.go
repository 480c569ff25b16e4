package desk

import (
	"context"
	"errors"

	"example.org/custody/cmd/internal/desk/check"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// Examine goes on where [Home.Doctor] ends: it reads every item's events, folds
// them, recomputes every leaf (which reading a body does), and looks for every
// stored object. It reads no evidence again; [Session.Recheck] does.
func (s *Session) Examine(ctx context.Context, p progress.Sink) (check.List, error) {
	d := &doctor{h: s.Home}
	ids, err := s.keeper.items(ctx)
	if err != nil {
		return nil, err
	}
	erased, err := s.keeper.erasedObjects(ctx)
	if err != nil {
		d.Fails("erasures", "custody restore from a backup elsewhere and compare", "what was erased by order cannot be told from what is lost: %v", err)
	}
	p.Stage("examining", -1, len(ids))
	seen := map[evidence.ObjectName]bool{}
	items, events, broken, lost := 0, 0, 0, 0
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.File(id.Short())
		it, err := s.Load(ctx, id)
		if err != nil {
			broken++
			d.Fails("item."+id.Short(), "custody restore from a backup elsewhere and compare", "its events cannot be read: %v", err)
			continue
		}
		items++
		events += len(it.Entries)
		if _, err := s.Timeline(it); err != nil {
			broken++
			d.Fails("item."+it.ID.Short(), "keep the home as it is and make a backup; then custody restore an older one elsewhere and compare", "its history contradicts itself: %v", err)
		}
		broken += s.objects(ctx, d, it, seen, erased)
		missing, err := s.checkIndex(it)
		if err != nil {
			return nil, err
		}
		lost += missing
	}
	s.examineIndex(d, lost)
	if broken == 0 {
		d.Holds("items", "%d items and keys, %d events, %d objects: every history folds, every object is there", items, events, len(seen))
	}
	s.examineLedger(ctx, d)
	return d.List, nil
}

// examineIndex says whether items are found by what their records say.
func (s *Session) examineIndex(d *doctor, lost int) {
	switch {
	case lost == 0:
		d.Holds("index", "every item is found by its exhibit and its case")
	case s.alone:
		d.Holds("index", "entries that were lost or damaged, and are made anew: %d", lost)
	default:
		d.Warns("index", "custody doctor --unlock, when the desk can be written", "entries by which items are found, lost or damaged: %d", lost)
	}
}

// erasedObjects returns the objects of which nothing stays, by order.
func (k *keeper) erasedObjects(ctx context.Context) (objectSet, error) {
	reports, err := k.vault.Reports(ctx)
	erased := objectSet{}
	for _, r := range reports {
		for _, o := range r.Objects {
			if o.Rewritten == nil {
				erased[o.Object] = true
			}
		}
	}
	return erased, err
}

// objects looks for an item's objects where the vault keeps them, and returns how many
// are gone that were not erased; seen gets those looked for.
func (s *Session) objects(ctx context.Context, d *doctor, it *Item, seen map[evidence.ObjectName]bool, erased objectSet) (gone int) {
	values, err := it.FileValues()
	if err != nil {
		d.Fails("item."+it.ID.Short(), "custody restore from a backup", "its files cannot be read from the record: %v", err)
		return 1
	}
	for n, v := range values {
		if v.Stored == nil || seen[v.Stored.Object] {
			continue
		}
		at, err := s.keeper.vault.Where(ctx, v.Stored.Object)
		if errors.Is(err, vault.ErrNoKey) && erased[v.Stored.Object] {
			continue
		}
		seen[v.Stored.Object] = true
		where := "cannot be found"
		if err == nil {
			where = "is not in the store"
			_, err = s.keeper.store.Stat(ctx, at)
		}
		if err != nil {
			gone++
			d.Add("item."+it.ID.Short(), verify.Fails, "custody restore from a backup elsewhere and compare", "%s: object %s %s: %v", evidence.FileName(n), v.Stored.Object, where, err)
		}
	}
	return gone
}

// examineLedger opens the ledger, which compares its map with the last epoch and
// asks the cosigners what they saw last, and has its newest checkpoint cosigned.
func (s *Session) examineLedger(ctx context.Context, d *doctor) {
	if s.stuck != nil {
		return // the line home.acts says why
	}
	w, err := s.ledger(ctx)
	switch {
	case errors.Is(err, ErrRestored):
		d.Fails("ledger.open", doReach, "%v", err)
		return
	case errors.Is(err, ledger.ErrFatal), errors.Is(err, ledger.ErrBehind):
		d.Fails("ledger.open", doOtherCopy, "%v", err)
		return
	case err != nil:
		d.Fails("ledger.open", "keep it as it is; custody restore from a backup elsewhere and compare", "the ledger cannot be opened: %v", err)
		return
	}
	d.Holds("ledger.open", "%s has %d leaves, and its map is that of its last epoch", s.Config.Origin, w.Size())
	shared, err := w.Shared(ctx)
	switch {
	case errors.Is(err, writer.ErrReadOnly):
		d.Fails("ledger.cosigned", doOtherCopy, "%v", err)
	case err != nil:
		d.Warns("ledger.cosigned", "reach the cosigners again; acts are logged meanwhile and get their receipts later", "%v", err)
	case s.trusted == nil:
		d.Warns("ledger.cosigned", "pin a trust list", "without a trust list nothing says whose cosignatures count")
	case !s.trusted.Meets(shared.Note, s.Config.Origin, trust.Court):
		d.Warns("ledger.cosigned", "ask the other states' auditors to follow this ledger", "the newest checkpoint has not the cosignatures that a court asks")
	default:
		d.Holds("ledger.cosigned", "the newest checkpoint has the cosignatures that a court asks")
	}
}
