package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/ledger/writer"
)

// A request that is not signed, or not as it must be, for this ledger, now and for the
// first time, gets nothing.
func TestSignatures(t *testing.T) {
	s := newOffice(t)
	ann, bob := s.enrol(evidence.RoleCollector), s.enrol(evidence.RoleCustodian)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, c := range []struct {
		code string
		ask
	}{
		{"signature", ask{path: "/v1/ledger"}},
		{"signature", ask{path: "/v1/ledger", by: ann, change: header(client.SignatureHeader, "custody=:AAAA:")}},
		{"signature", ask{path: "/v1/ledger", by: ann, change: header(client.ReasonHeader, "court K-1")}},
		{"signature", ask{path: "/v1/ledger", by: ann, change: header(client.LedgerHeader, "")}},
		{"signature", ask{path: "/v1/handoffs", by: ann, change: func(r *http.Request) { r.URL.Path = "/v1/ledger" }}},
		{"signature", ask{path: "/v1/ledger", by: ann, change: func(r *http.Request) { r.URL.RawQuery = "x=1" }}},
		{"signature", ask{path: "/v1/ledger", by: ann, change: func(r *http.Request) {
			in := r.Header.Get(client.InputHeader)
			r.Header.Set(client.InputHeader, strings.Replace(in, ann.ID.String(), bob.ID.String(), 1))
		}}},
		{"digest", ask{method: "POST", path: "/v1/events", body: []byte("{}"), by: ann, change: func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("[]")), 2
		}}},
		{"other-ledger", ask{path: "/v1/ledger", by: ann, ledger: "bb.example/ledger"}},
		{"clock", ask{path: "/v1/ledger", by: ann, at: s.w.Now.Add(time.Hour)}},
		{"clock", ask{path: "/v1/ledger", by: ann, at: s.w.Now.Add(31 * time.Second)}},
		{"clock", ask{path: "/v1/ledger", by: ann, at: s.w.Now.Add(-time.Hour)}},
		{"media-type", ask{method: "POST", path: "/v1/events", body: []byte("{}"), media: "text/plain", by: ann}},
		{"form", ask{method: "POST", path: "/v1/events", body: []byte(`{"events":[]}`), by: ann}},
		{"method", ask{method: "DELETE", path: "/v1/ledger", by: ann}},
		{"not-found", ask{path: "/v1/secrets", by: ann}},
		{"not-found", ask{path: "/v1/seals/ABC", by: ann}},
	} {
		p := s.refused(c.code, c.ask)
		if c.code == "clock" && (p.Now == nil || !p.Now.Equal(evidence.Instant(s.w.Now))) {
			t.Errorf("the node's clock is not said: %+v", p)
		}
	}
}

// A request is good once, and one from before the node's start is not.
func TestReplayedRequest(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	r := s.request(ask{path: "/v1/ledger", by: ann})
	if got := s.do(r); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for range 2 {
		if got := s.do(r.Clone(t.Context())); got.status != 401 || !bytes.Contains(got.body, []byte("replayed")) {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	s.n.started = s.w.Now
	s.refused("replayed", ask{path: "/v1/ledger", by: ann, at: s.w.Now.Add(-2 * time.Second)})
}

// Nonces are remembered while their requests are fresh, and not for ever.
func TestNonces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n nonces
		take := func(value string) bool { return n.take([32]byte{1}, value, time.Now().Add(window), time.Now()) }
		if !take("a") || take("a") || !n.take([32]byte{2}, "a", time.Now().Add(window), time.Now()) {
			t.Error("a nonce is one key's and good once")
		}
		time.Sleep(window)
		if take("a") {
			t.Error("it is forgotten while its request is fresh")
		}
		time.Sleep(window + time.Second)
		take("b")
		if len(n.seen) != 1 {
			t.Errorf("%d are remembered", len(n.seen))
		}
	})
}

// A writer that has stopped (rule P21) is said to have, to machines and to people, and
// reading goes on.
func TestReadOnly(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	it := ann.Collect(thing("a"))
	s.takes(ann, it.Events...)
	w := s.n.writing()
	w.Writer = stopped{w.Writer}
	w.Intake.Writer = w.Writer
	p := s.refused(wire.CodeReadOnly, ask{method: "POST", path: "/v1/events", body: s.submission(ann.Collect(thing("b")).Events[0]), by: ann})
	if p.Detail == "" || strings.Contains(p.Detail, "/srv") {
		t.Errorf("files are nobody else's business: %q", p.Detail)
	}
	if f := must[wire.Facts](t)(wire.Parse[wire.Facts](s.given(ask{path: "/v1/ledger", by: ann}).body)); f.ReadOnly == "" || strings.Contains(f.ReadOnly, "/srv") {
		t.Errorf("%+v", f)
	}
	if got := s.do(s.request(ask{path: "/readyz"})); got.status != 503 {
		t.Errorf("ready: %d", got.status)
	}
	s.given(ask{path: "/v1/items/" + it.ID.String(), by: ann, reason: "custody K-1"})
}

