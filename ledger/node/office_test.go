package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/ledger/writer"
	"example.org/custody/verify/verifytest"
)

// office is the node of AA that takes events, in a world of two states, over loopback
// HTTP.
type office struct {
	*testing.T
	w    *verifytest.World
	n    *Node
	url  string
	skey note.Signer
	vkey note.Verifier
	logs bytes.Buffer
	disk *ledgertest.Disk
	book *writer.Writer
	dir  string
	now  time.Time            // the node's clock, when not the world's
	http *http.Client         // how it is asked
	dial func() net.Conn      // how a client connects that is none of HTTP's
	edit func(*writer.Config) // what its writer is given besides
	id   *age.X25519Identity  // of its bodies
	shut func()               // closes what open has opened
}

func newOffice(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	s := &office{T: t, w: verifytest.New(verifytest.Config{}), dir: t.TempDir()}
	s.disk = ledgertest.NewDisk(s.origin())
	s.serve(change...)
	return s
}

// newSilentOffice is an office that no network reaches.
func newSilentOffice(t *testing.T) *office { return openSilentOffice(t, nil) }

func openSilentOffice(t *testing.T, edit func(*writer.Config)) *office {
	t.Helper()
	s := &office{T: t, w: verifytest.New(verifytest.Config{}), dir: t.TempDir(), url: "http://node.invalid", edit: edit}
	s.disk = ledgertest.NewDisk(s.origin())
	s.open()
	return s
}

// inBoth runs a test over loopback HTTP, and in one process over connections in memory
// and in simulated time.
func inBoth(t *testing.T, test func(s *office)) {
	t.Run("loopback", func(t *testing.T) { test(newOffice(t)) })
	t.Run("simulated time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(newPipedOffice(t)) })
	})
}

// newPipedOffice is an office in a bubble, asked by HTTP over connections in memory.
func newPipedOffice(t *testing.T) *office {
	t.Helper()
	s := newSilentOffice(t)
	s.pipe()
	return s
}

// pipe serves the node over connections in memory, until the test or this round ends.
func (s *office) pipe() (stop func()) {
	p := newPipes()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return p.dial(), nil }}
	s.http, s.dial = &http.Client{Transport: transport}, p.dial
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, p, s.n, nil, 50*time.Second) }()
	stop = sync.OnceFunc(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			s.Error(err)
		}
	})
	s.Cleanup(stop)
	return stop
}

func (s *office) origin() evidence.Origin { return s.w.State("AA").Log.Origin }

