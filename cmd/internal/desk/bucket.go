package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/vault"
)

// A desk's store is a folder, or a bucket under object lock (spec/vault.md "Store in
// a bucket"). Of a bucket the folder store/ says where it is; the credentials are
// nowhere in the home.

// boundBucket is the name under which store/bucket.json is bound.
const boundBucket = "store/bucket.json"

// askPatience is how long a bucket that is only looked at is asked again.
const askPatience = 10 * time.Second

// CheckBucket reports whether evidence can be kept in a bucket, by trying. waiting is told
// that it does not answer; nil: nobody.
func CheckBucket(ctx context.Context, c s3.Config, waiting func(s3.Wait)) error {
	s, err := askBucket(c, waiting)
	if err != nil {
		return err
	}
	return errors.Join(s.Probe(ctx), s.Close())
}

// MakeBucket makes a bucket with object lock. waiting is as in [CheckBucket].
func MakeBucket(ctx context.Context, c s3.Config, waiting func(s3.Wait)) error {
	s, err := askBucket(c, waiting)
	if err != nil {
		return err
	}
	return errors.Join(s.MakeBucket(ctx), s.Close())
}

func askBucket(c s3.Config, waiting func(s3.Wait)) (*s3.Store, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return s3.New(s3.Options{Location: c.Location, WithoutLock: c.WithoutLock != "", Patience: askPatience, Waiting: waiting})
}

// createStore makes the object store of a new home.
func (m *maker) createStore() error {
	if m.Bucket == nil {
		return store.Create(m.path("store"), files)
	}
	b, err := m.Bucket.Marshal()
	if err != nil {
		return err
	}
	if err := files.WriteFile(m.path(boundFolder, boundName(m.vault, boundBucket, b)), nil, 0o600); err != nil {
		return err
	}
	return s3.CreateFolder(m.path("store"), *m.Bucket, files)
}

// openStore opens the object store. Where a bucket is must be what this desk wrote.
func (s *Session) openStore(readOnly bool) (store.Store, error) {
	if !s3.IsFolder(s.path("store")) {
		return openDir(s.path("store"), readOnly)
	}
	c, b, err := s3.ReadConfig(s.path("store"))
	if err != nil {
		return nil, err
	}
	if err := s.checkBound(boundBucket, b); err != nil {
		return nil, err
	}
	s.bucket = &c
	return s3.OpenFolder(s.path("store"), c, s3.Options{ReadOnly: readOnly, Files: files, Patience: s.Patience, Waiting: s.StoreWaits})
}

