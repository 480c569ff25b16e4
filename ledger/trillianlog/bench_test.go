//go:build engines

package trillianlog

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"example.org/custody/ledger"
	"example.org/custody/ledger/batch"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

const (
	submitters = 256
	trial      = 3 * time.Second
)

// counter numbers the leaves of all trials, so that no seal is closed twice.
var counter atomic.Uint64

// driven is how many call submit at once, each with leaves of its own.
type driven struct {
	many   int
	submit func(who int, leaf ledger.Leaf) error
}

// perSecond drives for one trial and returns how many leaves were acknowledged a
// second.
func (l driven) perSecond(b *testing.B) float64 {
	b.Helper()
	var done atomic.Uint64
	var work errgroup.Group
	begun := time.Now()
	for who := range l.many {
		work.Go(func() error {
			for time.Since(begun) < trial {
				if err := l.submit(who, ledgertest.Event(counter.Add(1))); err != nil {
					return err
				}
				done.Add(1)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		b.Fatal(err)
	}
	return float64(done.Load()) / time.Since(begun).Seconds()
}

// bare drives Trillian as a load generator does: what waits is one batch, which is
// acknowledged when the signer has integrated it. No guard, no turn, no tiles, no check.
type bare struct {
	server *server
	tree   int64
	queue  *batch.Queue[*batch.Leaves]
	next   uint64
	ended  sync.WaitGroup
}

func newBare(b *testing.B, s *trilliantest.Servers) *bare {
	b.Helper()
	c, err := connect(s.Address, patience)
	if err != nil {
		b.Fatal(err)
	}
	g := &bare{server: c, queue: batch.New[*batch.Leaves](most, linger)}
	if g.tree, err = c.create(b.Context()); err != nil {
		b.Fatal(err)
	}
	g.ended.Go(g.run)
	b.Cleanup(func() { g.queue.Close(); g.ended.Wait(); _ = c.close() })
	return g
}

func (g *bare) run() {
	batch.CommitAll(g.queue, func(b []*batch.Leaves) {
		var leaves []ledger.Leaf
		for _, r := range b {
			leaves = append(leaves, r.Leaves...)
		}
		first := g.next
		batch.Settle(b, first, g.add(context.Background(), leaves))
	})
}

func (g *bare) add(ctx context.Context, leaves []ledger.Leaf) error {
	err := g.server.add(ctx, g.tree, g.next, leaves)
	g.next += uint64(len(leaves))
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for err == nil {
		var size uint64
		if size, _, err = g.server.root(ctx, g.tree); size >= g.next {
			return err
		}
		<-tick.C
	}
	return err
}

func (g *bare) submit(_ int, l ledger.Leaf) error {
	_, err := batch.Submit(context.Background(), g.queue, []ledger.Leaf{l})
	return err
}

// BenchmarkTrillian measures leaves a second at the Log beside the same Trillian driven
// bare, and events a second at two front ends beside one, in turns: with as many
// submitters at each of the two as at the one ("two"), and with those of the one shared
// between them ("split"). More submitters lift a rate by themselves, so the second is what
// a target is held against. At the end it weighs the database: bytes for each leaf, indexes included.
func BenchmarkTrillian(b *testing.B) {
	s := trilliantest.Start(b)
	g := newBare(b, s)
	l, err := openAt(b, s, ledgertest.Folder(b), "log.example/bench")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	nodes := []*node{openNode(b, s), openNode(b, s)}
	at := func(n int) func(int, ledger.Leaf) error {
		return func(who int, leaf ledger.Leaf) error {
			got, err := nodes[who%n].w.Submit(b.Context(), leaf)
			if err == nil && got[0].Receipt == nil {
				err = fmt.Errorf("refused: %v, pending: %v", got[0].Refused, got[0].Pending)
			}
			return err
		}
	}
	trials := map[string]driven{
		"bare": {submitters, g.submit},
		"log": {submitters, func(_ int, leaf ledger.Leaf) error {
			_, err := l.Append(b.Context(), []ledger.Leaf{leaf})
			return err
		}},
		"one": {submitters, at(1)}, "two": {2 * submitters, at(2)}, "split": {submitters, at(2)},
	}
	got := map[string][]float64{}
	for b.Loop() {
		for _, name := range []string{"bare", "log", "one", "two", "split"} {
			got[name] = append(got[name], trials[name].perSecond(b))
		}
	}
	b.ReportMetric(median(got["bare"]), "bare-leaves/s")
	b.ReportMetric(median(got["log"]), "leaves/s")
	b.ReportMetric(median(got["one"]), "one-node-events/s")
	b.ReportMetric(median(got["two"]), "two-node-events/s")
	b.ReportMetric(ratio(got["log"], got["bare"]), "log:trillian")
	b.ReportMetric(ratio(got["two"], got["one"]), "two:one")
	b.ReportMetric(ratio(got["split"], got["one"]), "split:one")
	b.ReportMetric(s.Number("SELECT pg_database_size(current_database())::float8 / count(*) FROM SequencedLeafData"), "db-B/leaf")
	b.ReportMetric(0, "ns/op")
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

// ratio returns the median of the ratios of the rounds.
func ratio(x, of []float64) float64 {
	var all []float64
	for i := range x {
		all = append(all, x[i]/of[i])
	}
	return median(all)
}
