package desk

import (
	"context"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
)

// writeOffer writes the offer file and copies of the encrypted objects.
func (s *Session) writeOffer(ctx context.Context, o Offering, ids []evidence.ItemID) (string, error) {
	_, card, err := s.ownCard()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, ObjectsDir), 0o700); err != nil {
		return "", err
	}
	f := offerFile{Format: offerFormat, From: card, To: evidence.KeyID(o.To.Key.ID()), Objects: []offerObject{}}
	var selected []*selection
	copied := map[evidence.ObjectName]bool{}
	o.Progress.Stage("copying", -1, -1)
	for _, id := range ids {
		it, err := s.Load(ctx, id)
		if err != nil {
			return "", err
		}
		selected = append(selected, &selection{id: it.ID})
		item, err := s.offerItem(ctx, it, o, copied, &f)
		if err != nil {
			return "", err
		}
		f.Items = append(f.Items, item)
	}
	d, err := s.dossier(ctx, selected)
	if err != nil {
		return "", err
	}
	if f.Dossier, err = d.Encode(); err != nil {
		return "", err
	}
	file := filepath.Join(o.Dir, OfferFile)
	return file, writeHandoff(file, f, o.To.Vault)
}

// offerItem collects what opens an item's objects, and copies those.
func (s *Session) offerItem(ctx context.Context, it *Item, o Offering, copied map[evidence.ObjectName]bool, f *offerFile) (offerItem, error) {
	item := offerItem{Item: it.ID, NextKey: *it.Last().Body.NextKey, Identities: map[string]string{}}
	values, err := it.FileValues()
	if err != nil {
		return item, err
	}
	for _, v := range values {
		if v.Stored == nil {
			continue
		}
		name := v.Stored.Object
		if item.Identities[name.String()] != "" {
			continue // another file of the same pack
		}
		if item.Identities[name.String()], err = s.keeper.identity(ctx, name, o.To.Vault); err != nil {
			return item, err
		}
		if copied[name] {
			continue
		}
		copied[name] = true
		stored, err := s.keeper.export(ctx, name, filepath.Join(o.Dir, ObjectsDir, name.String()), o.Progress)
		if err != nil {
			return item, err
		}
		f.Objects = append(f.Objects, offerObject{Name: name, SHA256: stored.SHA256, Size: stored.Size})
	}
	return item, nil
}
