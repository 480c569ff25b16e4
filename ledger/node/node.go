package node

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/client"
)

// Config is what a node serves.
type Config struct {
	// Tiles is the C2SP tlog-tiles folder of the ledger.
	Tiles string
	// Cosigned is the file of the newest checkpoint that had enough cosignatures.
	// It need not be there.
	Cosigned string
	// Ended are the home's ledgers that have ended and have a successor.
	Ended []Ended
	// Witness and Auditor are this state's cosigners of other states' ledgers. One
	// that is nil is not served.
	Witness, Auditor ledger.Cosigner
	// Followed returns the origins of the ledgers that the cosigners follow.
	Followed func() ([]evidence.Origin, error)
	// Ledgers is where the auditor reads the leaves of other ledgers. One that is
	// not here is not audited.
	Ledgers map[evidence.Origin]*client.Log
	// Where returns where the auditor reads a ledger that Ledgers does not have, nil when
	// it is not audited. It may be nil.
	Where func(evidence.Origin) *client.Log
	// Takes says that the node takes events, from [Node.Begin] on.
	Takes bool
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
	routes  []string // patterns of mux

	// Of a node that takes events.
	begun       atomic.Pointer[Writing]
	memory      memory // bytes of the bodies under way
	started     time.Time
	nonces      nonces
	vouching    sync.Mutex
	renewing    chan struct{} // held by who has the next five
	renewed     []byte        // the newest checkpoint that was asked for
	renewedAt   time.Time
	renewedErr  error        // why there was none then
	renewedSize uint64       // leaves of the ledger then
	endedAgain  time.Time    // when the ledgers that this one follows are to be cosigned anew at the earliest
	vouched     access.Chain // what of the access log is in the ledger
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
		signing: make(chan struct{}, c.Limits.Cosigning), renewing: make(chan struct{}, 1),
	}
	n.read("GET /checkpoint", n.serveCheckpoint)
	n.read("GET /tile/", n.serveTile)
	n.read("GET /ended/{origin}/checkpoint", n.endedCheckpoint)
	n.read("GET /ended/{origin}/tile/{tile...}", n.endedTile)
	n.role(client.Witness, c.Witness)
	n.role(client.Auditor, c.Auditor)
	// Whoever asks these is the machine next door, and asks all the time.
	n.handle("GET /healthz", nil, func(w http.ResponseWriter, _ *http.Request) error { return say(w, "ok") })
	n.handle("GET /readyz", nil, n.serveReady)
	n.seen.registry.MustRegister(n.readiness())
	if c.Takes {
		n.write()
	}
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
func (n *Node) handle(pattern string, l *limiter, h handler) { n.route(pattern, l, n.refuse, h) }

// route is handle for handlers whose refusals are told in another form.
func (n *Node) route(pattern string, l *limiter, refuse func(http.ResponseWriter, *http.Request, error), h handler) {
	n.routes = append(n.routes, pattern)
	n.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		defer n.seen.request(&w, r)()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !l.allow(r.RemoteAddr) {
			refuse(w, r, errRate)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), n.Limits.Time)
		defer cancel()
		if err := h(w, r.WithContext(ctx)); err != nil {
			refuse(w, r, err)
		}
	})
}

// errRate reports a client that asks too often.
var errRate = &rated{refusal{http.StatusTooManyRequests, "too many requests"}, trouble{code: "rate"}}

// rated is one refusal in both forms.
type rated struct {
	plain  refusal
	signed trouble
}

// Error implements error.
func (r *rated) Error() string { return r.plain.what }

// As gives whichever form is asked for.
func (r *rated) As(target any) bool {
	switch t := target.(type) {
	case **refusal:
		*t = &r.plain
	case **trouble:
		*t = &r.signed
	default:
		return false
	}
	return true
}

// say answers with one line of text.
func say(w http.ResponseWriter, line string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write([]byte(line + "\n"))
	return sent(err)
}
