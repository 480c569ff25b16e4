package s3test

import (
	"context"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/s3"
)

// region is what both servers take for theirs.
const region = "us-east-1"

// Credentials returns the owner's.
func Credentials() *credentials.Credentials { return credentials.NewStaticV4(Key, Secret, "") }

// Client returns a client of the owner beside the store: what an attacker with the
// store's own credentials has.
func (s *Server) Client(t testing.TB) *minio.Client {
	t.Helper()
	c, err := s.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// NewClient is [Server.Client] for what has no test at hand.
func (s *Server) NewClient() (*minio.Client, error) {
	return minio.New(s.Endpoint[len("http://"):], &minio.Options{Creds: Credentials(), Region: region, MaxRetries: 1})
}

// NewBucket makes a bucket that nobody else uses, with object lock or, for those who
// must be refused, without.
func (s *Server) NewBucket(t testing.TB, lock bool) s3.Location {
	t.Helper()
	l := s3.Location{Bucket: "evidence-" + evidence.NewObjectName().String()[:12], Endpoint: s.Endpoint, Prefix: "desk", Region: region}
	if err := s.Client(t).MakeBucket(context.Background(), l.Bucket, minio.MakeBucketOptions{ObjectLocking: lock}); err != nil {
		t.Fatal(err)
	}
	return l
}
