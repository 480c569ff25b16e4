package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/tiles"
	"golang.org/x/mod/sumdb/note"
)

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://node.aa.example":       "https://node.aa.example",
		"https://node.aa.example:8443/": "https://node.aa.example:8443",
		"https://node.aa.example/a/b/":  "https://node.aa.example/a/b",
		"http://127.0.0.1:8480":         "http://127.0.0.1:8480",
		"http://127.9.9.9":              "http://127.9.9.9",
		"http://[::1]:1/x":              "http://[::1]:1/x",
		"http://localhost:1":            "http://localhost:1",
	} {
		u, err := ParseAddress(in)
		if err != nil || u.String() != want || !IsAddress(in) {
			t.Errorf("%s: %v, %v", in, u, err)
		}
	}
	for _, in := range []string{
		"", "../bb/cosigner", "/srv/bb", "https://", "https://:443", "http://node.aa.example", "http://192.0.2.1", "http://localhost.example",
		"ftp://127.0.0.1", "https://user:secret@node.aa.example", "https://node.aa.example?x", "https://node.aa.example/?", "https://node.aa.example#x",
		"https://node aa.example", "https:node.aa.example", "http://%31", "https://x\n",
	} {
		if u, err := ParseAddress(in); !errors.Is(err, ErrAddress) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, %v", in, u, err)
		}
	}
	if IsAddress("../bb/cosigner") || IsAddress("https") {
		t.Error("a path is an address")
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("old 0\n\naa.example/ledger\n1\n"))
	f.Add(MarshalRequest(ledger.CosignRequest{OldSize: 7, Proof: []evidence.Hash{{1}, {2}}, Note: []byte("note\n")}))
	f.Add([]byte("old 01\n\nx"))
	f.Add([]byte("old 1\nAAAA\n\nx"))
	f.Add([]byte("old 9223372036854775808\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRequest(b)
		if err != nil {
			if !errors.Is(err, ledger.ErrRequest) {
				t.Errorf("%v", err)
			}
			return
		}
		if got := MarshalRequest(r); !bytes.Equal(got, b) {
			t.Errorf("%q is written back as %q", b, got)
		}
	})
}

// web is an HTTP transport that a test answers.
type web func(n int, r *http.Request) (status int, header map[string]string, body string, err error)

// scripted returns a node that is answered by w, and the number of requests.
func scripted(t *testing.T, w web) (*Node, *atomic.Int64) {
	t.Helper()
	n := new(atomic.Int64)
	h := newHTTP()
	h.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		status, header, body, err := w(int(n.Add(1)), r)
		if err != nil {
			return nil, err
		}
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
		for k, v := range header {
			resp.Header.Set(k, v)
		}
		return resp, nil
	})
	node, err := New("https://node.bb.example/x", h)
	if err != nil {
		t.Fatal(err)
	}
	return node, n
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What fails for a moment is asked again, a few times and at growing distances; what
// is no use is not.
func TestTries(t *testing.T) {
	down := errors.New("network is down")
	for _, c := range []struct {
		name   string
		answer web
		want   error // of Checkpoint
		sent   int
		took   time.Duration
	}{
		{"down, then up", func(n int, _ *http.Request) (int, map[string]string, string, error) {
			if n < 3 {
				return 0, nil, "", down
			}
			return 200, nil, "x", nil
		}, nil, 3, firstPause * 5},
		{"down", func(int, *http.Request) (int, map[string]string, string, error) { return 0, nil, "", down }, down, 3, firstPause * 5},
		{"busy, then not", func(n int, _ *http.Request) (int, map[string]string, string, error) {
			if n == 1 {
				return 503, map[string]string{"Retry-After": "1"}, "", nil
			}
			return 200, nil, "x", nil
		}, nil, 2, time.Second},
		{"busy for an hour", func(int, *http.Request) (int, map[string]string, string, error) {
			return 429, map[string]string{"Retry-After": "3600"}, "", nil
		}, &StatusError{}, 1, 0},
		{"not there", func(int, *http.Request) (int, map[string]string, string, error) { return 404, nil, "", nil }, fs.ErrNotExist, 1, 0},
		{"a fault", func(int, *http.Request) (int, map[string]string, string, error) { return 500, nil, "", nil }, &StatusError{}, 1, 0},
		{"elsewhere", func(int, *http.Request) (int, map[string]string, string, error) {
			return 302, map[string]string{"Location": "https://evil.example/"}, "", nil
		}, &StatusError{}, 1, 0},
		{"too large", func(int, *http.Request) (int, map[string]string, string, error) {
			return 200, nil, strings.Repeat("x", ledger.MaxNote+1), nil
		}, ErrTooLarge, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node, sent := scripted(t, c.answer)
				begun := time.Now()
				b, err := node.Log().Checkpoint(t.Context())
				var status *StatusError
				switch {
				case c.want == nil && (err != nil || string(b) != "x"):
					t.Errorf("%q, %v", b, err)
				case errors.As(c.want, &status) && !errors.As(err, &status):
					t.Errorf("%v", err)
				case c.want != nil && status == nil && !errors.Is(err, c.want):
					t.Errorf("%v", err)
				}
				if sent.Load() != int64(c.sent) || time.Since(begun) != c.took {
					t.Errorf("%d requests in %s", sent.Load(), time.Since(begun))
				}
			})
		})
	}
}

