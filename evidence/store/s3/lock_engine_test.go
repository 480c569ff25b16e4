//go:build engines

package s3_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/store/s3/s3test"
)

func put(t *testing.T, s *s3.Store, content []byte) evidence.ObjectName {
	t.Helper()
	name := evidence.NewObjectName()
	if _, err := s.Put(t.Context(), name, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return name
}

func holds(t *testing.T, s *s3.Store, name evidence.ObjectName, content []byte) {
	t.Helper()
	got, err := store.ReadAll(t.Context(), s, name, int64(len(content)))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("object %s: %d bytes of %d, %v", name, len(got), len(content), err)
	}
}

func TestEngineProbe(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		proxy := s3test.NewProxy(t, server)
		locked, plain := server.NewBucket(t, true), server.NewBucket(t, false)
		versioned := server.NewBucket(t, false)
		if err := server.Client(t).EnableVersioning(t.Context(), versioned.Bucket); err != nil {
			t.Fatal(err)
		}
		itself := server.NewBucket(t, true)
		mode, days, unit := minio.Governance, uint(1), minio.Days
		if err := server.Client(t).SetObjectLockConfig(t.Context(), itself.Bucket, &mode, &days, &unit); err != nil {
			t.Fatal(err)
		}
		nowhere := locked
		nowhere.Bucket += "-not"
		for name, c := range map[string]struct {
			in    s3.Location
			fault func(string, int) s3test.Fault
			set   func(*s3.Options)
			want  error
		}{
			"a bucket with a lock":           {in: locked},
			"a bucket that locks by itself":  {in: itself},
			"a bucket without":               {in: plain, want: s3.ErrNoLock},
			"a bucket with versions alone":   {in: versioned, want: s3.ErrNoLock},
			"that, in words":                 {in: versioned, set: func(o *s3.Options) { o.WithoutLock = true }},
			"without versions, in words":     {in: plain, set: func(o *s3.Options) { o.WithoutLock = true }, want: s3.ErrNoLock},
			"no such bucket":                 {in: nowhere, want: s3.ErrNoBucket},
			"another secret":                 {in: locked, set: func(o *s3.Options) { o.Credentials = credentials.NewStaticV4(s3test.Key, "another", "") }, want: s3.ErrCredentials},
			"it lets a delete through":       {in: locked, fault: only("DELETE object", 0, s3test.Pretend), want: s3.ErrLockBroken},
			"it lets that without a bypass":  {in: locked, fault: only("DELETE object", 2, s3test.Pretend), want: s3.ErrLockBroken},
			"it lets that with a bypass":     {in: locked, fault: only("DELETE object", 3, s3test.Pretend), want: s3.ErrLockBroken},
			"it lets a lock be shortened":    {in: locked, fault: only("PUT retention", 1, s3test.Pretend), want: s3.ErrLockBroken},
			"it lets a lock be weakened":     {in: locked, fault: only("PUT retention", 2, s3test.Pretend), want: s3.ErrLockBroken},
			"it compares no checksums":       {in: locked, fault: only("PUT object", 1, s3test.Gullible), want: s3.ErrChecksum},
			"it says 503":                    {in: locked, fault: only("PUT object", 0, s3test.Busy), want: s3.ErrBusy},
			"it says 503 once":               {in: locked, fault: only("PUT object", 2, s3test.Busy)},
			"it does not answer":             {in: locked, fault: only("GET versioning", 0, s3test.Refuse), want: s3.ErrUnreachable},
			"it stores and does not say so":  {in: locked, fault: only("PUT object", 2, s3test.HangUp)},
			"the locked bytes cannot be had": {in: locked, fault: only("GET object", 0, s3test.Refuse), want: s3.ErrLockBroken},
		} {
			t.Run(name, func(t *testing.T) {
				proxy.Set(c.fault)
				s := open(t, proxy.Before(c.in), func(o *s3.Options) {
					if c.want != nil { // where it must fail in the end
						o.Patience = 300 * time.Millisecond
					}
					if c.set != nil {
						c.set(o)
					}
				})
				if err := s.Probe(t.Context()); !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("%v, want %v", err, c.want)
				}
			})
		}
	})
}

// TestEngineSealedStays is what somebody can do who has the store's own credentials:
// nothing to the sealed bytes.
func TestEngineSealedStays(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		s, ctx := open(t, server.NewBucket(t, true), nil), t.Context()
		for _, size := range []int{100, 9 << 20} { // one part, several
			sealed := bytes.Repeat([]byte("sealed"), size/6)
			name := put(t, s, sealed)
			until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
			if err := s.Retain(ctx, name, until); err != nil {
				t.Fatal(err)
			}
			attack(t, server.Client(t), s, name, until)
			holds(t, s, name, sealed)
			if r, err := s.Retention(ctx, name); err != nil || !r.Until.Equal(until) || r.Held {
				t.Errorf("%+v, %v", r, err)
			}
			if err := s.Delete(ctx, name); !errors.Is(err, store.ErrRetained) {
				t.Errorf("delete: %v", err)
			}
			holds(t, s, name, sealed)
			if _, err := s.Put(ctx, name, bytes.NewReader(nil)); !errors.Is(err, store.ErrExists) {
				t.Errorf("put again: %v", err)
			}
		}
	})
}

