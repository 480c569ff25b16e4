//go:build engines

package s3_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/minio/minio-go/v7"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/store/s3/s3test"
	"example.org/custody/evidence/vault"
)

// secret is what must not be found in the bucket.
const secret = "the witness lives behind the mill; "

// newVault returns a vault over the store.
func newVault(t *testing.T, s *s3.Store) *vault.Vault {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "vault")
	if err := vault.Create(dir, durable.Files{}); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), dir, vault.Options{Store: s, Identity: id, Recipients: []*age.X25519Recipient{id.Recipient()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

// ingest takes in one small file and one of several parts.
func ingest(t *testing.T, v *vault.Vault) (values []evidence.FileValue) {
	t.Helper()
	dir := t.TempDir()
	for name, times := range map[string]int{"small.txt": 10, "large.txt": 500_000} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat(secret, times)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source, err := evidence.OpenSource(filepath.Join(dir, "small.txt"), filepath.Join(dir, "large.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	found, err := evidence.Walk(source)
	if err != nil {
		t.Fatal(err)
	}
	err = v.Ingest(t.Context(), vault.Intake{Source: source, Found: found, Which: evidence.WithSHA256, Each: func(f evidence.FileValue) error {
		values = append(values, f)
		return nil
	}})
	if err == nil {
		err = v.Commit(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// TestEngineErasure is design's second idea with the lock on: what is erased cannot be
// opened by anybody here, the ciphertext stays, and the report says so.
func TestEngineErasure(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		s, ctx := open(t, server.NewBucket(t, true), nil), t.Context()
		v := newVault(t, s)
		values := ingest(t, v)
		before := map[evidence.ObjectName][]byte{}
		for _, f := range values {
			if err := s.Retain(ctx, f.Stored.Object, time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			before[f.Stored.Object] = ciphertext(t, s, f.Stored.Object)
		}
		r, err := v.Erase(ctx, vault.Erasure{Files: values})
		if err != nil || r.Done == nil || len(r.Objects) != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		for _, o := range r.Objects {
			if !o.Kept {
				t.Errorf("object %s: the report does not say that the store keeps it", o.Object)
			}
			if !bytes.Equal(ciphertext(t, s, o.Stored), before[o.Stored]) {
				t.Errorf("object %s is not what was stored", o.Stored)
			}
		}
		for _, f := range values {
			if _, err := v.Open(ctx, f); !errors.Is(err, vault.ErrNoKey) {
				t.Errorf("%s opens after its erasure: %v", f.Path, err)
			}
			if has, err := v.HasKey(ctx, f.Stored.Object); has || err != nil {
				t.Errorf("the key of %s is there: %v", f.Path, err)
			}
		}
	})
}

func ciphertext(t *testing.T, s *s3.Store, name evidence.ObjectName) []byte {
	t.Helper()
	o, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	b, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEngineOnlyCiphertext looks through everything that a sealing leaves in the
// bucket, keys and metadata too.
func TestEngineOnlyCiphertext(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		s, ctx, c := open(t, server.NewBucket(t, true), nil), t.Context(), server.Client(t)
		ingest(t, newVault(t, s))
		bucket, seen := s.Location().Bucket, 0
		for at := range c.ListObjects(ctx, bucket, minio.ListObjectsOptions{WithVersions: true, Recursive: true}) {
			if at.Err != nil {
				t.Fatal(at.Err)
			}
			o, err := c.GetObject(ctx, bucket, at.Key, minio.GetObjectOptions{VersionID: at.VersionID})
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(o)
			if err != nil {
				t.Fatal(err)
			}
			info, err := o.Stat()
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if !bytes.HasPrefix(b, []byte("age-encryption.org/v1\n-> X25519 ")) || bytes.Contains(b, []byte("witness")) {
				t.Errorf("%s is not one age file", at.Key)
			}
			if len(info.UserMetadata) != 1 || len(info.UserMetadata["Custody-Put"]) != 26 {
				t.Errorf("%s has metadata %v", at.Key, info.UserMetadata)
			}
			if _, err := evidence.ParseObjectName(at.Key[strings.LastIndex(at.Key, "/")+1:]); err != nil {
				t.Errorf("the key %s says something", at.Key)
			}
		}
		if seen != 2 {
			t.Errorf("%d objects in the bucket, want 2", seen)
		}
	})
}
