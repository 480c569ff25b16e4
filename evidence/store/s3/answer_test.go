package s3

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// served returns a transport to a service in this bubble, whose time is simulated, and which
// ends with the test.
func served(t *testing.T, h http.HandlerFunc) http.RoundTripper {
	t.Helper()
	client, service := net.Pipe()
	l := &onePipe{service, make(chan struct{})}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(l) }()
	tr := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		client.Close()
		server.Close()
		time.Sleep(1000 * time.Hour) // behind the slowest handler
	})
	return bounded{tr, stillFor}
}

// onePipe is a listener that has one connection.
type onePipe struct {
	conn net.Conn
	end  chan struct{}
}

// Accept implements [net.Listener].
func (l *onePipe) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.end
	return nil, net.ErrClosed
}

// Close implements [net.Listener].
func (l *onePipe) Close() error { close(l.end); return nil }

// Addr implements [net.Listener].
func (l *onePipe) Addr() net.Addr { return &net.TCPAddr{} }

// ask sends a request of some bytes and reads its answer. It returns how long that took.
func ask(ctx context.Context, via http.RoundTripper, body io.Reader) (time.Duration, string, error) {
	begun := time.Now()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://service.example/", body)
	if err != nil {
		return 0, "", err
	}
	answer, err := via.RoundTrip(r)
	if err != nil {
		return time.Since(begun), "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	return time.Since(begun), string(b), err
}

// A request that stands still is given up after a minute, wherever it does; one that goes on
// slowly is not.
func TestRequestStandsStill(t *testing.T) {
	for name, c := range map[string]struct {
		service http.HandlerFunc
		want    error
		after   time.Duration
	}{
		"before its answer": {func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			time.Sleep(2 * stillFor)
		}, errStill, stillFor},
		"in its answer": {func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "some")
			w.(http.Flusher).Flush()
			time.Sleep(2 * stillFor)
		}, errStill, stillFor},
		"in what it sends": {func(_ http.ResponseWriter, r *http.Request) {
			r.Body.Read(make([]byte, 1))
			time.Sleep(2 * stillFor)
		}, errStill, stillFor},
		"nowhere": {func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			for range 5 { // as a service does that joins parts
				time.Sleep(stillFor - time.Second)
				io.WriteString(w, " ")
				w.(http.Flusher).Flush()
			}
		}, nil, 5 * (stillFor - time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took, _, err := ask(t.Context(), served(t, c.service), strings.NewReader(strings.Repeat("x", 1<<20)))
				if !errors.Is(err, c.want) || c.want == nil && err != nil || took != c.after {
					t.Errorf("%v after %v, want %v after %v", err, took, c.want, c.after)
				}
			})
		})
	}
}

// Who joins the parts of a large object may be silent for as long as copying them takes, and
// who asked is not kept when they leave.
func TestServiceJoins(t *testing.T) {
	const size = 1 << 40
	synctest.Test(t, func(t *testing.T) {
		const silent = 5 * time.Hour
		slow := served(t, func(w http.ResponseWriter, _ *http.Request) { time.Sleep(silent); io.WriteString(w, "joined") })
		if took, said, err := ask(joining(t.Context(), size), slow, nil); err != nil || said != "joined" || took != silent {
			t.Errorf("%q after %v: %v", said, took, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		never := served(t, func(http.ResponseWriter, *http.Request) { time.Sleep(100 * time.Hour) })
		const longest = stillFor + size/joinRate*time.Second
		if took, _, err := ask(joining(t.Context(), size), never, nil); !errors.Is(err, errStill) || took != longest {
			t.Errorf("%v after %v, want after %v", err, took, longest)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		never := served(t, func(http.ResponseWriter, *http.Request) { time.Sleep(100 * time.Hour) })
		ctx, leave := context.WithTimeout(joining(t.Context(), size), time.Second)
		defer leave()
		if took, _, err := ask(ctx, never, nil); !errors.Is(err, context.DeadlineExceeded) || took != time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}
