package s3

import (
	"context"
	"net/url"
	"time"

	"example.org/custody/evidence"
)

// Link returns an address from which anybody can fetch the object's ciphertext until
// the time is over, without credentials: whoever has the object's key reads it. It
// names the version, so that nothing put over it is served. It returns [ErrLink], or
// an error that wraps [fs.ErrNotExist].
func (s *Store) Link(ctx context.Context, name evidence.ObjectName, good time.Duration) (*url.URL, error) {
	if good < time.Second || good > MaxLink {
		return nil, ErrLink
	}
	v, err := s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.core.PresignedGetObject(ctx, s.o.Location.Bucket, v.Key, good, url.Values{"versionId": {v.VersionID}})
}
