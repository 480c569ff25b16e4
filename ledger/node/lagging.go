package node

import (
	"github.com/prometheus/client_golang/prometheus"

	"example.org/custody/ledger/feeder"
)

// lagging tells how far the ledger's cosigners are behind.
type lagging func() []feeder.Lag

var (
	behind = prometheus.NewDesc("custody_node_cosigner_behind_leaves",
		"Leaves by which a cosigner of this ledger is behind its newest checkpoint.", []string{"at", "cosigner"}, nil)
	signedAt = prometheus.NewDesc("custody_node_cosigner_signed_seconds",
		"When a cosigner's last cosignature came, in Unix time; 0: never.", []string{"at", "cosigner"}, nil)
)

// Describe implements [prometheus.Collector].
func (l lagging) Describe(to chan<- *prometheus.Desc) { to <- behind; to <- signedAt }

// Collect implements [prometheus.Collector].
func (l lagging) Collect(to chan<- prometheus.Metric) {
	for _, k := range l() {
		at := float64(0)
		if !k.Signed.IsZero() {
			at = float64(k.Signed.Unix())
		}
		to <- prometheus.MustNewConstMetric(behind, prometheus.GaugeValue, float64(k.Behind), k.State, k.Name)
		to <- prometheus.MustNewConstMetric(signedAt, prometheus.GaugeValue, at, k.State, k.Name)
	}
}
