//go:build engines

package s3_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/store/s3/s3test"
)

// TestEngineRights does all that a desk does with the rights that the page says its
// credentials need, and no others; and each of them is needed.
func TestEngineRights(t *testing.T) {
	server := s3test.Start(t, s3test.MinIO) // which makes credentials with rights by a plain call
	all := rights(t)
	if err := useAll(t, server, all); err != nil {
		t.Errorf("with all of them: %v", err)
	}
	for i, right := range all {
		err := useAll(t, server, slices.Delete(slices.Clone(all), i, i+1))
		want := s3.ErrDenied
		if right == "AbortMultipartUpload" { // which is best effort
			want = errLeft
		}
		if !errors.Is(err, want) {
			t.Errorf("without %s: %v, want %v", right, err, want)
		}
	}
}

var errLeft = errors.New("parts are left")

// rights are those that the page lists.
func rights(t *testing.T) (all []string) {
	t.Helper()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^- \*\*Rights\*\* of the desk's credentials: (.*?)\. `).FindStringSubmatch(string(page))
	if line == nil {
		t.Fatal("the page lists none")
	}
	for _, m := range regexp.MustCompile("`(?:s3:)?([A-Za-z]+)`").FindAllStringSubmatch(line[1], -1) {
		all = append(all, m[1])
	}
	return all
}

// withRights returns credentials that may do this in one bucket and nothing else.
func withRights(t *testing.T, server *s3test.Server, bucket string, rights []string) *credentials.Credentials {
	t.Helper()
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": strings.Split("s3:"+strings.Join(rights, " s3:"), " "),
		"Resource": []string{"arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := credentials.NewSTSAssumeRole(server.Endpoint, credentials.STSAssumeRoleOptions{
		AccessKey: s3test.Key, SecretKey: s3test.Secret, Policy: string(policy), DurationSeconds: 3600,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// useAll does what a desk does, and returns the first thing that it may not.
func useAll(t *testing.T, server *s3test.Server, rights []string) error {
	t.Helper()
	l := server.NewBucket(t, true)
	proxy := s3test.NewProxy(t, server)
	s := open(t, proxy.Before(l), func(o *s3.Options) {
		o.Credentials, o.Patience, o.Parallel = withRights(t, server, l.Bucket, rights), 300*time.Millisecond, 1
	})
	small, large := evidence.NewObjectName(), evidence.NewObjectName()
	content := contentOf(large, 20<<20) // three parts
	ctx := t.Context()
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"probe", func() error { return s.Probe(ctx) }},
		{"put", func() error { _, err := s.Put(ctx, small, bytes.NewReader(content[:1000])); return err }},
		{"read", func() error { _, err := store.ReadAll(ctx, s, small, 1000); return err }},
		{"delete", func() error { return s.Delete(ctx, small) }},
		{"begin", func() error {
			proxy.Set(only("PUT part", 0, s3test.Refuse))
			defer proxy.Set(nil)
			if _, err := s.Put(ctx, large, bytes.NewReader(content)); !errors.Is(err, s3.ErrUnreachable) {
				return fmt.Errorf("a broken network: %w", err)
			}
			return nil
		}},
		{"go on", func() error { _, err := s.Put(ctx, large, bytes.NewReader(content)); return err }},
		{"break off", func() error { return brokenOff(t, server, s, content) }},
		{"retain", func() error { return s.Retain(ctx, large, time.Now().Add(time.Minute)) }},
		{"hold", func() error { return errors.Join(s.Hold(ctx, large, true), s.Hold(ctx, large, false)) }},
		{"look", func() error {
			r, err := s.Retention(ctx, large)
			if err == nil && r.Until.IsZero() {
				err = errors.New("no lock is seen")
			}
			return err
		}},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// brokenOff puts what cannot be read to its end, and returns an error if the service is
// left with parts of it.
func brokenOff(t *testing.T, server *s3test.Server, s *s3.Store, content []byte) error {
	t.Helper()
	if _, err := s.Put(t.Context(), evidence.NewObjectName(), &failing{content}); !errors.Is(err, errUnreadable) {
		return err
	}
	if left := uploads(t, server, s); len(left) > 0 {
		return fmt.Errorf("%w: %q", errLeft, left)
	}
	return nil
}

var errUnreadable = errors.New("cannot be read")

// failing gives bytes, and then an error in the place of the end.
type failing struct{ left []byte }

// Read implements [io.Reader].
func (f *failing) Read(p []byte) (int, error) {
	if len(f.left) == 0 {
		return 0, errUnreadable
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}