// A caller that leaves is not kept waiting by a pause or by a node that is slow, and
// leaves nothing behind.
func TestCallerLeaves(t *testing.T) {
	for name, answer := range map[string]web{
		"down": func(int, *http.Request) (int, map[string]string, string, error) {
			return 0, nil, "", errors.New("down")
		},
		"slow": func(_ int, r *http.Request) (int, map[string]string, string, error) {
			<-r.Context().Done()
			return 0, nil, "", r.Context().Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node, _ := scripted(t, answer)
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), firstPause/2)
				defer cancel()
				if _, err := node.Cosigner(Witness).Cosign(ctx, ledger.CosignRequest{}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v", err)
				}
				for _, err := range node.Log().At(10000).Leaves(ctx, 0, 10000) {
					if err == nil {
						t.Error("a leaf from nowhere")
					}
				}
				if took := time.Since(begun); took != firstPause/2 {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// Who stops reading early leaves no request behind: the bubble ends only when every
// goroutine has.
func TestReaderStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bundle := strings.Repeat("\x00\x61"+strings.Repeat("\x06", 97), tiles.Width)
		node, sent := scripted(t, func(_ int, r *http.Request) (int, map[string]string, string, error) {
			if strings.HasSuffix(r.URL.Path, "/000") {
				return 200, nil, bundle, nil
			}
			<-r.Context().Done()
			return 0, nil, "", r.Context().Err()
		})
		begun := time.Now()
		for _, err := range node.Log().At(1<<20).Leaves(t.Context(), 0, 1<<20) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if sent.Load() > ahead || time.Since(begun) != 0 {
			t.Errorf("%d requests for one leaf, %s", sent.Load(), time.Since(begun))
		}
	})
}

// Answers of a cosigner that break the protocol are errors, and none stops a ledger.
func TestLies(t *testing.T) {
	_, vkey, err := note.GenerateKey(nil, "bb.example/ledger")
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	size := map[string]string{"Content-Type": SizeType}
	alarm := map[string]string{"Content-Type": AlarmType}
	for _, c := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   error
	}{
		{"a size that is none", 409, size, "-1\n", ErrAnswer},
		{"two sizes", 409, size, "1\n2\n", ErrAnswer},
		{"a size of another form", 409, size, "07\n", ErrAnswer},
		{"no size", 409, nil, "7\n", ledger.ErrProof},
		{"an alarm of nothing", 422, alarm, "", ledger.ErrProof},
		{"an alarm about nobody", 422, alarm, `{"format":"custody/alarm/v1","kind":"split","notes":["a","b"],"ranges":[]}`, ledger.ErrProof},
		{"an alarm without proof", 409, alarm, `{}`, ledger.ErrProof},
		{"far too much", 200, nil, strings.Repeat("x", maxLines+1), ErrTooLarge},
		{"a teapot", 418, nil, "", &StatusError{}},
		{"bad gateway", 502, nil, "", ErrUnavailable},
	} {
		node, _ := scripted(t, func(int, *http.Request) (int, map[string]string, string, error) {
			return c.status, c.header, c.body, nil
		})
		lines, err := node.Cosigner(Witness, key).Cosign(t.Context(), ledger.CosignRequest{})
		var caught *ledger.MisbehaviourError
		var status *StatusError
		if errors.As(err, &caught) || lines != nil || !errors.Is(err, c.want) && !(errors.As(c.want, &status) && errors.As(err, &status)) {
			t.Errorf("%s: %q, %v", c.name, lines, err)
		}
	}
}

// A tree whose tiles and bundles are not what they are called gives errors.
func TestWrongTiles(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "short": strings.Repeat("\x00\x61"+strings.Repeat("x", 97), 3), "another length": strings.Repeat("\x00\x60"+strings.Repeat("x", 97), 9),
		"a page": "<html>sign in to this network</html>", "far too much": strings.Repeat("\x00\x61"+strings.Repeat("x", 97), tiles.Width+1),
	} {
		node, _ := scripted(t, func(int, *http.Request) (int, map[string]string, string, error) { return 200, nil, body, nil })
		for _, err := range node.Log().At(9).Leaves(t.Context(), 0, 9) {
			if !errors.Is(err, ErrAnswer) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("%s: leaf, %v", name, err)
			}
			break
		}
	}
	node, _ := scripted(t, func(int, *http.Request) (int, map[string]string, string, error) { return 200, nil, "short", nil })
	if _, err := ledger.CheckpointOf("aa.example/ledger", 9, node.Log().At(9).Hashes(t.Context(), 9)); !errors.Is(err, ErrAnswer) {
		t.Errorf("hashes: %v", err)
	}
}