// A node below the quorum gives no receipts, and is not ready.
func TestReadyBelowQuorum(t *testing.T) {
	s := newOffice(t)
	short := error(nil)
	s.n.writing().Short = func() error { return short }
	for _, c := range []struct {
		err    error
		status int
		text   string
	}{{nil, 200, "ready\n"}, {fmt.Errorf("bb is away: %w", writer.ErrQuorum), 503, "not ready: below the quorum\n"}, {nil, 200, "ready\n"}} {
		short = c.err
		if got := s.do(s.request(ask{path: "/readyz"})); got.status != c.status || string(got.body) != c.text {
			t.Errorf("%d %q", got.status, got.body)
		}
	}
}

// A node whose ledger was ended is not ready, whichever node has ended it, and is again when
// that is taken back.
func TestReadyAfterTheEnd(t *testing.T) {
	s := newOffice(t)
	w := s.n.writing()
	other := &endedThere{Writer: w.Writer}
	w.Writer = other
	const over = "not ready: the ledger has ended\n"
	for _, c := range []struct {
		err    error
		status int
		text   string
	}{{nil, 200, "ready\n"}, {ledger.ErrEndedByNode, 503, over}, {errors.New("the database is away"), 503, "not ready\n"}, {nil, 200, "ready\n"}} {
		other.err = c.err
		if got := s.do(s.request(ask{path: "/readyz"})); got.status != c.status || string(got.body) != c.text {
			t.Errorf("%v: %d %q", c.err, got.status, got.body)
		}
	}
	w.Writer = other.Writer
	must[[]byte](t)(s.book.Freeze(t.Context()))
	if got := s.do(s.request(ask{path: "/readyz"})); got.status != 503 || string(got.body) != over {
		t.Errorf("frozen here: %d %q", got.status, got.body)
	}
	if !slices.Contains(scraped(s.n), "custody_node_ready 0") {
		t.Error("the alarm does not tell")
	}
}

// A node whose engine takes leaves and lets none of them count is not ready, and the line of
// its log says why.
func TestReadyWithoutSigner(t *testing.T) {
	s := newOffice(t)
	w := s.n.writing()
	other := &endedThere{Writer: w.Writer}
	w.Writer = other
	for _, c := range []struct {
		stuck  error
		status int
	}{{nil, 200}, {errors.New("the signer is gone"), 503}, {nil, 200}} {
		other.stuck = c.stuck
		if got := s.do(s.request(ask{path: "/readyz"})); got.status != c.status {
			t.Errorf("%v: %d %q", c.stuck, got.status, got.body)
		}
	}
}

// endedThere is a ledger that another node may have ended, or whose engine is stuck.
type endedThere struct {
	intake.Writer
	err, stuck error
}

// Stuck implements intake.Writer.
func (e *endedThere) Stuck(context.Context) error { return e.stuck }

// Ended implements intake.Writer.
func (e *endedThere) Ended(context.Context) error { return e.err }

type stopped struct{ intake.Writer }

// ReadOnly implements intake.Writer.
func (stopped) ReadOnly() error {
	return fmt.Errorf("/srv/custody/ledger: no space left: %w", writer.ErrReadOnly)
}

// Logged without enough cosignatures is pending, has no receipt, and gets it when the
// same comes again (fail closed, rule P17).
func TestPending(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	w := s.n.writing()
	w.Intake.Writer = short{w.Writer}
	e := ann.Collect(thing("a")).Events[0]
	if got := s.submit(ann, e)[0]; got.Status != wire.Pending || got.Receipt != "" || got.Index == nil {
		t.Errorf("%+v", got)
	}
	s.refused("late", ask{path: "/v1/receipts/" + e.Leaf.Hash().String(), by: ann})
	w.Intake.Writer = w.Writer
	if got := s.submit(ann, e)[0]; got.Status != wire.Logged || !got.Retried {
		t.Errorf("%+v", got)
	}
}

