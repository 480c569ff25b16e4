package feeder

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/ledger"
)

// onceBad is a log whose size cannot be read for a while.
type onceBad struct {
	ledger.Reader
	bad atomic.Bool
}

// Size implements [ledger.Reader].
func (o *onceBad) Size(ctx context.Context) (uint64, error) {
	if o.bad.Load() {
		return 0, errors.New("input/output error")
	}
	return o.Reader.Size(ctx)
}

// A cosigner counts as met only once what it has seen was compared: one that was silent at
// the start, and whose answer could not be compared at first, is shown no second tree.
func TestMetOnlyOnceCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, "BB")
		log := &onceBad{Reader: w.config.Log}
		w.config.Log, w.config.Retry = log, time.Second
		c, signed := w.grow() // what is here since the disk was put back
		other := c
		other.Root[0] ^= 1
		seen := must(other.Sign(w.key)) // what the cosigner has signed before
		var shown atomic.Int32
		var asked atomic.Int32
		w.stub(0).latest = func() ([]byte, error) {
			log.bad.Store(asked.Add(1) == 1)
			return seen, nil
		}
		w.stub(0).cosign = func(context.Context, ledger.CosignRequest) ([]byte, error) {
			shown.Add(1)
			return nil, errAway
		}
		f := New(w.config)
		defer f.Close()
		if _, err := f.Gather(t.Context(), c, signed); err == nil {
			t.Error("it was gathered")
		}
		log.bad.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := shown.Load(); n > 0 {
			t.Errorf("the second tree was shown %d times", n)
		}
		if err := f.Err(); !errors.Is(err, ledger.ErrBehind) {
			t.Errorf("the ledger goes on: %v", err)
		}
	})
}
