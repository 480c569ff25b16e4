package feeder

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/ledger"
)

// Below the quorum a feeder says so until enough have answered, late or anew.
func TestShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, "BB", "CC")
		w.config.Retry = time.Second
		var away atomic.Bool
		away.Store(true)
		k := w.stub(1)
		k.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
			if away.Load() {
				return nil, errAway
			}
			return k.Cosigner.Cosign(ctx, r)
		}
		f := New(w.config)
		defer f.Close()
		if err := f.Short(); err != nil {
			t.Errorf("before anything was asked: %v", err)
		}
		c, signed := w.grow()
		if _, err := f.Gather(t.Context(), c, signed); !errors.Is(err, ledger.ErrQuorum) {
			t.Fatal(err)
		}
		if err := f.Short(); !errors.Is(err, ledger.ErrQuorum) || !errors.Is(err, errAway) {
			t.Errorf("below the quorum: %v", err)
		}
		away.Store(false)
		time.Sleep(10 * time.Second)
		if err := f.Short(); err != nil {
			t.Errorf("enough have signed: %v", err)
		}
	})
}

// Of many notes the newest of each cosigner stays, in whatever order they come.
func TestNewest(t *testing.T) {
	w := newWorld(t, 1, "BB", "CC", "DD")
	note := func(cosigners ...int) []byte {
		c, signed := w.grow()
		for _, i := range cosigners {
			lines := must(w.config.Peers[i].Cosign(t.Context(), ledger.CosignRequest{Note: signed, OldSize: w.sizes[i], Proof: must(c.ProveConsistency(w.log.Hashes(t.Context(), c.Size), w.tree(w.sizes[i])))}))
			signed = must(ledger.AddCosignatures(signed, lines, w.config.Known))
			w.sizes[i] = c.Size
		}
		return signed
	}
	all := [][]byte{note(0, 1), note(2), note(0), note(0, 1), note()}
	want := [][]byte{all[1], all[3]}
	for range 5 {
		all = append(all[1:], all[0])
		if got := Newest(append(all, []byte("no note")), w.config.Known); !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%q", got)
		}
	}
}

func (w *world) tree(size uint64) ledger.Checkpoint {
	return must(ledger.CheckpointOf(origin, size, w.log.Hashes(w.t.Context(), size)))
}
