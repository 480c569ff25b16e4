//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package writer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

var clients = []int{1, 16, 256}

// appends runs n clients, each appending one leaf after the other for a while, and
// returns appends per second and what each append took.
func appends(n int, a func(ledger.Leaf) error, for_ time.Duration) (float64, []time.Duration, error) {
	var next atomic.Uint64
	next.Store(uint64(time.Now().UnixNano()))
	took := make([][]time.Duration, n)
	errs := make([]error, n)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			for time.Since(start) < for_ && errs[i] == nil {
				begun := time.Now()
				errs[i] = a(ledgertest.Event(next.Add(1)))
				took[i] = append(took[i], time.Since(begun))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	all := slices.Concat(took...)
	for _, err := range errs {
		if err != nil {
			return 0, nil, err
		}
	}
	slices.Sort(all)
	return float64(len(all)) / elapsed.Seconds(), all, nil
}

// peer is tessera by itself, batching as the engine does: a batch is whatever all
// clients have submitted, and leaves at once when it is full.
func peer(b *testing.B, n int) func(ledger.Leaf) error {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	skey, _, err := note.GenerateKey(nil, string(testOrigin))
	if err != nil {
		b.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		b.Fatal(err)
	}
	d, err := posix.New(ctx, posix.Config{Path: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	a, shutdown, _, err := tessera.NewAppender(ctx, d, tessera.NewAppendOptions().WithCheckpointSigner(signer).
		WithBatching(uint(n), linger).WithCheckpointInterval(time.Second))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { shutdown(context.Background()) })
	return func(l ledger.Leaf) error {
		_, err := a.Add(ctx, tessera.NewEntry(l[:]))()
		return err
	}
}

// engine is the Log interface.
func engine(b *testing.B) func(ledger.Leaf) error {
	b.Helper()
	f := newFolder(b)
	signer, _, err := f.logKey()
	if err != nil {
		b.Fatal(err)
	}
	l, err := tesseralog.Open(context.Background(), f.path("ledger"), signer)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return func(leaf ledger.Leaf) error {
		_, err := l.Append(context.Background(), []ledger.Leaf{leaf})
		return err
	}
}

// sealing is the writer over the engine: uniqueness, epoch and receipt besides.
func sealing(b *testing.B, cosigned bool) func(ledger.Leaf) error {
	b.Helper()
	w, err := newFolder(b).open(cosigned)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.Close() })
	return func(leaf ledger.Leaf) error {
		got, err := w.Submit(context.Background(), leaf)
		if err == nil && got[0].Receipt == nil {
			err = fmt.Errorf("no receipt: %+v", got[0])
		}
		return err
	}
}

// BenchmarkClose closes seals at the Log interface, leaf in and durable out, beside
// tessera alone with the same batching, round by round in one run. The bound: a
// ratio of 0.8. The writer's own figure has the map, the epoch and a receipt in it.
func BenchmarkClose(b *testing.B) {
	for _, n := range clients {
		b.Run(fmt.Sprintf("clients=%d", n), func(b *testing.B) {
			runs := []func(ledger.Leaf) error{peer(b, n), engine(b), sealing(b, false)}
			rates := make([][]float64, len(runs))
			for round := 0; b.Loop(); round++ {
				for k := range runs { // each is first, second and last in its turn
					i := (k + round) % len(runs)
					rate, _, err := appends(n, runs[i], 500*time.Millisecond)
					if err != nil {
						b.Fatal(err)
					}
					rates[i] = append(rates[i], rate)
				}
			}
			ratio := func(i int) float64 {
				var all []float64
				for round := range rates[0] {
					all = append(all, rates[i][round]/rates[0][round])
				}
				return median(all)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(rates[0]), "tessera/s")
			b.ReportMetric(median(rates[1]), "log/s")
			b.ReportMetric(median(rates[2]), "writer/s")
			b.ReportMetric(ratio(1), "log:tessera")
			b.ReportMetric(ratio(2), "writer:tessera")
		})
	}
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// BenchmarkReceipt is the time from a leaf to its receipt, and its spread: with the
// log's word alone, and cosigned by another state's witness and auditor on disk.
func BenchmarkReceipt(b *testing.B) {
	for _, cosigned := range []bool{false, true} {
		for _, n := range clients {
			b.Run(fmt.Sprintf("cosigned=%v/clients=%d", cosigned, n), func(b *testing.B) {
				a := sealing(b, cosigned)
				var all []time.Duration
				var rate float64
				for b.Loop() {
					r, took, err := appends(n, a, time.Second)
					if err != nil {
						b.Fatal(err)
					}
					rate, all = r, append(all, took...)
				}
				slices.Sort(all)
				at := func(p float64) float64 {
					return all[min(len(all)-1, int(math.Ceil(p*float64(len(all)))))].Seconds() * 1000
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(rate, "receipts/s")
				b.ReportMetric(at(0.5), "p50-ms")
				b.ReportMetric(at(0.99), "p99-ms")
			})
		}
	}
}
