package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// Erasure is an order to erase, which two signed (rule P7).
type Erasure struct {
	Item   evidence.ItemID
	Bodies []Stub               // events to erase, and what is to stay of each
	Files  []evidence.FileValue // files to erase; those without content are passed over
}

// ErrOrder reports an order that contradicts itself.
var ErrOrder = errors.New("not an order to erase")

// Erase destroys the bodies of events, and files with everything that opens
// them here. Other files of a pack stay readable. Once the order is durable it
// will be carried out, by the next [Open] if need be; an error before that means
// that nothing was done.
//
// The store may have to keep ciphertext; the report says so, and that nobody
// can open it here. What is not here, or not any more, is passed over, so that
// an order may be given again: then the report of the first time comes back.
//
// It returns [ErrUnfinished] while a sealing is under way.
func (v *Vault) Erase(ctx context.Context, e Erasure) (*Report, error) {
	if v.underway() != nil {
		return nil, ErrUnfinished
	}
	if _, err := v.finishErasures(ctx); err != nil { // one that failed in this process
		return nil, err
	}
	r, err := v.plan(ctx, e)
	if err != nil {
		return nil, err
	}
	if len(r.Bodies) == 0 && len(r.Objects) == 0 {
		return v.reportOf(ctx, r)
	}
	id := evidence.NewObjectName().String()
	if err := v.putReport(erasingDir, id, r); err != nil {
		return nil, errors.Join(err, v.destroy(reportName(erasingDir, id)))
	}
	return r, v.carryOut(ctx, id, r)
}

// plan works out what the order means, and who holds keys.
func (v *Vault) plan(ctx context.Context, e Erasure) (*Report, error) {
	r := &Report{Format: reportFormat, Item: e.Item, Ordered: v.now()}
	for _, s := range e.Bodies {
		if s.Item != e.Item {
			return nil, fmt.Errorf("event %d is of item %s: %w", s.Seq, s.Item.Short(), ErrOrder)
		}
		erased, err := v.isErased(s)
		if err != nil {
			return nil, err
		}
		if !erased {
			r.Bodies = append(r.Bodies, s)
		}
	}
	present, err := v.planObjects(ctx, r, e.Files)
	if err != nil {
		return nil, err
	}
	return r, v.planMarks(r, present)
}

// planObjects also returns the files that are there to be erased.
func (v *Vault) planObjects(ctx context.Context, r *Report, files []evidence.FileValue) (present []evidence.FileValue, err error) {
	parts := map[evidence.ObjectName][]evidence.FileValue{}
	var order []evidence.ObjectName
	for _, f := range files {
		if f.Stored == nil || f.Digests == nil {
			continue
		}
		name := f.Stored.Object
		if parts[name] == nil {
			order = append(order, name)
		}
		parts[name] = append(parts[name], f)
	}
	for _, name := range order {
		o, there, err := v.planObject(ctx, name, parts[name])
		if err != nil {
			return nil, err
		}
		if len(there) > 0 {
			r.Objects, present = append(r.Objects, o), append(present, there...)
		}
	}
	return present, nil
}

func (v *Vault) planObject(ctx context.Context, name evidence.ObjectName, files []evidence.FileValue) (o ErasedObject, there []evidence.FileValue, err error) {
	b, err := v.openObject(ctx, name)
	switch {
	case errors.Is(err, ErrNoKey):
		return o, nil, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrDamaged) && files[0].Stored.Offset == nil:
		return v.planLost(ctx, name, files)
	case err != nil:
		return o, nil, err
	}
	defer b.object.Close()
	o = ErasedObject{Object: name, Stored: b.key.Object, Protected: b.key.Protected, Holders: b.key.Holders, Erased: b.key.Erased}
	for _, f := range files {
		offset, err := b.place(f)
		if errors.Is(err, ErrErased) || err == nil && f.Digests.Size == 0 && b.size > 0 {
			continue // of an empty file there is nothing but its place
		}
		if err != nil {
			return o, nil, err
		}
		o.Erased, there = o.Erased.with(span{f.Digests.Size, offset}), append(there, f)
	}
	if !o.Erased.cover(b.size) {
		rewritten := evidence.NewObjectName()
		o.Rewritten = &rewritten
	}
	return o, there, nil
}