// Of an append whose outcome is not known yet a client is told to ask again, and the
// operator why.
func TestUnknownOutcome(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	w := s.n.writing()
	w.Intake.Writer = gone{w.Writer}
	e := ann.Collect(thing("a")).Events[0]
	p := s.refused("late", ask{method: "POST", path: "/v1/events", body: s.submission(e), by: ann})
	if strings.Contains(p.Detail, "postmaster") || !strings.Contains(s.logs.String(), "postmaster") {
		t.Errorf("%q is said, and %s logged", p.Detail, &s.logs)
	}
	w.Intake.Writer = w.Writer
	if got := s.submit(ann, e)[0]; got.Status != wire.Logged {
		t.Errorf("%+v", got)
	}
}

// gone is a writer whose log does not answer.
type gone struct{ intake.Writer }

// Submit implements intake.Writer.
func (gone) Submit(context.Context, ...ledger.Leaf) ([]writer.Result, error) {
	return nil, fmt.Errorf("the postmaster has exited: %w", writer.ErrUnknown)
}

// short is a writer whose cosigners do not answer.
type short struct{ intake.Writer }

// Submit implements intake.Writer.
func (s short) Submit(ctx context.Context, leaves ...ledger.Leaf) ([]writer.Result, error) {
	all, err := s.Writer.Submit(ctx, leaves...)
	for i := range all {
		all[i].Receipt, all[i].Pending = nil, writer.ErrQuorum
	}
	return all, err
}

// Before the ledger is open the calls say so, and the rest is served.
func TestBeforeBegin(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	s.n.begun.Store(nil)
	s.refused("busy", ask{path: "/v1/ledger", by: ann})
	if got := s.do(s.request(ask{path: "/healthz"})); got.status != 200 {
		t.Errorf("%d", got.status)
	}
	if got := s.do(s.request(ask{path: "/readyz"})); got.status != 503 {
		t.Errorf("%d", got.status)
	}
}

// One client's haste is refused in the form of the calls.
func TestRate(t *testing.T) {
	s := newOffice(t, func(c *Config) {
		c.Limits = DefaultLimits
		c.Limits.Posts, c.Limits.PostBurst = 0.001, 3
	})
	who := s.w.State("AA").Authority
	for range 3 {
		s.ask(ask{path: "/v1/ledger", by: who})
	}
	if p := s.refused("rate", ask{path: "/v1/ledger", by: who}); len(p.Do) == 0 {
		t.Errorf("%+v", p)
	}
}

// Neither logs nor metrics name a key, an item or what anybody said.
func TestLogsNameNobody(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	it := ann.Collect(thing("a"))
	s.takes(ann, it.Events...)
	s.given(ask{path: "/v1/items/" + it.ID.String(), by: ann, reason: "custody K-77"})
	r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	rec := &recorder{header: http.Header{}}
	s.n.Metrics().ServeHTTP(rec, r)
	for _, said := range []string{ann.ID.String(), ann.ID.String()[:12], it.ID.String(), it.ID.Short(), "K-77", "127.0.0.1"} {
		if strings.Contains(s.logs.String(), said) || strings.Contains(rec.String(), said) {
			t.Errorf("%q is said", said)
		}
	}
	if !strings.Contains(rec.String(), `custody_node_events_total{status="logged"} 2`) {
		t.Errorf("events are not counted: %s", rec.String())
	}
}

type recorder struct {
	bytes.Buffer
	header http.Header
}

// Header implements http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (*recorder) WriteHeader(int) {}

