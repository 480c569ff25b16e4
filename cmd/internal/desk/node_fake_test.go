package desk

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/tesseralog"
)

// fakeNode answers a desk's calls from the desk's own embedded ledger, and in what
// ways a test wants: everything a node might say, without what makes it a good one.
type fakeNode struct {
	*httptest.Server
	t    *testing.T
	book *book

	mu     sync.Mutex
	down   bool                            // answers 503
	deny   int                             // answers this to submissions
	change func(s *wire.Submitted)         // what it says instead
	note   func(signed []byte) []byte      // what it publishes instead
	asked  []wire.Submission               // in their order
	answer func(ledger.Leaf) *wire.Problem // refuses a leaf
}

// atNode has a desk go on with a node that keeps its ledger.
func atNode(t *testing.T, s *Session) *fakeNode {
	t.Helper()
	if s.book != nil {
		if err := s.book.close(); err != nil {
			t.Fatal(err)
		}
		s.book = nil
	}
	b, err := openBook(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	n := &fakeNode{t: t, book: b}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/events", n.events)
	mux.HandleFunc("GET /v1/checkpoint", n.checkpoint)
	mux.HandleFunc("GET /checkpoint", n.checkpoint)
	mux.Handle("GET /tile/", http.FileServer(http.Dir(tesseralog.TilesDir(filepath.Join(s.Dir, "ledger")))))
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.down {
			panic(http.ErrAbortHandler) // as when nobody listens
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { n.Close(); b.close() })
	s.Node = n.URL
	return n
}

// set changes how the node behaves.
func (n *fakeNode) set(change func(n *fakeNode)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

func (n *fakeNode) checkpoint(w http.ResponseWriter, r *http.Request) {
	signed, err := n.book.writer.Checkpoint(r.Context())
	if signed == nil && err != nil {
		n.t.Error(err)
	}
	if n.note != nil {
		signed = n.note(signed)
	}
	w.Write(signed)
}

func (n *fakeNode) events(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if n.deny != 0 {
		w.WriteHeader(n.deny)
		return
	}
	if signed, err := client.ReadSigned(r, body); err != nil || signed.Ledger != n.book.writer.Origin() {
		n.t.Errorf("%+v, %v", signed, err)
	}
	s, err := wire.ParseSubmission(body)
	if err != nil {
		n.t.Error(err)
		return
	}
	n.asked = append(n.asked, *s)
	out := &wire.Submitted{}
	for _, e := range s.Events {
		out.Results = append(out.Results, n.log(r, e))
	}
	if n.change != nil {
		n.change(out)
	}
	b, err := out.Marshal()
	if err != nil {
		n.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(b)
}

func (n *fakeNode) log(r *http.Request, e wire.Event) wire.Result {
	leaf := e.Recompute()
	out := wire.Result{Leaf: leaf.Hash(), Status: wire.Refused}
	if n.answer != nil {
		if out.Problem = n.answer(leaf); out.Problem != nil {
			return out
		}
	}
	got, err := n.book.writer.Submit(r.Context(), leaf)
	if err != nil {
		n.t.Error(err)
		return out
	}
	switch one := got[0]; {
	case one.Refused != nil:
		closed := one.Refused.(*ledger.ClosedError)
		out.Problem = problemOf(wire.CodeSealClosed)
		out.Problem.Index, out.Problem.Leaf = &closed.Index, &closed.Leaf
	case one.Receipt == nil:
		out.Status, out.Index = wire.Pending, &one.Index
	default:
		out.Status, out.Index, out.Receipt, out.Retried = wire.Logged, &one.Index, string(one.Receipt.Marshal()), one.Retried
	}
	return out
}

func problemOf(code string) *wire.Problem {
	return &wire.Problem{Code: code, Title: "no", Means: "nothing", Do: []string{"x"}, Status: 409, Type: "urn:custody:problem:" + code}
}

// rival closes the seal of an event by another leaf.
func (n *fakeNode) rival(e *evidence.Event, key evidence.Hash) {
	n.t.Helper()
	leaf := ledger.EventLeaf(evidence.SealKey(key), evidence.Hash{9}, []byte("another envelope"))
	got, err := n.book.writer.Submit(n.t.Context(), leaf)
	if err != nil || got[0].Refused != nil {
		n.t.Fatalf("%s: %+v, %v", e.Action, got, err)
	}
}
