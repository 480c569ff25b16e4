package desk

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// objectCopies are the encrypted objects of items in the folder of an offer.
type objectCopies struct {
	s    *Session
	o    *Offering
	ours bool // the folder is made by this offer
	made map[evidence.ObjectName]offerObject
}

func (s *Session) copiesFor(o *Offering) *objectCopies {
	_, err := os.Stat(o.Dir)
	return &objectCopies{s: s, o: o, ours: errors.Is(err, fs.ErrNotExist), made: map[evidence.ObjectName]offerObject{}}
}

func (c *objectCopies) path(name evidence.ObjectName) string {
	return filepath.Join(c.o.Dir, ObjectsDir, name.String())
}

// ofItem copies the objects of one item. After an error none of them is left.
func (c *objectCopies) ofItem(ctx context.Context, id evidence.ItemID) error {
	if err := os.MkdirAll(filepath.Join(c.o.Dir, ObjectsDir), 0o700); err != nil {
		return err
	}
	it, err := c.s.Load(ctx, id)
	if err != nil {
		return err
	}
	names, err := it.objects()
	if err != nil {
		return err
	}
	for i, name := range names {
		if err := c.object(ctx, name); err != nil {
			return errors.Join(err, c.remove(names[:i+1]...), c.tidy())
		}
	}
	return nil
}

func (c *objectCopies) object(ctx context.Context, name evidence.ObjectName) error {
	if _, here := c.made[name]; here {
		return nil
	}
	stored, err := c.s.keeper.export(ctx, name, c.path(name), c.o.Progress)
	if err == nil {
		c.made[name] = offerObject{Name: name, SHA256: stored.SHA256, Size: stored.Size}
	}
	return err
}

func (c *objectCopies) remove(names ...evidence.ObjectName) error {
	var errs []error
	for _, name := range names {
		delete(c.made, name)
		errs = append(errs, removeAll(c.path(name)))
	}
	return errors.Join(errs...)
}

// only removes the copies that are of none of the items offered.
func (c *objectCopies) only(items []offerItem) error {
	var others []evidence.ObjectName
	for name := range c.made {
		if !slices.ContainsFunc(items, func(it offerItem) bool { return it.Identities[name.String()] != "" }) {
			others = append(others, name)
		}
	}
	if err := c.remove(others...); err != nil || len(items) > 0 {
		return err
	}
	return c.tidy()
}

// tidy removes what was made of the folder when nothing is in it.
func (c *objectCopies) tidy() error {
	dirs := []string{filepath.Join(c.o.Dir, ObjectsDir)}
	if c.ours {
		dirs = append(dirs, c.o.Dir)
	}
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || len(entries) > 0 {
			return err
		}
		if err := os.Remove(dir); err != nil {
			return err
		}
	}
	return nil
}

// objects lists the objects that hold an item's files, each once.
func (it *Item) objects() ([]evidence.ObjectName, error) {
	values, err := it.FileValues()
	if err != nil {
		return nil, err
	}
	seen := map[evidence.ObjectName]bool{}
	var names []evidence.ObjectName
	for _, n := range slices.Sorted(maps.Keys(values)) {
		if at := values[n].Stored; at != nil && !seen[at.Object] {
			seen[at.Object] = true
			names = append(names, at.Object)
		}
	}
	return names, nil
}

// writeOffer writes the offer file beside the objects.
func (s *Session) writeOffer(ctx context.Context, o Offering, ids []evidence.ItemID, copies *objectCopies) (string, error) {
	_, card, err := s.ownCard()
	if err != nil {
		return "", err
	}
	f := offerFile{Format: offerFormat, From: card, To: evidence.KeyID(o.To.Key.ID()), Objects: []offerObject{}}
	var selected []*selection
	for _, id := range ids {
		if err := copies.ofItem(ctx, id); err != nil { // of one that was offered before
			return "", err
		}
		item, err := s.offerItem(ctx, id, o.To.Vault)
		if err != nil {
			return "", err
		}
		selected, f.Items = append(selected, &selection{id: id}), append(f.Items, item)
	}
	if err := copies.only(f.Items); err != nil {
		return "", err
	}
	f.Objects = append(f.Objects, slices.SortedFunc(maps.Values(copies.made), func(a, b offerObject) int { return strings.Compare(a.Name.String(), b.Name.String()) })...)
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

// offerItem collects what opens an item's objects.
func (s *Session) offerItem(ctx context.Context, id evidence.ItemID, vault string) (offerItem, error) {
	it, err := s.Load(ctx, id)
	if err != nil {
		return offerItem{}, err
	}
	names, err := it.objects()
	if err != nil {
		return offerItem{}, err
	}
	item := offerItem{Item: id, NextKey: *it.Last().Body.NextKey, Identities: map[string]string{}}
	for _, name := range names {
		if item.Identities[name.String()], err = s.keeper.identity(ctx, name, vault); err != nil {
			return item, err
		}
	}
	return item, nil
}
