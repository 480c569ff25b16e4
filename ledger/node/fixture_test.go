package node

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

const aa = evidence.Origin("aa.example/ledger")

// book is a ledger on disk that keeps the rules, or does not.
type book struct {
	t    *testing.T
	dir  string
	log  *tesseralog.Log
	m    *closed.Map
	skey note.Signer
	vkey note.Verifier
	text string // of vkey
}

func newBook(t *testing.T) *book {
	t.Helper()
	b := &book{t: t, dir: filepath.Join(ledgertest.Folder(t), "ledger"), m: closed.New(aa)}
	skey, vkey, err := note.GenerateKey(nil, string(aa))
	if err != nil {
		t.Fatal(err)
	}
	b.text = vkey
	b.skey, b.vkey = parseKey(t, skey, vkey)
	if err := tesseralog.Create(t.Context(), b.dir, b.skey); err != nil {
		t.Fatal(err)
	}
	b.open()
	t.Cleanup(func() { b.log.Close() })
	return b
}

func (b *book) open() {
	b.t.Helper()
	var err error
	if b.log, err = tesseralog.Open(b.t.Context(), b.dir, b.skey); err != nil {
		b.t.Fatal(err)
	}
}

// publish closes the log and opens it again, which publishes all of it.
func (b *book) publish() {
	b.t.Helper()
	if err := b.log.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.open()
}

// add appends events and the epoch behind them, in one batch.
func (b *book) add(from, to uint64) {
	b.t.Helper()
	leaves := ledgertest.Events(from, to)
	for _, l := range leaves {
		if err := b.m.Add(l); err != nil {
			b.t.Fatal(err)
		}
	}
	epoch := b.m.NextEpoch().Leaf()
	if err := b.m.Add(epoch); err != nil {
		b.t.Fatal(err)
	}
	b.force(append(leaves, epoch)...)
}

func (b *book) force(leaves ...ledger.Leaf) {
	b.t.Helper()
	if _, err := b.log.Append(context.Background(), leaves); err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) tree(size uint64) ledger.Checkpoint {
	b.t.Helper()
	c, err := ledger.CheckpointOf(aa, size, b.log.Hashes(context.Background(), size))
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *book) size() uint64 {
	n, err := b.log.Size(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// request asks for a cosignature of the whole tree, from the size old.
func (b *book) request(old uint64) ledger.CosignRequest {
	b.t.Helper()
	c := b.tree(b.size())
	signed, err := c.Sign(b.skey)
	if err != nil {
		b.t.Fatal(err)
	}
	proof, err := c.ProveConsistency(b.log.Hashes(context.Background(), c.Size), b.tree(old))
	if err != nil {
		b.t.Fatal(err)
	}
	return ledger.CosignRequest{OldSize: old, Proof: proof, Note: signed}
}

func logKey(t testing.TB, name string) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	return parseKey(t, skey, vkey)
}

func parseKey(t testing.TB, skey, vkey string) (note.Signer, note.Verifier) {
	t.Helper()
	s, errS := note.NewSigner(skey)
	v, errV := note.NewVerifier(vkey)
	if err := errors.Join(errS, errV); err != nil {
		t.Fatal(err)
	}
	return s, v
}

// state is another state: its witness, its auditor, and its node.
type state struct {
	config           Config
	node             *Node
	url              string
	witness, auditor note.Verifier
	logged           *lines
}

// newState serves a state that follows b, and whose own ledger b is too: a node
// serves one ledger, and one is enough for the tests.
func newState(t *testing.T, b *book, change func(*Config)) *state {
	t.Helper()
	s := &state{logged: new(lines)}
	s.config = Config{
		Tiles:    tesseralog.TilesDir(b.dir),
		Followed: func() ([]evidence.Origin, error) { return []evidence.Origin{aa}, nil },
		Log:      slog.New(slog.NewJSONHandler(s.logged, nil)),
	}
	var w, a witness.Config
	w, s.witness = cosigner(t, "bb-witness", b)
	a, s.auditor = cosigner(t, "bb-auditor", b)
	var err error
	if s.config.Witness, err = witness.New(w); err != nil {
		t.Fatal(err)
	}
	auditor, err := witness.NewAuditor(a, witness.InMemory)
	if err != nil {
		t.Fatal(err)
	}
	s.config.Auditor = auditor
	reads := httptest.NewUnstartedServer(nil)
	s.config.Ledgers = map[evidence.Origin]*client.Log{aa: dial(t, "http://"+reads.Listener.Addr().String()).Log()}
	if change != nil {
		change(&s.config)
	}
	n, err := New(s.config)
	if err != nil {
		t.Fatal(err)
	}
	s.node, reads.Config.Handler = n, n
	reads.Start()
	t.Cleanup(reads.Close)
	s.url = reads.URL
	return s
}

// cosigner returns what a cosigner of b needs, and its key.
func cosigner(t *testing.T, name string, b *book) (witness.Config, note.Verifier) {
	t.Helper()
	signer, vkey := cosignerKey(t, name)
	v, err := vkey.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	return witness.Config{Signers: []note.Signer{signer}, State: new(witness.Memory), Logs: follow(aa, b.vkey)}, v
}

func cosignerKey(t *testing.T, name string) (note.Signer, trust.VKey) {
	t.Helper()
	skey, vkey, err := trust.GenerateCosignerKey(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fnote.NewSignerForCosignatureV1(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s, vkey
}

// follow returns the key of one ledger.
func follow(one evidence.Origin, key note.Verifier) func(evidence.Origin) []note.Verifier {
	return func(o evidence.Origin) []note.Verifier {
		if o != one {
			return nil
		}
		return []note.Verifier{key}
	}
}

func dial(t *testing.T, url string) *client.Node {
	t.Helper()
	n, err := client.New(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// get returns the answer to a request of a path, as it stands on the wire.
func (s *state) get(t *testing.T, method, path string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = path // no cleaning
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp, b.Bytes()
}

// lines is a log that is written from many goroutines.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

// String returns everything logged.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
