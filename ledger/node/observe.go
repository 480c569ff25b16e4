package node

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// observer counts requests and writes one line about each. Neither has an address
// or anything else of whoever asked.
type observer struct {
	log      *slog.Logger
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	sizes    *prometheus.GaugeVec
	events   *prometheus.CounterVec
}

func newObserver(log *slog.Logger) *observer {
	o := &observer{
		log: log, registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "custody_node_requests_total",
			Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "custody_node_request_seconds",
			Help: "Time to answer a request.", Buckets: prometheus.ExponentialBuckets(0.0005, 4, 10)}, []string{"route"}),
		sizes: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "custody_node_cosigned_size",
			Help: "Size of the last checkpoint cosigned for a ledger."}, []string{"role", "origin"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "custody_node_events_total",
			Help: "Events submitted, by what became of them."}, []string{"status"}),
	}
	for _, status := range []string{wire.Logged, wire.Pending, wire.Refused} {
		o.events.WithLabelValues(status) // there from the beginning, so that a first one is seen as a rise
	}
	o.registry.MustRegister(o.requests, o.seconds, o.sizes, o.events,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return o
}

func (o *observer) metrics() http.Handler {
	return promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{Registry: o.registry})
}

func (o *observer) cosigned(role string, c ledger.Checkpoint) {
	o.sizes.WithLabelValues(role, string(c.Origin)).Set(float64(c.Size))
}

// request watches the answer that is written to w, until the function it returns
// is called.
func (o *observer) request(w *http.ResponseWriter, r *http.Request) (done func()) {
	begun, seen := time.Now(), &watched{ResponseWriter: *w, status: http.StatusOK}
	*w = seen
	return func() {
		took := time.Since(begun)
		o.requests.WithLabelValues(r.Pattern, strconv.Itoa(seen.status)).Inc()
		o.seconds.WithLabelValues(r.Pattern).Observe(took.Seconds())
		o.log.Info("request", "route", r.Pattern, "status", seen.status, "bytes", seen.bytes, "ms", took.Milliseconds())
	}
}

// watched notes what is written to a client.
type watched struct {
	http.ResponseWriter
	status int
	bytes  int
}

// WriteHeader implements [http.ResponseWriter].
func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *watched) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
