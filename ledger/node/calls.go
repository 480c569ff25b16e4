package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"mime"
	"net/http"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/node/intake"
)

// Writing is what a node has that takes events.
type Writing struct {
	Origin evidence.Origin
	State  evidence.StateCode
	Intake *intake.Intake
	// Writer is the ledger that the intake logs in.
	Writer intake.Writer
	// Latest returns the newest checkpoint that met the receipt policy, nil when there
	// is none: it alone is published.
	Latest func() []byte
	// Fresh has the present tree cosigned now. With [writer.ErrQuorum] it is not to be
	// given out.
	Fresh func(context.Context) ([]byte, error)
	// Ended has the last checkpoints of the ledgers that this one follows cosigned anew;
	// nil: there are none.
	Ended func(context.Context) error
	// Short returns why the last checkpoint has not enough cosignatures, and nil when it
	// has; nil: nobody is asked.
	Short func() error
	// Lists logs the hash of the trust list that is about to be pinned, unless there is
	// none or it is logged. It is not called twice at once; nil: never.
	Lists   func(context.Context) error
	Pinned  func() (*intake.Pinned, error)
	Access  *AccessLog
	Mailbox *Mailbox
	Now     func() time.Time
	// Every is how often the newest hash of the access log goes into the ledger.
	Every time.Duration
}

// maxIntroduction is the most that somebody unknown can have looked at, in bytes: a
// card's enrolment is at most a quarter of it (spec/keys.md), in base64.
const maxIntroduction = 1 << 20

// call is one signed call.
type call struct {
	pattern string
	media   string // of the body; "" when there is none
	limit   int64  // bytes of the body
	handle  func(http.ResponseWriter, *asked) error
}

func (n *Node) calls() []call {
	return []call{
		{"POST /v1/keys", "application/json", maxIntroduction, n.introduce},
		{"GET /v1/ledger", "", 0, n.facts},
		{"GET /v1/checkpoint", "", 0, n.fresh},
		{"GET /v1/seals/{seal}", "", 0, n.seal},
		{"GET /v1/receipts/{leaf}", "", 0, n.receipt},
		{"POST /v1/events", "application/json", wire.MaxBody, n.submit},
		{"GET /v1/items/{item}", "", 0, n.listItem},
		{"GET /v1/events/{leaf}", "", 0, n.event},
		{"POST /v1/handoffs", "application/octet-stream", wire.MaxBody, n.leave},
		{"GET /v1/handoffs", "", 0, n.waiting},
		{"GET /v1/handoffs/{id}", "", 0, n.fetch},
		{"DELETE /v1/handoffs/{id}", "", 0, n.taken},
		{"GET /v1/access", "", 0, n.accessLog},
	}
}

// write adds the signed calls.
func (n *Node) write() {
	for _, c := range n.calls() {
		n.route(c.pattern, n.posts, n.refuseSigned, func(w http.ResponseWriter, r *http.Request) error { return n.signed(c, w, r) })
	}
	n.route(signedCalls, n.posts, n.refuseSigned, func(_ http.ResponseWriter, r *http.Request) error { return n.noCall(r) })
}

// Begin lets the node take events. It may be called once, while requests are served:
// before it a ledger asks other states' cosigners, who may ask this node's. lags says
// how far the ledger's cosigners are behind, and may be nil.
func (n *Node) Begin(w *Writing, lags func() []feeder.Lag) {
	if lags != nil {
		n.seen.registry.MustRegister(lagging(lags))
	}
	n.started = w.Now()
	n.begun.Store(w)
}

// writing is nil before [Node.Begin].
func (n *Node) writing() *Writing { return n.begun.Load() }

// signedCalls is the pattern of what is no call and begins like one.
const signedCalls = "/v1/"

// signed reads a request, finds out who sent it, and does what it asks.
func (n *Node) signed(c call, w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	if n.writing() == nil {
		return &trouble{code: "busy", detail: "the ledger is being opened"}
	}
	if r.Header.Get(client.InputHeader) == "" {
		return &trouble{code: "signature", detail: "there is none"} // before anything is read
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); c.media != "" && (err != nil || kind != c.media) {
		return &trouble{code: "media-type", detail: "it takes " + c.media}
	}
	introduces := c.pattern == "POST /v1/keys"
	body, free, err := n.take(c, w, r, introduces)
	defer free()
	if err != nil {
		return err
	}
	a, err := n.authenticate(r, body, introduces)
	if err != nil {
		return err
	}
	return c.handle(w, a)
}

// take reads the body of a call, for which it takes memory until free is called.
func (n *Node) take(c call, w http.ResponseWriter, r *http.Request, introduces bool) (body []byte, free func(), err error) {
	if introduces {
		return n.readStranger(w, r, c.limit)
	}
	if err := n.claims(r); err != nil {
		return nil, func() {}, err
	}
	weight := c.limit
	if r.ContentLength >= 0 {
		weight = min(weight, r.ContentLength)
	}
	free, ok := n.memory.take(clientOf(r.RemoteAddr), weight, false)
	if !ok {
		return nil, func() {}, &trouble{code: "busy"}
	}
	body, err = readBody(w, r, c.limit)
	return body, free, err
}

// noCall tells an address that is none from one that has other methods.
func (n *Node) noCall(r *http.Request) error {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := n.mux.Handler(other); pattern != signedCalls {
			return &trouble{code: "method"}
		}
	}
	return &trouble{code: "not-found"}
}

// send answers with a value in its canonical form.
func send(w http.ResponseWriter, status int, v any) error {
	b, err := evidence.Canonical(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(b)
	return sent(err)
}

func hashOf(b []byte) evidence.Hash { return sha256.Sum256(b) }

// pathHash reads the part of an address that is a hash.
func pathHash(a *asked, name string) (evidence.Hash, error) {
	h, err := evidence.ParseHash(a.PathValue(name))
	if err != nil {
		return h, &trouble{code: "not-found", detail: "64 lower-case hexadecimal digits are wanted"}
	}
	return h, nil
}

// Run puts the newest hash of the access log into the ledger on a clock, and once more
// when ctx ends. It returns when it is done, and is called after [Node.Begin].
func (n *Node) Run(ctx context.Context) error {
	tick := time.NewTicker(n.writing().Every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := n.vouch(ctx); err != nil {
				n.Log.Error("the access log's hash is not in the ledger yet", "error", err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
			defer cancel()
			if err := n.vouch(last); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				n.Log.Error("the access log's hash is not in the ledger", "error", err)
			}
			return nil
		}
	}
}
