package s3

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"time"

	"github.com/minio/minio-go/v7"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// versions returns every version of a key, newest first, delete markers among them.
func (s *Store) versions(ctx context.Context, key string) (all []minio.ObjectInfo, err error) {
	err = s.ask(ctx, func(ctx context.Context) error {
		all = nil
		for v := range s.core.ListObjectsIter(ctx, s.o.Location.Bucket, minio.ListObjectsOptions{Prefix: key, WithVersions: true, Recursive: true}) {
			if v.Err != nil {
				return v.Err
			}
			if v.Key == key {
				all = append(all, v)
			}
		}
		return ctx.Err()
	})
	return all, err
}

// first returns the oldest of the versions that is no delete marker.
func first(versions []minio.ObjectInfo) (v minio.ObjectInfo, ok bool) {
	for i := len(versions) - 1; i >= 0; i-- {
		if !versions[i].IsDeleteMarker {
			return versions[i], true
		}
	}
	return v, false
}

// find returns the version that is the object. Without one the error wraps
// [fs.ErrNotExist].
func (s *Store) find(ctx context.Context, name evidence.ObjectName) (minio.ObjectInfo, error) {
	all, err := s.versions(ctx, s.key(name))
	if err != nil {
		return minio.ObjectInfo{}, err
	}
	v, ok := first(all)
	if !ok {
		return v, fmt.Errorf("object %s: %w", name, fs.ErrNotExist)
	}
	return v, nil
}

// Stat implements [store.Store].
func (s *Store) Stat(ctx context.Context, name evidence.ObjectName) (store.Info, error) {
	v, err := s.find(ctx, name)
	if err != nil {
		return store.Info{}, err
	}
	return info(name, v), nil
}

func info(name evidence.ObjectName, v minio.ObjectInfo) store.Info {
	return store.Info{Name: name, Size: v.Size, Stored: v.LastModified.UTC().Truncate(time.Millisecond)}
}

// errEnough ends a listing whose reader has seen enough.
var errEnough = errors.New("enough")

// List implements [store.Store]. A key that is not named like an object is none. A
// service that fails on the way is asked again for what is behind the last key.
func (s *Store) List(ctx context.Context) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		after := ""
		err := s.ask(ctx, func(ctx context.Context) error {
			return s.listAfter(ctx, &after, func(i store.Info) bool { return yield(i, nil) })
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(store.Info{}, err)
		}
	}
}

// listAfter gives each the objects whose keys are behind after, and moves that on.
func (s *Store) listAfter(ctx context.Context, after *string, each func(store.Info) bool) error {
	var oldest store.Info // of the key at, once it has one
	at, there := "", false
	give := func() error {
		if at != "" {
			*after = at
		}
		if there && !each(oldest) {
			return errEnough
		}
		return nil
	}
	o := minio.ListObjectsOptions{Prefix: s.o.Location.key("objects/"), WithVersions: true, Recursive: true, StartAfter: *after}
	for v := range s.core.ListObjectsIter(ctx, s.o.Location.Bucket, o) {
		if v.Err != nil {
			return v.Err
		}
		name, ok := s.parseKey(v.Key)
		if !ok || v.IsDeleteMarker || v.Key <= *after {
			continue
		}
		if v.Key != at {
			if err := give(); err != nil {
				return err
			}
			at = v.Key
		}
		oldest, there = info(name, v), true
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return give()
}

// parseKey returns the name of the object with that key.
func (s *Store) parseKey(key string) (name evidence.ObjectName, ok bool) {
	if len(key) < 2*len(name) {
		return name, false
	}
	name, err := evidence.ParseObjectName(key[len(key)-2*len(name):])
	return name, err == nil && s.key(name) == key
}
