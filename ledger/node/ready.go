package node

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/writer"
	"github.com/prometheus/client_golang/prometheus"
)

// serveReady answers whether the node can do what it is for.
func (n *Node) serveReady(w http.ResponseWriter, r *http.Request) error {
	if err := n.ready(r.Context()); err != nil {
		what := "not ready"
		switch {
		case errors.Is(err, writer.ErrFrozen), errors.Is(err, ledger.ErrEndedByNode):
			what += ": the ledger has ended"
		case errors.Is(err, ledger.ErrQuorum):
			what += ": below the quorum"
		}
		return &refusal{status: http.StatusServiceUnavailable, what: what}
	}
	return say(w, "ready")
}

// readiness is what a scrape of the metrics is told: the same as who asks /readyz, so
// that an alarm needs nobody else to ask.
func (n *Node) readiness() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "custody_node_ready",
		Help: "1 when the node can do what it is for, as /readyz answers; else 0."}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), readyIn)
		defer cancel()
		if n.ready(ctx) != nil {
			return 0
		}
		return 1
	})
}

// readyIn is how long a scrape waits for the answer, less than Prometheus does.
const readyIn = 5 * time.Second

// ready returns why the node cannot do what it is for, which is logged, and nil when it can.
func (n *Node) ready(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			n.Log.Error("not ready", "error", err)
		}
	}()
	// A ledger that is written has nothing to publish until the first act.
	if _, err := n.checkpoint(); err != nil && !n.Takes {
		return err
	}
	if err := n.takes(ctx); err != nil {
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

// takes reports whether a node that takes events can.
func (n *Node) takes(ctx context.Context) error {
	w := n.writing()
	switch {
	case !n.Takes:
		return nil
	case w == nil:
		return errors.New("the ledger is being opened")
	}
	_, err := w.Pinned()
	if w.Short != nil {
		err = errors.Join(err, w.Short())
	}
	return errors.Join(w.Writer.ReadOnly(), w.Writer.Ended(ctx), w.Writer.Stuck(ctx), err)
}
