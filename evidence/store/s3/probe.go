package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/minio/minio-go/v7"
)

// probeLock is how long what the probe puts is locked. It stays a little longer: the
// probe after the next minute takes it away.
const probeLock = time.Minute

// Probe finds out whether the service does what evidence needs of it, by trying:
// the bucket is versioned; a part with a wrong checksum is refused; a version without a
// lock can be deleted, so that what is refused next is refused for the lock; a version
// under a short lock in compliance mode can neither be deleted, as that one was, nor be
// locked less, not even by the owner who asks for a bypass, and its bytes stay.
//
// It returns [ErrNoBucket], [ErrNoLock], [ErrLockBroken], [ErrChecksum],
// [ErrCredentials], [ErrDenied], [ErrUnreachable] or [ErrBusy]. With WithoutLock the lock is not
// asked about.
func (s *Store) Probe(ctx context.Context) error {
	locks, err := s.bucket(ctx)
	if err != nil {
		return err
	}
	if err := s.sweepProbes(ctx); err != nil {
		return err
	}
	if err := s.probeChecksum(ctx); err != nil || s.o.WithoutLock {
		return err
	}
	if !locks {
		if err := s.probeDelete(ctx); err != nil {
			return err
		}
	}
	return s.probeLock(ctx)
}

// bucket asks what the bucket says of itself. locks reports that it locks what is put
// there, whether asked to or not.
func (s *Store) bucket(ctx context.Context) (locks bool, err error) {
	var versioning minio.BucketVersioningConfiguration
	err = s.ask(ctx, func(ctx context.Context) (err error) {
		versioning, err = s.core.GetBucketVersioning(ctx, s.o.Location.Bucket)
		return err
	})
	if err != nil {
		return false, err
	}
	if !versioning.Enabled() {
		return false, fmt.Errorf("%w: bucket %s is not versioned", ErrNoLock, s.o.Location.Bucket)
	}
	if s.o.WithoutLock {
		return false, nil
	}
	var lock string
	var mode *minio.RetentionMode
	err = s.ask(ctx, func(ctx context.Context) (err error) {
		lock, mode, _, _, err = s.core.GetObjectLockConfig(ctx, s.o.Location.Bucket)
		return err
	})
	if code(err) == "ObjectLockConfigurationNotFoundError" || err == nil && lock != "Enabled" {
		return false, fmt.Errorf("%w: bucket %s", ErrNoLock, s.o.Location.Bucket)
	}
	return mode != nil && *mode != "", err // versitygw names an empty one where there is none
}

func (s *Store) probeKey() string { return s.o.Location.key("probe/" + rand.Text()) }

// probeChecksum sends bytes with the sum of others.
func (s *Store) probeChecksum(ctx context.Context) error {
	key := s.probeKey()
	_, err := s.putProbe(ctx, key, minio.PutObjectOptions{UserMetadata: map[string]string{checksumHeader: checksum([]byte("others"))}})
	if err == nil {
		return fmt.Errorf("%w: it took an object with a wrong one", ErrChecksum)
	}
	if errors.Is(err, ErrUnreachable) || errors.Is(err, ErrBusy) || code(err) == "" {
		return err
	}
	return nil
}

var probeBytes = []byte("custody: is a lock kept here?")

func (s *Store) putProbe(ctx context.Context, key string, o minio.PutObjectOptions) (version string, err error) {
	o.DisableContentSha256 = true
	err = s.ask(ctx, func(ctx context.Context) error {
		return s.withBody(probeBytes, func(r io.Reader) error {
			info, err := s.core.PutObject(ctx, s.o.Location.Bucket, key, r, int64(len(probeBytes)), "", "", o)
			version = info.VersionID
			return err
		})
	})
	return version, err
}

// probeDelete deletes an object that it has put without a lock.
func (s *Store) probeDelete(ctx context.Context) error {
	key := s.probeKey()
	version, err := s.putProbe(ctx, key, minio.PutObjectOptions{UserMetadata: map[string]string{checksumHeader: checksum(probeBytes)}})
	if err != nil {
		return fmt.Errorf("an object without a lock: %w", err)
	}
	err = s.ask(ctx, func(ctx context.Context) error {
		return s.core.RemoveObject(ctx, s.o.Location.Bucket, key, minio.RemoveObjectOptions{VersionID: version})
	})
	if err != nil {
		return fmt.Errorf("delete an object without a lock: %w", err)
	}
	return nil
}

