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
	// warm is how long a trial runs before it counts: queues wait a moment for those of
	// the trial before.
	warm  = 500 * time.Millisecond
	trial = 3 * time.Second
)

// counter numbers the leaves of all trials, so that no seal is closed twice.
var counter atomic.Uint64

// driven is how many call submit at once, each with leaves of its own.
type driven struct {
	many   int
	submit func(who int, leaf ledger.Leaf) error
	log    *Log // what counts the appends, each of which has an epoch besides; or nil
}

// trialed is what one trial came to.
type trialed struct{ rate, batch float64 } // leaves a second, and to an append

// run drives for one trial.
func (l driven) run(b *testing.B) trialed {
	b.Helper()
	before := l.size(b)
	var done, counted atomic.Uint64
	var work errgroup.Group
	begun := time.Now()
	for who := range l.many {
		work.Go(func() error {
			for time.Since(begun) < warm+trial {
				if err := l.submit(who, ledgertest.Event(counter.Add(1))); err != nil {
					return err
				}
				done.Add(1)
				if at := time.Since(begun); at >= warm && at < warm+trial {
					counted.Add(1)
				}
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		b.Fatal(err)
	}
	n := float64(done.Load())
	return trialed{float64(counted.Load()) / trial.Seconds(), n / (l.size(b) - before - n)}
}

func (l driven) size(b *testing.B) float64 {
	b.Helper()
	if l.log == nil {
		return 0
	}
	size, err := l.log.Size(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return float64(size)
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
	trials := trialsOf(b, s)
	got := map[string][]trialed{}
	for b.Loop() {
		pairs := [][2]string{{"bare", "log"}, {"one", "split"}}
		for i := range pairs {
			if len(got["two"])%2 == 1 { // a disk is slower behind a burst: each is the second as often
				pairs[i][0], pairs[i][1] = pairs[i][1], pairs[i][0]
			}
		}
		for _, name := range []string{pairs[0][0], pairs[0][1], pairs[1][0], pairs[1][1], "two"} {
			got[name] = append(got[name], trials[name].run(b))
		}
	}
	for _, m := range []struct {
		name  string
		value float64
	}{
		{"bare-leaves/s", median(got["bare"], rateOf)}, {"leaves/s", median(got["log"], rateOf)},
		{"one-node-events/s", median(got["one"], rateOf)}, {"two-node-events/s", median(got["two"], rateOf)}, {"split-events/s", median(got["split"], rateOf)},
		{"one-batch", median(got["one"], batchOf)}, {"two-batch", median(got["two"], batchOf)}, {"split-batch", median(got["split"], batchOf)},
		{"log:trillian", ratio(got["log"], got["bare"])}, {"two:one", ratio(got["two"], got["one"])}, {"split:one", ratio(got["split"], got["one"])},
		{"db-B/leaf", s.Number(s.For("SELECT pg_database_size(current_database())::float8 / count(*) FROM SequencedLeafData",
			"SELECT (SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()) / COUNT(*) FROM SequencedLeafData"))}, {"ns/op", 0},
	} {
		b.ReportMetric(m.value, m.name)
	}
}

// trialsOf opens what is measured over one Trillian.
func trialsOf(b *testing.B, s *trilliantest.Servers) map[string]driven {
	b.Helper()
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
	return map[string]driven{
		"bare": {submitters, g.submit, nil},
		"log": {submitters, func(_ int, leaf ledger.Leaf) error {
			_, err := l.Append(b.Context(), []ledger.Leaf{leaf})
			return err
		}, nil},
		"one": {submitters, at(1), nodes[0].log}, "two": {2 * submitters, at(2), nodes[0].log}, "split": {submitters, at(2), nodes[0].log},
	}
}

func rateOf(t trialed) float64  { return t.rate }
func batchOf(t trialed) float64 { return t.batch }

func median(all []trialed, of func(trialed) float64) float64 {
	var x []float64
	for _, t := range all {
		x = append(x, of(t))
	}
	slices.Sort(x)
	return x[len(x)/2]
}

// ratio returns the median of the ratios of the rounds.
func ratio(x, of []trialed) float64 {
	var all []trialed
	for i := range x {
		all = append(all, trialed{rate: x[i].rate / of[i].rate})
	}
	return median(all, rateOf)
}