// What was answered for is in the log whatever fails; a line that could not be made
// durable keeps the answer back.
func TestAccessLogFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.jsonl")
	var fail, apply bool
	files := durable.Files{Fault: func(op durable.Op, _ string) (bool, error) {
		if fail && op == durable.OpSync {
			return apply, errors.New("no space")
		}
		return true, nil
	}}
	open := func() *AccessLog { return must[*AccessLog](t)(OpenAccessLog(path, files)) }
	line := access.Line{Answer: access.Given, At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Call: access.Item}
	l := open()
	answered := 0
	for i := range 12 {
		fail, apply = i%3 == 1, i%2 == 0
		if err := l.Add(t.Context(), line); err == nil {
			answered++
		} else if !fail {
			t.Fatal(err)
		}
	}
	fail = false
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	// A crash leaves half a line, for which nobody was answered.
	f := must[*os.File](t)(os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0))
	if _, err := f.WriteString(`{"answer":"gi`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	l = open()
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if err := l.Add(t.Context(), line); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	l.Close()
	b := must[[]byte](t)(os.ReadFile(path))
	v, err := access.Verify(bytes.NewReader(b), nil, nil)
	if err != nil || v.N != uint64(answered+20) {
		t.Errorf("%d lines of %d, %v", v.N, answered+20, err)
	}
	if err := os.WriteFile(path, bytes.Replace(b, []byte("given"), []byte("taken"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenAccessLog(path, files); err == nil {
		t.Error("a changed log is gone on with")
	}
}

// The mailbox keeps what was answered for over a restart, and nothing half.
func TestMailboxRestart(t *testing.T) {
	dir := t.TempDir()
	now := func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	fail := ""
	files := durable.Files{Fault: func(_ durable.Op, path string) (bool, error) {
		if fail != "" && strings.HasSuffix(path, fail) {
			return false, errors.New("no space")
		}
		return true, nil
	}}
	m := must[*Mailbox](t)(OpenMailbox(dir, files, now))
	a, b := evidence.KeyID{1}, evidence.KeyID{2}
	kept := must[wire.Handoff](t)(m.Put(a, b, []byte("x")))
	fail = ".json"
	if _, err := m.Put(a, b, []byte("y")); err == nil {
		t.Fatal("a fault is not told")
	}
	fail = ""
	m = must[*Mailbox](t)(OpenMailbox(dir, files, now))
	if got := m.Waiting(b); len(got) != 1 || got[0] != kept {
		t.Errorf("%+v", got)
	}
	if entries := must[[]os.DirEntry](t)(os.ReadDir(dir)); len(entries) != 2 {
		t.Errorf("%d files", len(entries))
	}
}

// A fresh checkpoint is of the present tree, made anew at most once a second, and not
// given out without enough cosignatures.
func TestFresh(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	rounds := 0
	w := s.n.writing()
	w.Fresh = func(ctx context.Context) ([]byte, error) { rounds++; return s.book.Checkpoint(ctx) }
	for range 3 {
		c := must[ledger.Checkpoint](t)(ledger.OpenCheckpoint(s.given(ask{path: "/v1/checkpoint", by: ann}).body, s.vkey))
		if c.Size != s.book.Size() {
			t.Errorf("%d leaves of %d", c.Size, s.book.Size())
		}
	}
	s.w.Tick(time.Minute)
	s.given(ask{path: "/v1/checkpoint", by: ann})
	if rounds != 2 {
		t.Errorf("%d rounds", rounds)
	}
	s.w.Tick(time.Minute)
	rounds = 0
	w.Fresh = func(ctx context.Context) ([]byte, error) {
		rounds++
		b, _ := s.book.Checkpoint(ctx)
		return b, writer.ErrQuorum
	}
	for range 3 { // those behind a failure do not wait for the cosigners again
		s.refused("late", ask{path: "/v1/checkpoint", by: ann})
	}
	if rounds != 1 {
		t.Errorf("%d rounds without an answer", rounds)
	}
	s.w.Tick(time.Minute)
	w.Fresh = s.book.Checkpoint
	s.given(ask{path: "/v1/checkpoint", by: ann})
}

// Who waits for another's checkpoint waits no longer than a request may take.
func TestFreshWaits(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	s.n.Limits.Time = time.Millisecond
	s.n.renewing <- struct{}{}
	s.refused("late", ask{path: "/v1/checkpoint", by: ann})
	<-s.n.renewing
}

// Nobody unknown has a body read, and no client holds the others' memory.
func TestMemory(t *testing.T) {
	s := newOffice(t)
	stranger := s.w.State("BB").Enrol(evidence.RoleCustodian)
	r := s.request(ask{method: "POST", path: "/v1/events", body: []byte("{}"), by: stranger})
	r.Body, r.ContentLength = io.NopCloser(unread{t}), wire.MaxBody
	if got, err := http.DefaultClient.Do(r); err == nil {
		if got.StatusCode != 401 {
			t.Errorf("%d", got.StatusCode)
		}
		got.Body.Close()
	}
	var m memory
	a, b := clientOf("192.0.2.1:1"), clientOf("192.0.2.2:1")
	var frees []func()
	for {
		free, ok := m.take(a, wire.MaxBody, false)
		if !ok {
			break
		}
		frees = append(frees, free)
	}
	if n := len(frees); n != mostOfOne/wire.MaxBody {
		t.Errorf("one client holds %d bodies", n)
	}
	if _, ok := m.take(b, wire.MaxBody, false); !ok {
		t.Error("another client is kept out")
	}
	if _, ok := m.take(b, mostOfStranger, true); ok {
		t.Error("a stranger holds more than one may")
	}
	for _, free := range frees {
		free()
	}
	if m.all != wire.MaxBody || len(m.clients) != 1 {
		t.Errorf("%+v", m.clients)
	}
}

// unread is a body that comes in tiny pieces.
type unread struct{ *testing.T }

// Read implements io.Reader.
func (unread) Read(b []byte) (int, error) { b[0] = ' '; return 1, nil }
