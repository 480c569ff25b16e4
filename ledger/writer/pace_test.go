package writer

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
)

// roundTakes is how long the cosigners of these tests take.
const roundTakes = 30 * time.Millisecond

// paced opens a ledger with one slow cosigner, and counts its rounds.
func paced(t *testing.T) (w *world, out *Writer, rounds *[]time.Time) {
	w, rounds = newWorld(t).cosigned(), new([]time.Time)
	s := w.wrap(0)
	s.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
		*rounds = append(*rounds, time.Now())
		time.Sleep(roundTakes)
		return s.Cosigner.Cosign(ctx, r)
	}
	return w, w.open(), rounds
}

// took submits one event and returns how long its receipt took.
func took(w *world, out *Writer, n uint64) time.Duration {
	begun := time.Now()
	w.mustSubmit(out, ledgertest.Event(n))
	return time.Since(begun)
}

// A lone desk waits for its own round and for nobody: event after event, with and
// without pauses.
func TestLoneEventWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, out, _ := paced(t)
		for n := range uint64(12) {
			if d := took(w, out, n); d != roundTakes {
				t.Errorf("event %d took %v", n, d)
			}
			time.Sleep(time.Duration(n%4) * time.Millisecond)
		}
		out.Close()
	})
}

// Two desks at a time wait for the round under way and their own, and no longer.
func TestTwoDesksWaitForTwoRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, out, _ := paced(t)
		var desks sync.WaitGroup
		for desk := range uint64(2) {
			desks.Go(func() {
				for n := range uint64(8) {
					if d := took(w, out, 100*desk+n); d > 2*roundTakes+2*linger {
						t.Errorf("desk %d, event %d took %v", desk, n, d)
					}
					time.Sleep(7 * time.Millisecond)
				}
			})
		}
		desks.Wait()
		out.Close()
	})
}

// Under load rounds begin at their pace, so that the cosigners' work is shared by many;
// receipts come within two intervals, and after the load nobody waits.
func TestRoundsUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, out, rounds := paced(t)
		const events, apart = 1200, time.Millisecond // twice what is load to a round of cosigners
		all := make([]time.Duration, events)
		var desks sync.WaitGroup
		for n := range all {
			desks.Go(func() { all[n] = took(w, out, uint64(n)) })
			time.Sleep(apart)
		}
		desks.Wait()
		slices.Sort(all)
		if median, last := all[events/2], all[events-1]; median > roundEvery || last > 2*roundEvery {
			t.Errorf("receipts took %v at the median, %v at most", median, last)
		}
		if n, most := len(*rounds), int(events*apart/roundEvery)+16; n > most {
			t.Errorf("%d rounds, want %d at most", n, most)
		}
		time.Sleep(roundEvery)
		if d := took(w, out, events); d != roundTakes {
			t.Errorf("alone again, an event took %v", d)
		}
		out.Close()
	})
}

// Whoever comes back together is not kept waiting for the pace.
func TestRoundBeginsWhenAllAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, out, rounds := paced(t)
		const desks, each = 64, 20
		var work sync.WaitGroup
		for desk := range uint64(desks) {
			work.Go(func() {
				for n := range uint64(each) {
					took(w, out, desk*each+n)
				}
			})
		}
		work.Wait()
		if d := time.Since((*rounds)[0]); d > (each+4)*(roundTakes+appendEvery) {
			t.Errorf("%d rounds took %v", len(*rounds), d)
		}
		out.Close()
	})
}
