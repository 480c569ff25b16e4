package s3

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/minio/minio-go/v7"

	"example.org/custody/evidence"
)

// upload is an object on its way in parts, and what a later process must know to
// finish it (spec/vault.md "Store in a bucket"). Services do not agree on how
// unfinished uploads are listed, so it is written down here.
type upload struct {
	ID   string `json:"id"`   // as the service calls it
	Mark string `json:"mark"` // in the object's metadata

	name evidence.ObjectName
	key  string
	have map[int]minio.ObjectPart // parts that the service has, by number
}

func (s *Store) recordFile(name evidence.ObjectName) string {
	return filepath.Join(s.o.Records, name.String())
}

// remember makes the upload durable before its first part is sent.
func (s *Store) remember(u *upload) error {
	if s.o.Records == "" {
		return nil
	}
	b, err := evidence.Canonical(u)
	if err != nil {
		return err
	}
	return s.o.Files.WriteFile(s.recordFile(u.name), b, 0o600)
}

// recall returns the unfinished upload of a name, nil when there is none.
func (s *Store) recall(name evidence.ObjectName) (*upload, error) {
	if s.o.Records == "" {
		return nil, nil
	}
	b, err := os.ReadFile(s.recordFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	u := &upload{name: name, key: s.key(name)}
	if err := json.Unmarshal(b, u); err != nil || u.ID == "" {
		return nil, nil // cut by a crash before anything was sent
	}
	return u, nil
}

// forget ends an upload: the service drops its parts, and the record goes. It
// succeeds when the service does not know it any more.
func (s *Store) forget(ctx context.Context, u *upload) error {
	err := s.ask(ctx, func(ctx context.Context) error {
		return s.core.AbortMultipartUpload(ctx, s.o.Location.Bucket, u.key, u.ID)
	})
	if err != nil && code(err) != minio.NoSuchUpload && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.strike(u.name)
}

// strike removes the record of an upload.
func (s *Store) strike(name evidence.ObjectName) error {
	if s.o.Records == "" {
		return nil
	}
	err := s.o.Files.Remove(s.recordFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// begin opens an upload, or goes on with the one that an earlier Put of this name
// left.
func (s *Store) begin(ctx context.Context, name evidence.ObjectName, mark string) (*upload, error) {
	u, err := s.recall(name)
	if err != nil {
		return nil, err
	}
	if u != nil {
		if err = s.parts(ctx, u); err == nil {
			return u, nil
		}
		if code(err) != minio.NoSuchUpload && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	u = &upload{Mark: mark, name: name, key: s.key(name)}
	err = s.ask(ctx, func(ctx context.Context) (err error) {
		u.ID, err = s.core.NewMultipartUpload(ctx, s.o.Location.Bucket, u.key, minio.PutObjectOptions{
			UserMetadata: map[string]string{markName: mark, "X-Amz-Checksum-Algorithm": "SHA256"},
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.remember(u); err != nil {
		return nil, errors.Join(fmt.Errorf("record of the upload: %w", err), s.forget(context.WithoutCancel(ctx), u))
	}
	return u, nil
}

// parts asks which parts of an upload the service has.
func (s *Store) parts(ctx context.Context, u *upload) error {
	u.have = map[int]minio.ObjectPart{}
	for marker := 0; ; {
		var r minio.ListObjectPartsResult
		err := s.ask(ctx, func(ctx context.Context) (err error) {
			r, err = s.core.ListObjectParts(ctx, s.o.Location.Bucket, u.key, u.ID, marker, 1000)
			return err
		})
		if err != nil {
			return err
		}
		for _, p := range r.ObjectParts {
			u.have[p.PartNumber] = p
		}
		if !r.IsTruncated || r.NextPartNumberMarker <= marker {
			return nil
		}
		marker = r.NextPartNumberMarker
	}
}
