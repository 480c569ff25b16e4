package s3

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// markName is the metadata in which every Put leaves a random mark.
const markName = "Custody-Put"

// untaken returns [store.ErrExists] when the name has an object.
func (s *Store) untaken(ctx context.Context, name evidence.ObjectName) error {
	all, err := s.versions(ctx, s.key(name))
	if err != nil {
		return err
	}
	if _, taken := first(all); taken {
		return store.ErrExists
	}
	return nil
}

// single stores an object of one part.
func (p *putting) single(ctx context.Context) (digest evidence.Hash, size int64, err error) {
	var content []byte
	if p.current != nil {
		content = p.current.bytes()
	}
	sum := checksum(content)
	err = p.take(ctx, p.name, p.mark, int64(len(content)), func(ctx context.Context) (info minio.UploadInfo, err error) {
		o := minio.PutObjectOptions{
			DisableContentSha256: true,
			UserMetadata:         map[string]string{markName: p.mark, checksumHeader: sum},
		}
		o.SetMatchETagExcept("*")
		err = p.withBody(content, func(r io.Reader) error {
			info, err = p.core.PutObject(ctx, p.o.Location.Bucket, p.key(p.name), r, int64(len(content)), "", "", o)
			return err
		})
		if err == nil && info.ChecksumSHA256 != "" && info.ChecksumSHA256 != sum {
			err = fmt.Errorf("it says %s and was sent %s: %w", info.ChecksumSHA256, sum, ErrChecksum)
		}
		return info, err
	})
	if err == nil {
		err = p.forgetOld(ctx)
	}
	return sha256.Sum256(content), int64(len(content)), err
}

// forgetOld ends an upload that an earlier Put of this name left.
func (p *putting) forgetOld(ctx context.Context) error {
	u, err := p.recall(p.name)
	if u == nil || err != nil {
		return err
	}
	return p.forget(ctx, u)
}

// complete makes the object of its parts.
func (p *putting) complete(ctx context.Context) error {
	slices.SortFunc(p.parts, func(a, b minio.CompletePart) int { return a.PartNumber - b.PartNumber })
	sum := compositeChecksum(p.parts)
	err := p.take(ctx, p.name, p.up.Mark, p.size, func(ctx context.Context) (minio.UploadInfo, error) {
		var o minio.PutObjectOptions
		o.SetMatchETagExcept("*")
		info, err := p.core.CompleteMultipartUpload(joining(ctx, p.size), p.o.Location.Bucket, p.up.key, p.up.ID, p.parts, o)
		if err == nil && info.ChecksumSHA256 != "" && info.ChecksumSHA256 != sum && info.ChecksumSHA256 != strings.SplitN(sum, "-", 2)[0] {
			err = fmt.Errorf("it says %s, the parts sent say %s: %w", info.ChecksumSHA256, sum, ErrChecksum)
		}
		return info, err
	})
	if err != nil {
		return err
	}
	return p.strike(p.name)
}

// take gives a name its object. Within this process one at a time takes a name;
// against other processes If-None-Match guards it, and where a service lets two
// through, the older version is the object. An answer that was lost is looked for; and what a
// service says to the same question again, while it still joins the parts, may be that it is
// done, or that it knows no such upload.
func (s *Store) take(ctx context.Context, name evidence.ObjectName, mark string, size int64, do func(context.Context) (minio.UploadInfo, error)) error {
	naming := &s.naming[name[0]]
	naming.Lock()
	defer naming.Unlock()
	if err := s.untaken(ctx, name); err != nil {
		return err
	}
	tries := 0
	err := s.ask(ctx, func(ctx context.Context) error {
		if tries > 0 { // the one before may have been done
			if found, err := s.marked(ctx, name, mark); found || err != nil {
				return err
			}
		}
		tries++
		_, err := do(ctx)
		return err
	})
	switch {
	case tries > 1 && (err == nil || code(err) == minio.NoSuchUpload):
		if err := s.appears(ctx, name, mark, size); err != nil {
			return err
		}
	case err == nil:
	case code(err) == minio.PreconditionFailed, code(err) == minio.NoSuchUpload:
		found, look := s.marked(ctx, name, mark)
		if look != nil {
			return look
		}
		if !found && code(err) == minio.PreconditionFailed {
			return store.ErrExists
		}
		if !found {
			return fmt.Errorf("the upload: %w: %w", ErrLost, err)
		}
	case code(err) == "InvalidPart", code(err) == "InvalidPartOrder", code(err) == "EntityTooSmall":
		return fmt.Errorf("a part: %w: %w", ErrLost, err)
	default:
		return err
	}
	return s.confirm(ctx, name, mark, size)
}

// errNotYet reports an object that a service was asked for, without an answer, and that is not
// there.
var errNotYet = errors.New("it did not say what became of an object, which is not there yet")

// appears waits for an object whose making was not answered: as long as a service is asked
// again, and as it may take to join the parts.
func (s *Store) appears(ctx context.Context, name evidence.ObjectName, mark string, size int64) error {
	var failed error
	err := s.askFor(ctx, s.o.Patience+joinTime(size), func(ctx context.Context) error {
		var found bool
		if found, failed = s.marked(looking(ctx), name, mark); !found && failed == nil {
			return errNotYet
		}
		return nil
	})
	return errors.Join(failed, err)
}

// confirm looks at what the name leads to after it was taken.
func (s *Store) confirm(ctx context.Context, name evidence.ObjectName, mark string, size int64) error {
	all, err := s.versions(ctx, s.key(name))
	if err != nil {
		return err
	}
	v, there := first(all)
	if !there {
		return fmt.Errorf("object %s: %w", name, ErrLost)
	}
	ours, err := s.markOf(ctx, v)
	switch {
	case err != nil:
		return err
	case ours != mark:
		return errors.Join(store.ErrExists, s.withdraw(ctx, all, mark))
	case v.Size != size:
		return fmt.Errorf("object %s has %d bytes of %d: %w", name, v.Size, size, ErrLost)
	}
	return nil
}

// withdraw removes the version that lost a race which the service did not decide.
func (s *Store) withdraw(ctx context.Context, all []minio.ObjectInfo, mark string) error {
	for _, v := range all {
		if v.IsDeleteMarker {
			continue
		}
		got, err := s.markOf(ctx, v)
		if err == nil && got == mark {
			err = s.remove(ctx, v)
		}
		if err != nil && !errors.Is(err, errLocked) {
			return err
		}
	}
	return nil
}

// marked reports whether a version of the name carries the mark.
func (s *Store) marked(ctx context.Context, name evidence.ObjectName, mark string) (bool, error) {
	all, err := s.versions(ctx, s.key(name))
	if err != nil {
		return false, err
	}
	for _, v := range all {
		if v.IsDeleteMarker {
			continue
		}
		if got, err := s.markOf(ctx, v); err != nil || got == mark {
			return err == nil, err
		}
	}
	return false, nil
}

func (s *Store) markOf(ctx context.Context, v minio.ObjectInfo) (string, error) {
	h, err := s.head(ctx, v)
	return h.Get("X-Amz-Meta-" + markName), err
}

// head returns what the service says of one version.
func (s *Store) head(ctx context.Context, v minio.ObjectInfo) (h http.Header, err error) {
	err = s.ask(ctx, func(ctx context.Context) error {
		info, err := s.core.StatObject(ctx, s.o.Location.Bucket, v.Key, minio.StatObjectOptions{VersionID: v.VersionID})
		h = info.Headers
		return err
	})
	return h, err
}
