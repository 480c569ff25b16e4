//go:build engines

package s3_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/store/s3/s3test"
	"example.org/custody/evidence/store/storetest"
)

// eachServer runs a test against every make of server, one at a time.
func eachServer(t *testing.T, test func(t *testing.T, server *s3test.Server)) {
	for _, kind := range s3test.Kinds() {
		t.Run(string(kind), func(t *testing.T) { test(t, s3test.Start(t, kind)) })
	}
}

// open returns a store in a bucket.
func open(t *testing.T, l s3.Location, set func(*s3.Options)) *s3.Store {
	t.Helper()
	o := s3.Options{Location: l, Credentials: s3test.Credentials(), Records: t.TempDir(), Patience: 20 * time.Second}
	if set != nil {
		set(&o)
	}
	s, err := s3.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEngineConformance(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		records := map[store.Store]string{}
		storetest.Run(t, storetest.Engine{
			New: func(t *testing.T, fault storetest.Fault) store.Store {
				dir := t.TempDir()
				s := open(t, server.NewBucket(t, true), func(o *s3.Options) {
					o.Records = dir
					if fault != nil {
						o.Transport, o.Patience = faulty{fault, http.DefaultTransport}, 300*time.Millisecond
					}
				})
				records[s] = dir
				return s
			},
			Ops:      []string{"PUT object", "POST uploads", "PUT part", "POST complete", "DELETE object", "GET versions", "HEAD object"},
			Recovers: true, FaultSize: 8<<20 + 9,
			Leftovers: func(t *testing.T, s store.Store) []string {
				return append(names(t, records[s]), uploads(t, server, s.(*s3.Store))...)
			},
		})
	})
}

// names lists what is in a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// uploads lists what the server has in parts.
func uploads(t *testing.T, server *s3test.Server, s *s3.Store) (all []string) {
	t.Helper()
	for u := range server.Client(t).ListIncompleteUploads(context.Background(), s.Location().Bucket, "", true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		all = append(all, "upload of "+u.Key)
	}
	return all
}

// faulty asks before each request whether it fails, and whether the server gets it
// all the same.
type faulty struct {
	fault storetest.Fault
	next  http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (f faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	apply, failed := f.fault(s3test.Op(r))
	if failed != nil && !apply {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, failed
	}
	answer, err := f.next.RoundTrip(r)
	if failed != nil && err == nil {
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		return nil, failed
	}
	return answer, err
}
