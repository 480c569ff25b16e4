package audit

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/verify"
)

// served puts a ledger's tiles on loopback, behind a network that a test spoils;
// spoil reports that it has answered.
func (l *liar) served(spoil func(w http.ResponseWriter, r *http.Request) bool) string {
	l.t.Helper()
	files := http.FileServer(http.Dir(tesseralog.TilesDir(l.dir)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if spoil == nil || !spoil(w, r) {
			files.ServeHTTP(w, r)
		}
	}))
	l.t.Cleanup(s.Close)
	return s.URL
}

// drop ends the connection without an answer.
func drop(w http.ResponseWriter) bool {
	c, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		c.Close()
	}
	return true
}

func entries(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/tile/entries/") }

func TestAuditNode(t *testing.T) {
	l := newLiar(t, events(t, 600, honest)...)
	var n atomic.Int64
	for name, spoil := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"a good network":         nil,
		"one that drops every 2": func(w http.ResponseWriter, _ *http.Request) bool { return n.Add(1)%2 == 0 && drop(w) },
		"one that is slow":       func(http.ResponseWriter, *http.Request) bool { time.Sleep(5 * time.Millisecond); return false },
	} {
		got, err := Ledger(t.Context(), Task{Dir: l.served(spoil), Root: l.root})
		if err != nil || got.Status != verify.Holds || got.Size != 601 || got.Seals != 600 || got.Rate <= 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What fails on the way proves nothing against the ledger, and has a name.
func TestAuditBadNetwork(t *testing.T) {
	l := newLiar(t, events(t, 600, honest)...)
	status := func(code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if entries(r) {
				w.Header().Set("Location", "https://evil.example/")
				w.WriteHeader(code)
			}
			return entries(r)
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(http.ResponseWriter, *http.Request) bool
		says  string
	}{
		{"dropped", func(w http.ResponseWriter, r *http.Request) bool { return entries(r) && drop(w) }, "could not be read to its end"},
		{"redirected", status(302), "could not be read to its end"},
		{"busy for ever", status(503), "could not be read to its end"},
		{"a tile of another ledger", func(w http.ResponseWriter, r *http.Request) bool {
			if entries(r) {
				other := ledgertest.Event(99999)
				w.Write([]byte(strings.Repeat("\x00\x61"+string(other[:]), 256)))
			}
			return entries(r)
		}, "not what the ledger signed"},
		{"a short tile", func(w http.ResponseWriter, r *http.Request) bool {
			if entries(r) {
				w.Write(make([]byte, 99))
			}
			return entries(r)
		}, "not what the ledger signed"},
		{"a page in the place of a tile", func(w http.ResponseWriter, r *http.Request) bool {
			if entries(r) {
				w.Write([]byte("<html>sign in to this network</html>"))
			}
			return entries(r)
		}, "not what the ledger signed"},
		{"too large", func(w http.ResponseWriter, r *http.Request) bool {
			if entries(r) {
				w.Write(make([]byte, 1<<20))
			}
			return entries(r)
		}, "not what the ledger signed"},
		{"a checkpoint that is none", func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/checkpoint" {
				w.Write([]byte("hello\n"))
			}
			return r.URL.Path == "/checkpoint"
		}, "cannot be read"},
	} {
		got, err := Ledger(t.Context(), Task{Dir: l.served(c.spoil), Root: l.root})
		if err != nil || got.Status != verify.Undecided || got.Alarm != nil || !strings.Contains(got.What, c.says) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestAuditNoNode(t *testing.T) {
	l := newLiar(t, ledgertest.Event(0))
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, c := range map[string]struct {
		at   string
		want error
	}{
		"nobody": {gone.URL, ErrAway},
		"elsewhere": {l.served(func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/x", http.StatusFound)
			return true
		}), ErrAway},
		"no ledger":     {l.served(func(w http.ResponseWriter, r *http.Request) bool { http.NotFound(w, r); return true }), ErrNone},
		"not encrypted": {"http://node.aa.example", client.ErrAddress},
	} {
		if _, err := Ledger(t.Context(), Task{Dir: c.at, Root: l.root}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	hangs := l.served(func(_ http.ResponseWriter, r *http.Request) bool { cancel(); <-r.Context().Done(); return true })
	if _, err := Ledger(ctx, Task{Dir: hangs, Root: l.root}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// A ledger that lies over the network is caught as one in a folder is.
func TestAuditNodeAlarms(t *testing.T) {
	for kind, leaves := range map[string][]ledger.Leaf{
		"second-close": append(events(t, 300, honest), ledgertest.Rival(3, 1)),
		"epoch-root":   events(t, 5, func(e *ledger.Epoch) { e.Root[0] ^= 1 }),
	} {
		l := newLiar(t, leaves...)
		got, err := Ledger(t.Context(), Task{Dir: l.served(nil), Root: l.root})
		if err != nil || got.Status != verify.Fails || got.Alarm == nil {
			t.Fatalf("%s: %+v, %v", kind, got, err)
		}
		l.proves(kind, got)
	}
}