func openDir(path string, readOnly bool) (store.Store, error) {
	d, err := store.Open(path, store.Options{ReadOnly: readOnly, Files: files})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// wholeStore reports what shows from outside of the store's format.
func (h *Home) wholeStore() error {
	if s3.IsFolder(h.path("store")) {
		_, _, err := s3.ReadConfig(h.path("store"))
		return err
	}
	s, err := openDir(h.path("store"), true)
	if err != nil {
		return err
	}
	return s.Close()
}

// storeInBucket is [doctor.store] for a bucket: it is probed.
func (d *doctor) storeInBucket() {
	c, _, err := s3.ReadConfig(d.h.path("store"))
	if err != nil {
		d.Fails("store", doWhole(err), "the store cannot be opened: %v", err)
		return
	}
	switch err := CheckBucket(context.Background(), c, d.h.StoreWaits); {
	case errors.Is(err, s3.ErrLockBroken), errors.Is(err, s3.ErrNoLock), errors.Is(err, s3.ErrChecksum):
		d.Fails("store", "seal nothing into it; ask who runs the object storage, and move the evidence to one that keeps locks", "%s: %v", c.Location, err)
	case err != nil:
		d.Fails("store", "check the network, the credentials in the environment, and the object storage; then custody doctor", "%s: %v", c.Location, err)
	case c.WithoutLock != "":
		d.Warns("store", "move it to a bucket with object lock", "%s: it answers, and %s", c.Location, c.WithoutLock)
	default:
		d.Holds("store", "%s: a locked object could not be deleted, nor its lock shortened", c.Location)
	}
}

// objectSet is the objects that records name.
type objectSet map[evidence.ObjectName]bool

func (o objectSet) add(v evidence.FileValue) {
	if v.Stored != nil {
		o[v.Stored.Object] = true
	}
}

// retainer returns the store when it keeps objects even from its owner, else nil.
func (k *keeper) retainer() store.Retainer {
	r, ok := k.store.(store.Retainer)
	if !ok || k.desk.bucket == nil || k.desk.bucket.WithoutLock != "" {
		return nil
	}
	return r
}

// eachObject calls do with the objects of the store that hold what records name;
// what is not kept here is passed over.
func (k *keeper) eachObject(ctx context.Context, objects objectSet, do func(store.Retainer, evidence.ObjectName) error) error {
	r := k.retainer()
	if r == nil {
		return nil
	}
	for name := range objects {
		at, err := k.vault.Where(ctx, name)
		if errors.Is(err, vault.ErrNoKey) {
			continue
		}
		if err == nil {
			err = do(r, at)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// fieldRetention is the field of a record that names the rule of how long it is kept.
const fieldRetention = "retention-rule"

// lockedUntil returns until when what is sealed now under the rule is locked; zero when
// it is not.
func (k *keeper) lockedUntil(rule any) (time.Time, error) {
	if k.retainer() == nil {
		return time.Time{}, nil
	}
	text, _ := rule.(string)
	return k.desk.bucket.Retention.Until(text, k.desk.Now())
}

// retain locks objects for as long as the rule says. It comes before the event that
// names them is queued: nothing is acknowledged that could still be deleted.
func (k *keeper) retain(ctx context.Context, objects objectSet, rule any) error {
	until, err := k.lockedUntil(rule)
	if err != nil || until.IsZero() {
		return err
	}
	return k.eachObject(ctx, objects, func(r store.Retainer, name evidence.ObjectName) error {
		return r.Retain(ctx, name, until)
	})
}

// objectsOf returns the objects of an item.
func objectsOf(it *Item) (objectSet, error) {
	objects := objectSet{}
	err := it.First().eachFile(func(_ int, v evidence.FileValue) error {
		objects.add(v)
		return nil
	})
	return objects, err
}

// holdObjects puts the store's legal hold on an item's objects before the hold is
// logged: one too many is taken off again with the release.
func (s *Session) holdObjects(ctx context.Context, it *Item) error {
	if s.DryRun || s.keeper.retainer() == nil {
		return nil
	}
	objects, err := objectsOf(it)
	if err != nil {
		return err
	}
	return s.keeper.eachObject(ctx, objects, func(r store.Retainer, name evidence.ObjectName) error {
		return r.Hold(ctx, name, true)
	})
}

// releaseObjects takes it off after the last release is logged.
func (s *Session) releaseObjects(ctx context.Context, done []Done) error {
	if s.keeper.retainer() == nil {
		return nil
	}
	for _, d := range done {
		if d.Entry == nil || d.Entry.Event.Action != evidence.Release || d.Waits {
			continue
		}
		it, err := s.Load(ctx, d.Entry.Event.Item)
		if err != nil {
			return err
		}
		if it.holds() > 0 || len(it.Erased) > 0 { // an erased event may have been one
			continue
		}
		objects, err := objectsOf(it)
		if err != nil {
			return err
		}
		err = s.keeper.eachObject(ctx, objects, func(r store.Retainer, name evidence.ObjectName) error {
			return r.Hold(ctx, name, false)
		})
		if err != nil {
			return fmt.Errorf("the release is logged; the store's hold stays: %w", err)
		}
	}
	return nil
}

// holds counts the holds that are not released.
func (it *Item) holds() (n int) {
	for _, e := range it.Entries {
		switch e.Event.Action {
		case evidence.Hold:
			n++
		case evidence.Release:
			n = max(0, n-1)
		}
	}
	return n
}

// unhold takes holds off objects that a logged disposal orders erased: no hold of the
// ledger is on them.
func (k *keeper) unhold(ctx context.Context, content []evidence.FileValue) error {
	objects := objectSet{}
	for _, v := range content {
		objects.add(v)
	}
	return k.eachObject(ctx, objects, func(r store.Retainer, name evidence.ObjectName) error {
		return r.Hold(ctx, name, false)
	})
}

// retainRewritten locks the packs that took the place of others.
func (k *keeper) retainRewritten(ctx context.Context, r *vault.Report) error {
	objects := objectSet{}
	for _, o := range r.Objects {
		if o.Rewritten != nil {
			objects[o.Object] = true
		}
	}
	return k.retain(ctx, objects, nil)
}