// attack tries everything that S3 offers against one version.
func attack(t *testing.T, c *minio.Client, s *s3.Store, name evidence.ObjectName, until time.Time) {
	t.Helper()
	ctx := t.Context()
	bucket, key := s.Object(name)
	v, err := c.StatObject(ctx, bucket, key, minio.StatObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	compliance, governance, soon := minio.Compliance, minio.Governance, until.Add(-30*time.Minute)
	except := minio.PutObjectOptions{}
	except.SetMatchETagExcept("*")
	for what, try := range map[string]func() error{
		"delete": func() error {
			return c.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{VersionID: v.VersionID})
		},
		"delete with bypass": func() error {
			return c.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{VersionID: v.VersionID, GovernanceBypass: true})
		},
		"shorten": func() error {
			return c.PutObjectRetention(ctx, bucket, key, minio.PutObjectRetentionOptions{Mode: &compliance, RetainUntilDate: &soon, VersionID: v.VersionID, GovernanceBypass: true})
		},
		"weaken": func() error {
			return c.PutObjectRetention(ctx, bucket, key, minio.PutObjectRetentionOptions{Mode: &governance, RetainUntilDate: &until, VersionID: v.VersionID, GovernanceBypass: true})
		},
		"take the lock off": func() error {
			return c.PutObjectRetention(ctx, bucket, key, minio.PutObjectRetentionOptions{VersionID: v.VersionID, GovernanceBypass: true})
		},
		"overwrite what must not exist": func() error {
			_, err := c.PutObject(ctx, bucket, key, bytes.NewReader([]byte("forged")), 6, except)
			return err
		},
		"delete the bucket": func() error { return c.RemoveBucket(ctx, bucket) },
	} {
		if err := try(); minio.ToErrorResponse(err).Code == "" {
			t.Errorf("%s: the server says %v", what, err)
		}
	}
	// What S3 accepts by its rules makes a version beside the sealed one, or a marker.
	if _, err := c.PutObject(ctx, bucket, key, bytes.NewReader([]byte("forged")), 6, minio.PutObjectOptions{}); err != nil {
		t.Errorf("put over it: %v", err)
	}
	if err := c.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{}); err != nil {
		t.Errorf("delete marker: %v", err)
	}
	c.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{ForceDelete: true}) // one says yes and does not do it
	if err := c.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{VersionID: v.VersionID, GovernanceBypass: true}); minio.ToErrorResponse(err).Code == "" {
		t.Errorf("delete what others were put over: the server says %v", err)
	}
}

func TestEngineHold(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		s, ctx := open(t, server.NewBucket(t, true), nil), t.Context()
		name := put(t, s, []byte("held"))
		for range 2 { // a second hold changes nothing
			if err := s.Hold(ctx, name, true); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := s.Retention(ctx, name); err != nil || !r.Held || !r.Until.IsZero() {
			t.Errorf("%+v, %v", r, err)
		}
		bucket, key := s.Object(name)
		v, err := server.Client(t).StatObject(ctx, bucket, key, minio.StatObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Client(t).RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{VersionID: v.VersionID}); minio.ToErrorResponse(err).Code == "" {
			t.Errorf("the server lets go of what is held: %v", err)
		}
		if err := s.Delete(ctx, name); !errors.Is(err, store.ErrRetained) {
			t.Errorf("delete: %v", err)
		}
		holds(t, s, name, []byte("held"))
		if err := s.Hold(ctx, name, false); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(ctx, name); err != nil {
			t.Errorf("delete after the hold: %v", err)
		}
		if err := s.Hold(ctx, name, true); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("hold of nothing: %v", err)
		}
	})
}

func TestEngineRetainNeverShortens(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		s, ctx := open(t, server.NewBucket(t, true), nil), t.Context()
		name := put(t, s, []byte("kept"))
		now := time.Now().UTC().Truncate(time.Second)
		for _, c := range []struct{ ask, want time.Duration }{{time.Hour, time.Hour}, {time.Minute, time.Hour}, {48 * time.Hour, 48 * time.Hour}} {
			if err := s.Retain(ctx, name, now.Add(c.ask)); err != nil {
				t.Fatal(err)
			}
			if r, err := s.Retention(ctx, name); err != nil || !r.Until.Equal(now.Add(c.want)) {
				t.Errorf("asked for %s: %+v, %v", c.ask, r, err)
			}
		}
	})
}

func TestEngineLink(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		s := open(t, server.NewBucket(t, true), nil)
		name := put(t, s, []byte("for a reader"))
		bucket, key := s.Object(name)
		if _, err := server.Client(t).PutObject(t.Context(), bucket, key, bytes.NewReader([]byte("forged")), 6, minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
		link, err := s.Link(t.Context(), name, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if status, got := fetch(t, link.String()); status != http.StatusOK || got != "for a reader" {
			t.Errorf("%d %q", status, got)
		}
		if link, err = s.Link(t.Context(), name, time.Second); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); ; { // until its second is over
			if status, _ := fetch(t, link.String()); status == http.StatusForbidden || status == http.StatusBadRequest {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("a link of one second is still good after a minute")
			}
		}
		for _, d := range []time.Duration{0, s3.MaxLink + 1} {
			if _, err := s.Link(t.Context(), name, d); !errors.Is(err, s3.ErrLink) {
				t.Errorf("link for %s: %v", d, err)
			}
		}
	})
}

func fetch(t *testing.T, address string) (status int, body string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}
