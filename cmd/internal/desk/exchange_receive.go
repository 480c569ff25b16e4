package desk

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
	"example.org/custody/verify/pack"
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
func (s *Session) Receive(ctx context.Context, path string, p Progress) (*Received, error) {
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
		p = noProgress{}
	}
	d, undecided, err := s.examineDossier(r.offer.Dossier)
	if err != nil {
		return nil, err
	}
	r.Undecided = undecided
	if s.DryRun {
		r.Items, err = itemsOf(d, r.nextKeys())
		return r, err
	}
	return r, s.takeIn(ctx, d, r, p)
}

// takeIn adopts what an offer brought: objects first, so that no event is kept
// whose evidence is not.
func (s *Session) takeIn(ctx context.Context, d *pack.Dossier, r *Received, p Progress) error {
	p.Stage("receiving", r.bytes(), len(r.offer.Objects))
	for _, o := range r.offer.Objects {
		p.File(o.Name.String())
		if err := s.adoptObject(ctx, r, o, p); err != nil {
			return fmt.Errorf("object %s: %w", o.Name, err)
		}
	}
	if err := s.adoptEvents(ctx, d, r.nextKeys()); err != nil {
		return err
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

func (r *Received) bytes() int64 {
	var sum int64
	for _, o := range r.offer.Objects {
		sum += o.Size
	}
	return sum
}

// itemsOf builds the offered items from a dossier alone.
func itemsOf(d *pack.Dossier, next map[evidence.ItemID]evidence.Hash) ([]*Item, error) {
	byID := map[evidence.ItemID]*Item{}
	for _, line := range d.Events {
		if line.Erased != nil {
			continue
		}
		b, err := bodyOf(d, line)
		if err != nil {
			return nil, err
		}
		key, offered := next[b.Item]
		if !offered {
			continue
		}
		b.NextKey = &key // only that of the last one is looked at
		e, err := newEntry(b)
		if err != nil {
			return nil, err
		}
		if byID[b.Item] == nil {
			byID[b.Item] = &Item{ID: b.Item, Erased: map[int64]Erased{}, received: true}
		}
		byID[b.Item].Entries = append(byID[b.Item].Entries, e)
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
func (s *Session) adoptObject(ctx context.Context, r *Received, o offerObject, p Progress) error {
	for _, item := range r.offer.Items {
		identity, ok := item.Identities[o.Name.String()]
		if !ok {
			continue
		}
		return s.keeper.adopt(ctx, s, o, identity, filepath.Join(r.dir, ObjectsDir, o.Name.String()), p)
	}
	return fmt.Errorf("no identity came with it: %w", ErrHandoffFile)
}