// probeLock locks an object and tries to be rid of the lock in every way.
func (s *Store) probeLock(ctx context.Context) error {
	key, until := s.probeKey(), time.Now().Add(probeLock).UTC().Truncate(time.Second)
	version, err := s.putProbe(ctx, key, minio.PutObjectOptions{
		Mode: minio.Compliance, RetainUntilDate: until, UserMetadata: map[string]string{checksumHeader: checksum(probeBytes)},
	})
	if err != nil {
		return fmt.Errorf("an object under a lock of %s: %w", probeLock, err)
	}
	if version == "" {
		return fmt.Errorf("%w: what is put there has no version", ErrNoLock)
	}
	compliance, governance, soon := minio.Compliance, minio.Governance, until.Add(-probeLock/2)
	for _, try := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"a locked version could be deleted", func(ctx context.Context) error {
			return s.core.RemoveObject(ctx, s.o.Location.Bucket, key, minio.RemoveObjectOptions{VersionID: version})
		}},
		{"a locked version could be deleted with a bypass", func(ctx context.Context) error {
			return s.core.RemoveObject(ctx, s.o.Location.Bucket, key, minio.RemoveObjectOptions{VersionID: version, GovernanceBypass: true})
		}},
		{"a lock could be shortened", func(ctx context.Context) error {
			return s.relock(ctx, key, version, compliance, soon)
		}},
		{"a lock could be weakened", func(ctx context.Context) error {
			return s.relock(ctx, key, version, governance, until)
		}},
	} {
		switch err := s.ask(ctx, try.do); {
		case err == nil:
			return fmt.Errorf("%w: %s", ErrLockBroken, try.what)
		case errors.Is(err, ErrUnreachable) || errors.Is(err, ErrBusy) || code(err) == "":
			return err
		}
	}
	return s.stillThere(ctx, key, version)
}

func (s *Store) relock(ctx context.Context, key, version string, mode minio.RetentionMode, until time.Time) error {
	return s.core.PutObjectRetention(ctx, s.o.Location.Bucket, key, minio.PutObjectRetentionOptions{
		Mode: &mode, RetainUntilDate: &until, VersionID: version, GovernanceBypass: true,
	})
}

// stillThere reads what the probe has put and others have tried to take away.
func (s *Store) stillThere(ctx context.Context, key, version string) error {
	got := make([]byte, len(probeBytes))
	o := &object{s: s, key: key, version: version, size: int64(len(got)), ctx: ctx}
	if err := o.fetch(got, 0); errors.Is(err, ErrDenied) {
		return err
	} else if err != nil {
		return fmt.Errorf("%w: the delete was refused, and it is gone: %w", ErrLockBroken, err)
	}
	if !bytes.Equal(got, probeBytes) {
		return fmt.Errorf("%w: other bytes are there", ErrLockBroken)
	}
	return nil
}

// sweepProbes takes away what earlier probes left, once it is not locked any more.
func (s *Store) sweepProbes(ctx context.Context) error {
	var old []minio.ObjectInfo
	err := s.ask(ctx, func(ctx context.Context) error {
		old = nil
		for v := range s.core.ListObjectsIter(ctx, s.o.Location.Bucket, minio.ListObjectsOptions{Prefix: s.o.Location.key("probe/"), WithVersions: true, Recursive: true}) {
			if v.Err != nil {
				return v.Err
			}
			if time.Since(v.LastModified) > 2*probeLock {
				old = append(old, v)
			}
		}
		return ctx.Err()
	})
	for _, v := range old {
		s.remove(ctx, v) // best effort: another process may sweep, too
	}
	return err
}

// MakeBucket makes the bucket with versions and object lock. One that the same owner
// has already is left as it is: [Store.Probe] says whether it will do.
func (s *Store) MakeBucket(ctx context.Context) error {
	err := s.ask(ctx, func(ctx context.Context) error {
		return s.core.MakeBucket(ctx, s.o.Location.Bucket, minio.MakeBucketOptions{Region: s.o.Location.Region, ObjectLocking: true})
	})
	if code(err) == "BucketAlreadyOwnedByYou" {
		return nil
	}
	return err
}
