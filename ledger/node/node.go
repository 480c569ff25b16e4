package node

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
)

// Config is what a node serves.
type Config struct {
	// Tiles is the C2SP tlog-tiles folder of the ledger.
	Tiles string
	// Cosigned is the file of the newest checkpoint that had enough cosignatures.
	// It need not be there.
	Cosigned string
	// Witness and Auditor are this state's cosigners of other states' ledgers. One
	// that is nil is not served.
	Witness, Auditor ledger.Cosigner
	// Followed returns the origins of the ledgers that the cosigners follow.
	Followed func() ([]evidence.Origin, error)
	// Ledgers is where the auditor reads the leaves of other ledgers. One that is
	// not here is not audited.
	Ledgers map[evidence.Origin]*client.Log
	// Log gets one line for each request and each fault. It names no client.
	Log *slog.Logger
	// Limits are the node's; the zero value takes [DefaultLimits].
	Limits Limits
}

// Limits keep one client, or many, from using a node up.
type Limits struct {
	Reads, Posts     float64       // requests a second from one client, in the long run
	Burst, PostBurst int           // requests at once from one client
	Cosigning        int           // requests for a cosignature under way
	Time             time.Duration // for one request; an auditor that is far behind goes on with the next
}

// DefaultLimits let an auditor read half a million leaves a second, and a ledger
// ask for a cosignature several times in each batch.
var DefaultLimits = Limits{Reads: 2000, Burst: 8000, Posts: 100, PostBurst: 400, Cosigning: 64, Time: 50 * time.Second}

// Node handles the requests of spec/node.md.
type Node struct {
	Config
	seen    *observer
	reads   *limiter
	posts   *limiter
	signing chan struct{} // held while a cosigner works
	mux     *http.ServeMux
}

// New returns the handlers of a node. Metrics are apart: [Node.Metrics].
func New(c Config) (*Node, error) {
	if c.Tiles == "" || c.Followed == nil || c.Log == nil {
		return nil, errors.New("node: tiles, followed and log are needed")
	}
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits
	}
	n := &Node{
		Config: c, seen: newObserver(c.Log), mux: http.NewServeMux(),
		reads:   newLimiter(c.Limits.Reads, c.Limits.Burst),
		posts:   newLimiter(c.Limits.Posts, c.Limits.PostBurst),
		signing: make(chan struct{}, c.Limits.Cosigning),
	}
	n.read("GET /checkpoint", n.serveCheckpoint)
	n.read("GET /tile/", n.serveTile)
	n.role(client.Witness, c.Witness)
	n.role(client.Auditor, c.Auditor)
	// Whoever asks these is the machine next door, and asks all the time.
	n.handle("GET /healthz", nil, func(w http.ResponseWriter, _ *http.Request) error { return say(w, "ok") })
	n.handle("GET /readyz", nil, n.serveReady)
	return n, nil
}

func (n *Node) role(name string, k ledger.Cosigner) {
	if k == nil {
		return
	}
	r := &role{node: n, name: name, Cosigner: k}
	n.handle("POST /"+name+"/add-checkpoint", n.posts, r.addCheckpoint)
	n.read("GET /"+name+"/{origin}/checkpoint", r.latest)
}

func (n *Node) read(pattern string, h handler) { n.handle(pattern, n.reads, h) }

// ServeHTTP implements [http.Handler].
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) { n.mux.ServeHTTP(w, r) }

// Metrics returns the handler of the node's Prometheus metrics, which its operator
// puts where only he reads them.
func (n *Node) Metrics() http.Handler { return n.seen.metrics() }

// handler answers a request, or returns why it cannot.
type handler func(http.ResponseWriter, *http.Request) error

// handle puts what is common to all requests around a handler.
func (n *Node) handle(pattern string, l *limiter, h handler) {
	n.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		defer n.seen.request(&w, r)()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !l.allow(r.RemoteAddr) {
			n.refuse(w, r, &refusal{status: http.StatusTooManyRequests, what: "too many requests"})
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), n.Limits.Time)
		defer cancel()
		if err := h(w, r.WithContext(ctx)); err != nil {
			n.refuse(w, r, err)
		}
	})
}

// serveReady answers whether the node can do what it is for.
func (n *Node) serveReady(w http.ResponseWriter, r *http.Request) error {
	if err := n.ready(r.Context()); err != nil {
		n.Log.Error("not ready", "error", err)
		return &refusal{status: http.StatusServiceUnavailable, what: "not ready"}
	}
	return say(w, "ready")
}

func (n *Node) ready(ctx context.Context) error {
	if _, err := n.checkpoint(); err != nil {
		return err
	}
	followed, err := n.Followed()
	if err != nil {
		return err
	}
	for _, k := range []ledger.Cosigner{n.Witness, n.Auditor} {
		for _, o := range followed {
			if k == nil {
				continue
			}
			if _, err := k.Latest(ctx, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// say answers with one line of text.
func say(w http.ResponseWriter, line string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write([]byte(line + "\n"))
	return sent(err)
}