func (s *office) clock() time.Time {
	if !s.now.IsZero() {
		return s.now
	}
	return s.w.Now
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// serve starts the node on what is there.
func (s *office) serve(change ...func(*Config)) {
	s.Helper()
	s.open(change...)
	server := httptest.NewServer(s.n)
	s.url, s.http = server.URL, http.DefaultClient
	s.dial = func() net.Conn { return must[net.Conn](s.T)(net.Dial("tcp", server.Listener.Addr().String())) }
	s.Cleanup(server.Close)
}

// write opens the ledger, unless it is open.
func (s *office) write() {
	s.Helper()
	if s.book != nil {
		return
	}
	if s.vkey == nil {
		skey, vkey, err := note.GenerateKey(nil, string(s.origin()))
		if err != nil {
			s.Fatal(err)
		}
		s.skey, s.vkey = parseKey(s.T, skey, vkey)
	}
	c := writer.Config{Log: must[*ledgertest.MemLog](s.T)(s.disk.Open()), Map: closed.New(s.origin()), Key: s.skey, Verifier: s.vkey}
	if s.edit != nil {
		s.edit(&c)
	}
	book := must[*writer.Writer](s.T)(writer.Open(s.Context(), c))
	s.book = book
	s.Cleanup(func() { book.Close() })
}

// open makes the node of what is there.
func (s *office) open(change ...func(*Config)) {
	s.Helper()
	s.write()
	if s.id == nil {
		s.id = must[*age.X25519Identity](s.T)(age.GenerateX25519Identity())
	}
	for _, d := range []string{"bodies", "handoffs"} {
		if err := os.MkdirAll(filepath.Join(s.dir, d), 0o700); err != nil {
			s.Fatal(err)
		}
	}
	store := must[*bodies.Store](s.T)(bodies.Open(filepath.Join(s.dir, "bodies"), bodies.Options{Identity: s.id, Recipients: []age.Recipient{s.id.Recipient()}}))
	pinned := func() (*intake.Pinned, error) { return intake.NewPinned(s.w.Trust()) }
	in := must[*intake.Intake](s.T)(intake.Open(s.Context(), intake.Config{
		Origin: s.origin(), State: "AA", Writer: s.book, Bodies: store, Now: s.clock, Pinned: pinned,
	}))
	log := must[*AccessLog](s.T)(OpenAccessLog(filepath.Join(s.dir, "access.jsonl"), durable.Files{}))
	box := must[*Mailbox](s.T)(OpenMailbox(filepath.Join(s.dir, "handoffs"), durable.Files{}, s.clock))
	c := Config{
		Tiles: s.dir, Followed: func() ([]evidence.Origin, error) { return nil, nil }, Log: slog.New(slog.NewJSONHandler(&s.logs, nil)),
		Takes: true,
	}
	writing := &Writing{Origin: s.origin(), State: "AA", Intake: in, Writer: s.book, Latest: s.book.Latest, Fresh: s.book.Checkpoint, Pinned: pinned, Access: log, Mailbox: box, Now: s.clock, Every: time.Hour}
	for _, f := range change {
		f(&c)
	}
	s.n = must[*Node](s.T)(New(c))
	s.n.Begin(writing, nil)
	s.shut = sync.OnceFunc(func() { log.Close(); store.Close() })
	s.Cleanup(s.shut)
}

// ask is one signed request; zero values are what most requests have.
type ask struct {
	method, path string
	body         []byte
	media        string
	by           *verifytest.Officer
	ledger       evidence.Origin
	reason       string
	mandate      string
	at           time.Time
	change       func(*http.Request)
}

// reply is what came back.
type reply struct {
	status int
	media  string
	body   []byte
	header http.Header
}

func (s *office) request(a ask) *http.Request {
	s.Helper()
	if a.method == "" {
		a.method = http.MethodGet
	}
	r := must[*http.Request](s.T)(http.NewRequestWithContext(s.Context(), a.method, s.url+a.path, bytes.NewReader(a.body)))
	if a.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.media != "" {
		r.Header.Set("Content-Type", a.media)
	}
	if a.by != nil {
		if a.ledger == "" {
			a.ledger = s.origin()
		}
		if a.at.IsZero() {
			a.at = s.clock()
		}
		r.Header.Set(client.LedgerHeader, string(a.ledger))
		r.Header.Set(client.ReasonHeader, a.reason)
		r.Header.Set(client.MandateHeader, a.mandate)
		if err := client.Sign(s.Context(), r, a.body, a.by.Key(), a.at); err != nil {
			s.Fatal(err)
		}
	}
	if a.change != nil {
		a.change(r)
	}
	return r
}

func (s *office) do(r *http.Request) reply {
	s.Helper()
	resp, err := s.http.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	return reply{resp.StatusCode, resp.Header.Get("Content-Type"), must[[]byte](s.T)(io.ReadAll(resp.Body)), resp.Header}
}

func (s *office) ask(a ask) reply {
	s.Helper()
	r := s.request(a)
	got := s.do(r)
	s.conforms(r, got)
	return got
}

// refused asks and must be refused with a code.
func (s *office) refused(code string, a ask) *wire.Problem {
	s.Helper()
	got := s.ask(a)
	p, err := wire.ParseProblem(got.body)
	if err != nil || p.Code != code || p.Status != got.status {
		s.Fatalf("%s %s: %d %q, want %s", a.method, a.path, got.status, got.body, code)
	}
	return p
}

// given asks and must be answered.
func (s *office) given(a ask) reply {
	s.Helper()
	got := s.ask(a)
	if got.status/100 != 2 {
		s.Fatalf("%s %s: %d %s", a.method, a.path, got.status, got.body)
	}
	return got
}

func (s *office) of(e *verifytest.Event) wire.Event {
	s.Helper()
	raw := must[[]byte](s.T)(evidence.Canonical(e.Record.View(nil)))
	return wire.Event{Envelope: e.Envelope, Leaf: wire.HexLeaf(e.Leaf), Record: raw, Salt: e.Salt, SealKey: evidence.Hash(e.SealKey)}
}

func (s *office) submission(all ...*verifytest.Event) []byte {
	s.Helper()
	sub := &wire.Submission{}
	for _, e := range all {
		sub.Events = append(sub.Events, s.of(e))
	}
	return must[[]byte](s.T)(sub.Marshal())
}

// submit submits events of the world by a key.
func (s *office) submit(by *verifytest.Officer, all ...*verifytest.Event) []wire.Result {
	s.Helper()
	got := s.given(ask{method: http.MethodPost, path: "/v1/events", body: s.submission(all...), by: by})
	out, err := wire.ParseSubmitted(got.body, len(all))
	if err != nil {
		s.Fatal(err)
	}
	return out.Results
}

// takes submits events that must be logged.
func (s *office) takes(by *verifytest.Officer, all ...*verifytest.Event) {
	s.Helper()
	for i, r := range s.submit(by, all...) {
		if r.Status != wire.Logged {
			s.Fatalf("%s: %+v %v", all[i].Event.Action, r, r.Problem)
		}
	}
}

// enrol returns an officer whose enrolment is logged, by the authority.
func (s *office) enrol(role evidence.Role) *verifytest.Officer {
	s.Helper()
	o := s.w.State("AA").Enrol(role)
	s.takes(s.w.State("AA").Authority, o.Enrolment.Events[0])
	return o
}

func (s *office) lines() []map[string]any {
	s.Helper()
	b := must[[]byte](s.T)(s.n.writing().Access.From(1))
	var all []map[string]any
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var l map[string]any
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			s.Fatal(err)
		}
		all = append(all, l)
	}
}

func thing(text string) verifytest.Record {
	return verifytest.Record{Fields: map[string]any{"description": text}}
}
