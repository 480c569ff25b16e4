//go:build engines

package channel

import (
	"sync"
	"sync/atomic"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger/channel/channeltest"
	"example.org/custody/ledger/channel/contract"
)

// Thirty ledgers of three states anchor at once, each twice: none is in another's way.
func TestEngineThirty(t *testing.T) {
	w := start(t)
	followers, books := w.thirty(3)
	var wg sync.WaitGroup
	for i, f := range followers {
		wg.Go(func() {
			for size := range uint64(2) {
				books[i].size = size + 1
				if r := w.eventually(f); r.Tree != books[i].tree() {
					t.Errorf("%s: %+v", f.Origin, r)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkChannel is how many anchors a second the channel commits for thirty ledgers
// that submit as fast as they can, and what share of that thirty anchors a minute are.
func BenchmarkChannel(b *testing.B) {
	w := start(b)
	followers, books := w.thirty(b.N + 2)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for i, f := range followers {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := w.anchorOnce(f, books[i]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rate := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "anchors/s")
	b.ReportMetric(100*30.0/60/rate, "%-of-channel")
}

// anchorOnce submits the next tree of a book, and fetches no proof.
func (w *real) anchorOnce(f *Follower, b *book) error {
	old := b.tree()
	b.size++
	signed, err := b.Checkpoint(w.t.Context())
	if err != nil {
		return err
	}
	proof := []evidence.Hash{}
	if old.Size > 0 {
		if proof, err = b.tree().ProveConsistency(b.Hashes(w.t.Context(), b.size), old); err != nil {
			return err
		}
	}
	hashes, err := evidence.Canonical(append([]evidence.Hash{}, proof...))
	if err != nil {
		return err
	}
	for range 100 {
		// A peer that has not committed the anchor before yet refuses what continues it.
		_, _, err = f.Channel.Submit(w.t.Context(), contract.FuncAnchor, signed, hashes)
		if !contract.IsRefused(err, contract.Inconsistent) {
			break
		}
	}
	return err
}

// thirty returns thirty ledgers of so many leaves, of which none is anchored.
func (w *real) thirty(leaves int) (followers []*Follower, books []*book) {
	for _, s := range channeltest.States {
		for i := 1; i <= ledgersOfState; i++ {
			name := ledgerName(s, i)
			b := newBook(w.t, evidence.Origin(name), w.logs[name], make([]byte, leaves)...)
			b.size = 0
			f := w.follower(b)
			f.Channel = w.clients[s]
			followers, books = append(followers, f), append(books, b)
		}
	}
	return followers, books
}
