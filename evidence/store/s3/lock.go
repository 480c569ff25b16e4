package s3

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/minio/minio-go/v7"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// errLocked reports a version that its lock keeps.
var errLocked = errors.New("version is locked")

// Retain implements [store.Retainer]: the object cannot be deleted before until, by
// anyone, whatever their rights (compliance mode). A later date that it has already
// stays.
func (s *Store) Retain(ctx context.Context, name evidence.ObjectName, until time.Time) error {
	v, have, err := s.locked(ctx, name)
	if err != nil || !have.Until.Before(until.Truncate(time.Second)) {
		return err
	}
	mode, until := minio.Compliance, until.UTC().Truncate(time.Second)
	err = s.ask(ctx, func(ctx context.Context) error {
		return s.core.PutObjectRetention(ctx, s.o.Location.Bucket, v.Key, minio.PutObjectRetentionOptions{
			Mode: &mode, RetainUntilDate: &until, VersionID: v.VersionID,
		})
	})
	if err != nil {
		return fmt.Errorf("lock object %s: %w", name, err)
	}
	v, have, err = s.locked(ctx, name)
	if err == nil && have.Until.Before(until) {
		if err := s.mayAsk(ctx, v, "retention"); err != nil {
			return err
		}
		err = fmt.Errorf("object %s is locked until %s, not %s: %w", name, have.Until.Format(time.RFC3339), until.Format(time.RFC3339), ErrLockBroken)
	}
	return err
}

// Hold implements [store.Retainer].
func (s *Store) Hold(ctx context.Context, name evidence.ObjectName, on bool) error {
	v, have, err := s.locked(ctx, name)
	if err != nil || have.Held == on {
		return err
	}
	status := minio.LegalHoldDisabled
	if on {
		status = minio.LegalHoldEnabled
	}
	err = s.ask(ctx, func(ctx context.Context) error {
		return s.core.PutObjectLegalHold(ctx, s.o.Location.Bucket, v.Key, minio.PutObjectLegalHoldOptions{VersionID: v.VersionID, Status: &status})
	})
	if err != nil {
		return fmt.Errorf("legal hold of object %s: %w", name, err)
	}
	if v, have, err = s.locked(ctx, name); err == nil && have.Held != on {
		if err := s.mayAsk(ctx, v, "legal-hold"); err != nil {
			return err
		}
		err = fmt.Errorf("legal hold of object %s: %w", name, ErrLockBroken)
	}
	return err
}

// Retention implements [store.Retainer].
func (s *Store) Retention(ctx context.Context, name evidence.ObjectName) (store.Retention, error) {
	_, r, err := s.locked(ctx, name)
	return r, err
}

// locked returns the version that is the object, and its lock.
func (s *Store) locked(ctx context.Context, name evidence.ObjectName) (minio.ObjectInfo, store.Retention, error) {
	v, err := s.find(ctx, name)
	if err != nil {
		return v, store.Retention{}, err
	}
	r, err := s.lockOf(ctx, v)
	return v, r, err
}

// Delete implements [store.Store]: every version of the key goes, the oldest last.
// What the lock keeps is not even tried, so that a service which would let it happen
// does no harm here.
func (s *Store) Delete(ctx context.Context, name evidence.ObjectName) error {
	if s.o.ReadOnly {
		return store.ErrReadOnly
	}
	naming := &s.naming[name[0]]
	naming.Lock()
	defer naming.Unlock()
	u, err := s.recall(name)
	if err == nil && u != nil {
		err = s.forget(ctx, u)
	}
	if err != nil {
		return err
	}
	all, err := s.versions(ctx, s.key(name))
	if err != nil {
		return err
	}
	oldest, there := first(all)
	if !there {
		err = fmt.Errorf("object %s: %w", name, fs.ErrNotExist)
	}
	for _, v := range all {
		switch e := s.remove(ctx, v); {
		case errors.Is(e, errLocked) && v.VersionID == oldest.VersionID:
			err = fmt.Errorf("object %s: %w", name, store.ErrRetained)
		case e != nil && !errors.Is(e, errLocked):
			return fmt.Errorf("delete object %s: %w", name, e)
		}
	}
	return err
}

// remove takes one version away, unless it is locked. What the service refuses to
// remove, for whatever reason, and what is still there, counts as locked.
func (s *Store) remove(ctx context.Context, v minio.ObjectInfo) error {
	if !v.IsDeleteMarker {
		r, err := s.lockOf(ctx, v)
		if err != nil {
			return err
		}
		if r.Held || r.Until.After(time.Now()) {
			return errLocked
		}
	}
	err := s.ask(ctx, func(ctx context.Context) error {
		return s.core.RemoveObject(ctx, s.o.Location.Bucket, v.Key, minio.RemoveObjectOptions{VersionID: v.VersionID})
	})
	switch code(err) {
	case minio.AccessDenied, "InvalidRequest", "ObjectLocked":
		if _, there := s.head(ctx, v); there == nil {
			return fmt.Errorf("%w: %w", errLocked, err)
		}
	}
	return err
}
