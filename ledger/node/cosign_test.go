package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/witness"
	"golang.org/x/mod/sumdb/note"
)

// mustCosign checks that a role signs the whole tree from the size old, and that
// the lines are its key's.
func (s *state) mustCosign(t *testing.T, b *book, role string, key note.Verifier, old uint64) {
	t.Helper()
	r := b.request(old)
	lines, err := dial(t, s.url).Cosigner(role, b.vkey).Cosign(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.AddCosignatures(r.Note, lines, note.VerifierList(key))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := ledger.Cosignatures(signed, note.VerifierList(key)); err != nil || len(found) != 1 {
		t.Fatalf("%d cosignatures, %v", len(found), err)
	}
}

// Both cosigners sign a ledger that grows, and say what they have recorded.
func TestCosign(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	old := uint64(0)
	for n := uint64(0); n < 2000; n += 500 {
		b.add(n, n+500)
		s.mustCosign(t, b, client.Witness, s.witness, old)
		s.mustCosign(t, b, client.Auditor, s.auditor, old)
		old = b.size()
		s.mustCosign(t, b, client.Witness, s.witness, old) // once more, at the same size
	}
	for _, role := range []string{client.Witness, client.Auditor} {
		k := dial(t, s.url).Cosigner(role, b.vkey)
		signed, err := k.Latest(t.Context(), aa)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ledger.OpenCheckpoint(signed, b.vkey); err != nil || c != b.tree(old) {
			t.Errorf("%s has recorded %v, %v", role, c, err)
		}
		if signed, err = k.Latest(t.Context(), "zz.example/ledger"); err != nil || signed != nil {
			t.Errorf("%s has recorded %q of a ledger that it does not follow, %v", role, signed, err)
		}
	}
	if strings.Contains(s.logged.String(), "127.0.0.1") {
		t.Error("the log names clients")
	}
}

// What a cosigner refuses arrives as the error that it was.
func TestRefusals(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	b.add(0, 100)
	s.mustCosign(t, b, client.Witness, s.witness, 0)
	k := dial(t, s.url).Cosigner(client.Witness, b.vkey)
	at := b.size()
	b.add(100, 200)
	good := b.request(at)

	ask := func(change func(*ledger.CosignRequest)) error {
		r := good
		change(&r)
		_, err := k.Cosign(t.Context(), r)
		return err
	}
	var conflict *ledger.ConflictError
	if err := ask(func(r *ledger.CosignRequest) { *r = b.request(7) }); !errors.As(err, &conflict) || conflict.Size != at || conflict.Origin != aa {
		t.Errorf("from another size: %v", err)
	}
	stranger, _ := logKey(t, string(aa))
	other, _ := logKey(t, "zz.example/ledger")
	sign := func(c ledger.Checkpoint, key note.Signer) []byte {
		signed, err := c.Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	for _, c := range []struct {
		name   string
		change func(*ledger.CosignRequest)
		want   error
	}{
		{"another proof", func(r *ledger.CosignRequest) { r.Proof = append([]evidence.Hash{{1}}, r.Proof[1:]...) }, ledger.ErrProof},
		{"no proof", func(r *ledger.CosignRequest) { r.Proof = nil }, ledger.ErrProof},
		{"64 hashes", func(r *ledger.CosignRequest) { r.Proof = make([]evidence.Hash, 64) }, ledger.ErrRequest},
		{"smaller than old", func(r *ledger.CosignRequest) { r.OldSize = 1000 }, ledger.ErrRequest},
		{"another key", func(r *ledger.CosignRequest) { r.Note = sign(b.tree(b.size()), stranger) }, ledger.ErrSignature},
		{"another ledger", func(r *ledger.CosignRequest) {
			r.Note = sign(ledger.Checkpoint{Origin: "zz.example/ledger", Size: 300, Root: evidence.Hash{1}}, other)
		}, ledger.ErrUnknownOrigin},
		{"no note", func(r *ledger.CosignRequest) { r.Note = []byte("hello\n") }, ledger.ErrRequest},
		{"too large", func(r *ledger.CosignRequest) { r.Note = make([]byte, client.MaxRequest) }, ledger.ErrRequest},
	} {
		if err := ask(c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := k.Cosign(t.Context(), good); err != nil {
		t.Errorf("after all that: %v", err)
	}
	auditor := dial(t, s.url).Cosigner(client.Auditor, b.vkey)
	delete(s.config.Ledgers, aa)
	if _, err := auditor.Cosign(t.Context(), good); !errors.Is(err, ledger.ErrUnknownOrigin) {
		t.Errorf("an auditor that has no address: %v", err)
	}
}

// A ledger that is caught gives an alarm that proves itself to who asked, over the
// network too, whoever it is.
func TestAlarms(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	b.add(0, 300)
	s.mustCosign(t, b, client.Auditor, s.auditor, 0)
	s.mustCosign(t, b, client.Witness, s.witness, 0)
	at := b.size()

	split := ledger.Checkpoint{Origin: aa, Size: at, Root: evidence.Hash{1}}
	signed, err := split.Sign(b.skey)
	if err != nil {
		t.Fatal(err)
	}
	mustAlarm(t, s, b, client.Witness, ledger.CosignRequest{OldSize: at, Note: signed}, witness.Split, http.StatusConflict)

	b.force(ledgertest.Rival(3, 1))
	mustAlarm(t, s, b, client.Auditor, b.request(at), witness.SecondClose, http.StatusUnprocessableEntity)
	if !strings.Contains(s.logged.String(), `"msg":"ledger caught"`) {
		t.Error("the operator is not told")
	}
}

func mustAlarm(t *testing.T, s *state, b *book, role string, r ledger.CosignRequest, kind witness.Kind, status int) {
	t.Helper()
	n := dial(t, s.url)
	var caught *ledger.MisbehaviourError
	_, err := n.Cosigner(role, b.vkey).Cosign(t.Context(), r)
	if !errors.As(err, &caught) || caught.Origin != aa {
		t.Fatalf("%s: %v", kind, err)
	}
	a, err := witness.ParseAlarm(caught.Alarm)
	if err != nil || a.Kind != kind {
		t.Fatalf("alarm %s, %v", a.Kind, err)
	}
	if what, err := a.Verify(b.vkey); err != nil || what != caught.What {
		t.Fatalf("alarm says %q, %v", what, err)
	}
	// Who has another key for the ledger is not stopped by it.
	_, stranger := logKey(t, string(aa))
	if _, err := n.Cosigner(role, stranger).Cosign(t.Context(), r); errors.As(err, &caught) || !errors.Is(err, ledger.ErrProof) {
		t.Errorf("under another key: %v", err)
	}
	resp, err := http.Post(s.url+"/"+role+"/add-checkpoint", "", bytes.NewReader(client.MarshalRequest(r)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != status || resp.Header.Get("Content-Type") != client.AlarmType {
		t.Errorf("%s: %d %s", kind, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
}

// An auditor whose reading fails signs nothing, and catches up when it works again.
func TestAuditorCannotRead(t *testing.T) {
	b := newBook(t)
	var broken, lying bool
	front := newFront(t, func(w http.ResponseWriter, r *http.Request, behind http.Handler) {
		switch {
		case broken && strings.HasPrefix(r.URL.Path, "/tile/entries/001"):
			http.Error(w, "no", http.StatusInternalServerError)
		case lying && strings.HasPrefix(r.URL.Path, "/tile/entries/000"):
			rec := httptest.NewRecorder()
			behind.ServeHTTP(rec, r)
			body := rec.Body.Bytes()
			body[50] ^= 1
			w.Write(body)
		default:
			behind.ServeHTTP(w, r)
		}
	})
	s := newState(t, b, func(c *Config) {
		c.Ledgers = map[evidence.Origin]*client.Log{aa: dial(t, front.url).Log()}
	})
	front.behind = s.config.handler(t)
	b.add(0, 700)
	auditor := dial(t, s.url).Cosigner(client.Auditor, b.vkey)
	broken = true
	if lines, err := auditor.Cosign(t.Context(), b.request(0)); !errors.Is(err, client.ErrUnavailable) || lines != nil {
		t.Errorf("unreadable: %q, %v", lines, err)
	}
	broken, lying = false, true
	// It has recorded the checkpoint before it read, and starts from there now.
	if lines, err := auditor.Cosign(t.Context(), b.request(b.size())); !errors.Is(err, ledger.ErrProof) || lines != nil {
		t.Errorf("leaves that are not those of the tree: %q, %v", lines, err)
	}
	lying = false
	s.mustCosign(t, b, client.Auditor, s.auditor, b.size())
}

func (c Config) handler(t *testing.T) http.Handler {
	t.Helper()
	n, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// front is a server before a node, which does to answers what a test wants.
type front struct {
	url    string
	behind http.Handler
}

func newFront(t *testing.T, do func(w http.ResponseWriter, r *http.Request, behind http.Handler)) *front {
	t.Helper()
	f := new(front)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do(w, r, f.behind) }))
	t.Cleanup(srv.Close)
	f.url = srv.URL
	return f
}

// Bodies that are too large, cut off, or something else change nothing.
func TestBadBodies(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	b.add(0, 10)
	whole := client.MarshalRequest(b.request(0))
	for name, c := range map[string]struct {
		body   io.Reader
		status int
	}{
		"10 MB":          {bytes.NewReader(make([]byte, 10<<20)), 413},
		"10 MB, chunked": {io.MultiReader(bytes.NewReader(whole), bytes.NewReader(make([]byte, 10<<20))), 413},
		"nothing":        {strings.NewReader(""), 400},
		"JSON":           {strings.NewReader(`{"old":0}`), 400},
		"old 00":         {bytes.NewReader(bytes.Replace(whole, []byte("old 0"), []byte("old 00"), 1)), 400},
		"a line too few": {bytes.NewReader(bytes.TrimSuffix(whole, []byte("\n"))), 400},
		"half":           {bytes.NewReader(whole[:len(whole)/2]), 400},
	} {
		resp, err := http.Post(s.url+"/witness/add-checkpoint", "text/plain", c.body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
	// A request that ends in the middle is not acted on.
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "POST /witness/add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"+string(whole))
	conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) {
		t.Errorf("half a request: %q, %v", answer, err)
	}
	conn.Close()
	if signed, err := s.config.Witness.Latest(t.Context(), aa); err != nil || signed != nil {
		t.Errorf("something was recorded: %q, %v", signed, err)
	}
	s.mustCosign(t, b, client.Witness, s.witness, 0)
}

// At most so many cosignatures are under way at once; the next client is told to
// come again, and the node answers everything else meanwhile.
func TestBusy(t *testing.T) {
	b := newBook(t)
	hold, in := make(chan struct{}), make(chan struct{})
	s := newState(t, b, func(c *Config) {
		c.Limits = DefaultLimits
		c.Limits.Cosigning = 1
		c.Witness = slow{c.Witness, in, hold}
	})
	b.add(0, 10)
	r := b.request(0)
	k := dial(t, s.url).Cosigner(client.Witness, b.vkey)
	first := make(chan error, 1)
	go func() {
		_, err := k.Cosign(context.Background(), r)
		first <- err
	}()
	<-in
	resp, err := http.Post(s.url+"/witness/add-checkpoint", "", bytes.NewReader(client.MarshalRequest(r)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("busy: %d %q", resp.StatusCode, resp.Header)
	}
	if resp, _ := s.get(t, "GET", "/healthz"); resp.StatusCode != 200 {
		t.Errorf("health: %d", resp.StatusCode)
	}
	close(hold)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// slow waits before it signs.
type slow struct {
	ledger.Cosigner
	in, hold chan struct{}
}

// Cosign implements [ledger.Cosigner].
func (s slow) Cosign(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
	s.in <- struct{}{}
	<-s.hold
	return s.Cosigner.Cosign(ctx, r)
}

// A ledger's newest note is named by the hash of its origin, in one form.
func TestLatestNames(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	b.add(0, 10)
	s.mustCosign(t, b, client.Witness, s.witness, 0)
	name := evidence.Hash(sha256.Sum256([]byte(aa))).String()
	for path, status := range map[string]int{
		name: 200, strings.ToUpper(name): 404, name[:63]: 404, string(aa): 404, strings.Repeat("0", 64): 404,
	} {
		if resp, _ := s.get(t, "GET", "/witness/"+path+"/checkpoint"); resp.StatusCode != status {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if resp, _ := s.get(t, "GET", "/auditor/"+name+"/checkpoint"); resp.StatusCode != 404 {
		t.Errorf("an auditor that has recorded nothing: %d", resp.StatusCode)
	}
}
