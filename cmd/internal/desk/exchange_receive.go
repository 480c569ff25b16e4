package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
	"example.org/custody/signing/keyfile"
)

// Received is what an offer file brought, before it is answered.
type Received struct {
	Items []*Item
	From  *keyfile.Card

	// Undecided says why the proofs that came along decide nothing under the
	// pinned trust list; "" when they hold.
	Undecided string

	offer *offerFile
	dir   string
}

// Receive opens an offer file, verifies everything in it, and takes the items,
// their objects and keys into this desk. Nothing is signed; [Session.Reply] does.
func (s *Session) Receive(ctx context.Context, path string, p progress.Sink) (*Received, error) {
	format, plain, err := s.openHandoff(path)
	if err != nil {
		return nil, err
	}
	if format != offerFormat {
		return nil, fmt.Errorf("%s holds %s: %w", path, format, ErrHandoffFile)
	}
	r := &Received{offer: &offerFile{}, dir: filepath.Dir(path)}
	if err := parseHandoff(plain, r.offer); err != nil {
		return nil, err
	}
	if r.From, err = keyfile.ParseCard(r.offer.From); err != nil {
		return nil, err
	}
	if p == nil {
		p = progress.None{}
	}
	d, err := s.judge(r.offer.Dossier)
	if err != nil {
		return nil, err
	}
	r.Undecided = d.undecided
	events, err := d.bodies(r.wanted())
	if err != nil {
		return nil, err
	}
	if s.DryRun {
		r.Items, err = itemsOf(events, r.nextKeys())
		return r, err
	}
	return r, s.takeIn(ctx, d, events, r, p)
}

// wanted are the items that are offered.
func (r *Received) wanted() map[evidence.ItemID]bool {
	wanted := map[evidence.ItemID]bool{}
	for _, item := range r.offer.Items {
		wanted[item.Item] = true
	}
	return wanted
}

// takeIn adopts what an offer brought: events first, so that an object that is
// here already can be told from one of another item when it is repeated. Nothing
// is signed before all of it is here.
func (s *Session) takeIn(ctx context.Context, d *judged, events []*Entry, r *Received, p progress.Sink) error {
	if err := s.ownObjects(ctx, events, r); err != nil {
		return err
	}
	if err := s.adoptEvents(ctx, events, r.nextKeys()); err != nil {
		return err
	}
	p.Stage("receiving", r.bytes(), len(r.offer.Objects))
	for _, o := range r.offer.Objects {
		p.File(o.Name.String())
		if err := s.adoptObject(ctx, r, o, p); err != nil {
			return fmt.Errorf("object %s: %w", o.Name, err)
		}
	}
	for _, item := range r.offer.Items {
		it, err := s.Load(ctx, item.Item)
		if err != nil {
			return err
		}
		r.Items = append(r.Items, it)
	}
	return s.keepDossier(d)
}

// ownObjects refuses an offer whose item points at an object that is kept here for
// another item, or that two of its items share: erasing the one would take the
// other's evidence.
func (s *Session) ownObjects(ctx context.Context, events []*Entry, r *Received) error {
	owner := map[evidence.ObjectName]evidence.ItemID{}
	wanted := r.wanted()
	for _, e := range events {
		if !wanted[e.Event.Item] {
			continue
		}
		values, err := (&Item{ID: e.Event.Item, Entries: []*Entry{e}}).FileValues()
		if err != nil {
			return err
		}
		for _, v := range values {
			if v.Stored == nil {
				continue
			}
			if of, taken := owner[v.Stored.Object]; taken && of != e.Event.Item {
				return fmt.Errorf("object %s is of two items: %w", v.Stored.Object, ErrHandoffFile)
			}
			owner[v.Stored.Object] = e.Event.Item
		}
	}
	for object, id := range owner {
		if err := s.ownObject(ctx, object, id); err != nil {
			return err
		}
	}
	return nil
}

// ownObject reports with [ErrHandoffFile] an object that is kept here and that no
// known event of the item names.
func (s *Session) ownObject(ctx context.Context, object evidence.ObjectName, id evidence.ItemID) error {
	here, err := s.keeper.has(ctx, object)
	if !here || err != nil {
		return err
	}
	it, err := s.Load(ctx, id)
	if err != nil && !errors.Is(err, ErrNoItem) {
		return err
	}
	if err == nil {
		values, err := it.FileValues()
		if err != nil {
			return err
		}
		for _, v := range values {
			if v.Stored != nil && v.Stored.Object == object {
				return nil
			}
		}
	}
	return fmt.Errorf("item %s points at object %s, which is here for another item: %w", id.Short(), object, ErrHandoffFile)
}

func (r *Received) bytes() int64 {
	var sum int64
	for _, o := range r.offer.Objects {
		sum += o.Size
	}
	return sum
}

// itemsOf builds the offered items from what came along alone.
func itemsOf(events []*Entry, next map[evidence.ItemID]evidence.Hash) ([]*Item, error) {
	byID := map[evidence.ItemID]*Item{}
	for _, e := range events {
		key, offered := next[e.Event.Item]
		if !offered {
			continue
		}
		e.Body.NextKey = &key // only that of the last one is looked at
		if byID[e.Event.Item] == nil {
			byID[e.Event.Item] = &Item{ID: e.Event.Item, Erased: map[int64]Erased{}, received: true}
		}
		byID[e.Event.Item].Entries = append(byID[e.Event.Item].Entries, e)
	}
	return slices.Collect(maps.Values(byID)), nil
}

func (r *Received) nextKeys() map[evidence.ItemID]evidence.Hash {
	keys := map[evidence.ItemID]evidence.Hash{}
	for _, item := range r.offer.Items {
		keys[item.Item] = item.NextKey
	}
	return keys
}

// adoptObject copies an encrypted object into the store, compares it, and wraps
// its identity for this desk.
func (s *Session) adoptObject(ctx context.Context, r *Received, o offerObject, p progress.Sink) error {
	for _, item := range r.offer.Items {
		identity, ok := item.Identities[o.Name.String()]
		if !ok {
			continue
		}
		err := s.keeper.adopt(ctx, s, o, identity, filepath.Join(r.dir, ObjectsDir, o.Name.String()), p)
		if errors.Is(err, vault.ErrDamaged) {
			return fmt.Errorf("it is not the one that was announced: %w", ErrHandoffFile) // the vault here is whole
		}
		return err
	}
	return fmt.Errorf("no identity came with it: %w", ErrHandoffFile)
}
