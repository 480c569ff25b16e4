package tsa_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/signing/cms"
	"example.org/custody/signing/tsa"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func clock() time.Time { return time.Now().UTC() }

// serve runs an authority that is told the time.
func serve(t *testing.T, now func() time.Time) (*tsa.Authority, string) {
	t.Helper()
	a, err := tsa.NewAuthority("AA", now)
	must(t, err)
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return a, s.URL
}

func TestStamp(t *testing.T) {
	a, url := serve(t, clock)
	digest := sha256.Sum256([]byte("a checkpoint"))
	raw, err := tsa.Client{URL: url, Now: clock}.Stamp(t.Context(), digest)
	must(t, err)
	token, err := cms.ParseToken(raw)
	must(t, err)
	if !token.Covers(digest) || !token.Certificate().Equal(a.Certificate()) || token.Verify() != nil || clock().Sub(token.Time).Abs() > time.Minute {
		t.Errorf("token %+v", token)
	}
	again, err := tsa.Client{URL: url}.Stamp(t.Context(), digest)
	must(t, err)
	if bytes.Equal(raw, again) {
		t.Error("two requests, one token")
	}
}

// openssl asks the authority in its own way, and accepts what it answers.
func TestOpensslAsks(t *testing.T) {
	a, url := serve(t, clock)
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "note"), []byte("a checkpoint"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "tsa.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw}), 0o600))
	run("ts", "-query", "-data", "note", "-sha256", "-cert", "-out", "q.tsq")
	query, err := os.ReadFile(filepath.Join(dir, "q.tsq"))
	must(t, err)
	res, err := http.Post(url, "application/timestamp-query", bytes.NewReader(query))
	must(t, err)
	defer res.Body.Close()
	reply, err := io.ReadAll(res.Body)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "r.tsr"), reply, 0o600))
	run("ts", "-verify", "-queryfile", "q.tsq", "-in", "r.tsr", "-CAfile", "tsa.pem")
	raw, err := tsa.Client{URL: url}.Stamp(t.Context(), sha256.Sum256([]byte("a checkpoint")))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "t.tst"), raw, 0o600))
	run("ts", "-verify", "-token_in", "-in", "t.tst", "-data", "note", "-CAfile", "tsa.pem")
}

// Every way in which no good token comes ends in its own error.
func TestNoToken(t *testing.T) {
	answer := func(status int, b []byte) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); w.Write(b) })
	}
	// kept answers every request with the token of the first.
	kept := func() http.Handler {
		a, err := tsa.NewAuthority("AA", clock)
		must(t, err)
		var first []byte
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if first == nil {
				rec := httptest.NewRecorder()
				a.ServeHTTP(rec, r)
				first = rec.Body.Bytes()
			}
			w.Write(first)
		})
	}()
	ahead, err := tsa.NewAuthority("AA", func() time.Time { return clock().Add(time.Hour) })
	must(t, err)
	for _, c := range []struct {
		name    string
		handler http.Handler
		want    error
	}{
		{"an error page", answer(http.StatusInternalServerError, []byte("<html>")), tsa.ErrUnavailable},
		{"another page", answer(http.StatusOK, []byte("<html>")), cms.ErrForm},
		{"a redirection", http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound), tsa.ErrUnavailable},
		{"an endless answer", answer(http.StatusOK, make([]byte, 2<<20)), tsa.ErrUnavailable},
		{"a refusal", answer(http.StatusOK, cms.MarshalRefusal("not today")), cms.ErrRefused},
		{"an hour ahead", ahead, tsa.ErrClock},
	} {
		s := httptest.NewServer(c.handler)
		_, err := tsa.Client{URL: s.URL, Now: clock}.Stamp(t.Context(), sha256.Sum256(nil))
		s.Close()
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	s := httptest.NewServer(kept)
	defer s.Close()
	_, err = tsa.Client{URL: s.URL}.Stamp(t.Context(), sha256.Sum256(nil))
	must(t, err)
	for name, digest := range map[string][32]byte{"the same bytes": sha256.Sum256(nil), "other bytes": sha256.Sum256([]byte("x"))} {
		if _, err := (tsa.Client{URL: s.URL}).Stamp(t.Context(), digest); !errors.Is(err, cms.ErrContent) {
			t.Errorf("a token of another request over %s: %v", name, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	if _, err := (tsa.Client{URL: s.URL}).Stamp(t.Context(), sha256.Sum256(nil)); !errors.Is(err, tsa.ErrUnavailable) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (tsa.Client{URL: s.URL}).Stamp(ctx, sha256.Sum256(nil)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, bad := range []string{"", "ftp://x", "time.example", "https://", "http://user@x/", "file:///etc/passwd"} {
		if tsa.CheckURL(bad) == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}

func TestAuthorityRefuses(t *testing.T) {
	_, url := serve(t, clock)
	for name, c := range map[string]struct {
		kind string
		body []byte
		want int
	}{
		"other media type": {"text/plain", nil, http.StatusBadRequest},
		"too large":        {"application/timestamp-query", make([]byte, 1<<20), http.StatusBadRequest},
		"no query":         {"application/timestamp-query", []byte("x"), http.StatusOK},
	} {
		res, err := http.Post(url, c.kind, bytes.NewReader(c.body))
		must(t, err)
		b, err := io.ReadAll(res.Body)
		must(t, err)
		res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s: status %d", name, res.StatusCode)
		}
		if _, _, err := (cms.Request{}).ParseResponse(b); c.want == http.StatusOK && !errors.Is(err, cms.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