// planLost is for an object that is missing or broken as a whole: its key can be
// destroyed all the same.
func (v *Vault) planLost(ctx context.Context, name evidence.ObjectName, files []evidence.FileValue) (ErasedObject, []evidence.FileValue, error) {
	k, err := v.findKey(ctx, name)
	if err != nil {
		return ErasedObject{}, nil, err
	}
	return ErasedObject{Object: name, Stored: k.Object, Protected: k.Protected, Holders: k.Holders, Erased: spans{}}, files, nil
}

// carryOut does what the report says, every step repeatable, and files it.
func (v *Vault) carryOut(ctx context.Context, id string, r *Report) error {
	if err := v.shelf.clear(); err != nil {
		return err
	}
	for i := range r.Objects {
		o := &r.Objects[i]
		keep := func() error { return v.putReport(erasingDir, id, r) }
		if err := v.eraseObject(ctx, o, keep); err != nil {
			return fmt.Errorf("object %s: %w", o.Object, err)
		}
	}
	for _, s := range r.Bodies {
		if err := v.putStub(s); err != nil {
			return err
		}
		if err := v.destroy(bodyName(s.Item, s.Seq, bodySuffix)); err != nil {
			return err
		}
	}
	if err := v.eraseMarks(r); err != nil {
		return err
	}
	done := v.now()
	r.Done = &done
	if err := v.putReport(erasedDir, id, r); err != nil {
		return err
	}
	return v.destroy(reportName(erasingDir, id))
}

// eraseObject destroys the key of an object and then the object, or puts a pack
// without the erased files in its place. keep makes a change of o durable.
func (v *Vault) eraseObject(ctx context.Context, o *ErasedObject, keep func() error) error {
	if o.Rewritten == nil {
		if err := v.destroy(keyName(o.Object)); err != nil {
			return err
		}
	} else if err := v.rewrite(ctx, o, keep); err != nil {
		return err
	}
	err := v.store.Delete(ctx, o.Stored)
	if o.Kept = errors.Is(err, store.ErrRetained); o.Kept || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// rewrite stores the pack anew and lets its key take the place of the old one.
func (v *Vault) rewrite(ctx context.Context, o *ErasedObject, keep func() error) error {
	b, err := v.openObject(ctx, o.Object)
	if err != nil {
		return err
	}
	defer b.object.Close()
	if b.key.Object == *o.Rewritten {
		return nil // done before the process ended
	}
	if err := v.makeRoom(ctx, o, keep); err != nil {
		return err
	}
	// Who had the old key may have the old pack, with the files that stay here.
	k := &key{Object: *o.Rewritten, Protected: o.Protected, Holders: o.Holders, Erased: o.Erased}
	if err := v.encryptObject(ctx, k, b.without(o.Erased)); err != nil {
		return err
	}
	return v.putKey(o.Object, k)
}

// makeRoom deletes what an interrupted process may have stored; nobody has its
// key. If the store must keep it, the name is given up.
func (v *Vault) makeRoom(ctx context.Context, o *ErasedObject, keep func() error) error {
	err := v.store.Delete(ctx, *o.Rewritten)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, store.ErrRetained):
		fresh := evidence.NewObjectName()
		o.Rewritten = &fresh
		return keep()
	}
	return err
}

// without writes the object's content with zeros in place of what is erased.
func (b *book) without(erased spans) func(io.Writer) error {
	return func(w io.Writer) error {
		buf := make([]byte, 1<<20)
		for offset := int64(0); offset < b.size; {
			n, err := b.content.ReadAt(buf[:min(int64(len(buf)), b.size-offset)], offset)
			if err != nil && err != io.EOF || n == 0 {
				return fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			erased.clear(buf[:n], offset)
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
			offset += int64(n)
		}
		return nil
	}
}

// finishErasures carries out the orders that were begun and broken off.
func (v *Vault) finishErasures(ctx context.Context) ([]*Report, error) {
	entries, err := os.ReadDir(v.at(erasingDir))
	if err != nil {
		return nil, err
	}
	var all []*Report
	for _, e := range entries {
		id := strings.TrimSuffix(e.Name(), ".age")
		r, err := v.readReport(erasingDir, id)
		if err != nil {
			return nil, err
		}
		if err := v.carryOut(ctx, id, r); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
