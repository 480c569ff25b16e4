//go:build engines && linux

package main

import (
	"slices"
	"testing"
	"time"
)

// portion is how many receipts at least are timed before the next condition has its turn.
const portion = 50

// condition is one in which receipts are timed.
type condition struct {
	name string
	standstill
	anchors bool // the ledger is anchored in it
	took    []time.Duration
}

// BenchmarkReceipts is how long an officer waits from sealing a thing until the receipt is
// there: without custody-channel, with one beside the node that anchors every second, which
// is sixty times as often as it does by itself, and with that one while another state's peer
// or the orderer is frozen. The four have their turns in the same run, on the cores that the
// channel's servers and the other states' nodes have as well.
func BenchmarkReceipts(b *testing.B) {
	s := newStory(b)
	s.begin()
	for _, state := range []string{"BB", "CC"} { // they have voted, and what is timed is AA's
		s.server("custody-channel of " + state).kill()
	}
	own := s.server("custody-channel of AA")
	nothing := func() {}
	all := []*condition{
		{name: "without", standstill: standstill{own.kill, own.start}},
		{name: "with", standstill: standstill{nothing, nothing}, anchors: true},
		{name: "peer-frozen", standstill: s.peers("BB"), anchors: true},
		{name: "orderer-frozen", standstill: standstill{s.net.Ordering[0].Freeze, s.net.Ordering[0].Thaw}},
	}
	r := s.receipts("AA")
	b.ResetTimer()
	for range b.N {
		for _, c := range all {
			r.time(c)
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, c := range all {
		b.ReportMetric(c.quantile(50), c.name+"-p50-ms")
		b.ReportMetric(c.quantile(99), c.name+"-p99-ms")
		if c != all[0] {
			b.ReportMetric(c.quantile(50)/all[0].quantile(50), c.name+":without")
		}
	}
}

// time times receipts in a condition, until one anchor was made in the meantime where that is
// so, and has all anchored after it.
func (r *receipts) time(c *condition) {
	c.begin()
	proofs, begun := len(r.proofs()), time.Now()
	for n := 0; n < portion || c.anchors && len(r.proofs()) == proofs; n++ {
		from := time.Now()
		r.seal()
		c.took = append(c.took, time.Since(from))
		if time.Since(begun) > patience {
			r.t.Fatalf("%s: nothing was anchored in %v", c.name, patience)
		}
	}
	c.end()
	r.anchoredAs("AA", r.size())
}

// quantile returns a percentile of the times in milliseconds.
func (c *condition) quantile(n int) float64 {
	slices.Sort(c.took)
	return float64(c.took[min(len(c.took)*n/100, len(c.took)-1)]) / 1e6
}

// server is one of the story's by its name.
func (s *story) server(name string) server {
	s.t.Helper()
	i := slices.IndexFunc(s.servers, func(v server) bool { return v.name == name })
	if i < 0 {
		s.t.Fatalf("no server %q", name)
	}
	return s.servers[i]
}
