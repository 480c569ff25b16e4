package writer

import (
	"context"
	"errors"
	"sync"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/ledgertest"
)

// frozenWorld is a ledger that ended with two events, and its last checkpoint.
func frozenWorld(t *testing.T) (*world, *Writer, []byte) {
	w := newWorld(t).cosigned()
	out := w.open()
	w.mustSubmit(out, ledgertest.Event(0), ledgertest.Event(1))
	final, err := out.Freeze(t.Context())
	if err != nil || !w.all(final) {
		t.Fatalf("%v\n%s", err, final)
	}
	return w, out, final
}

// ended checks that nothing is logged any more, and that what is logged is proven.
func (w *world) ended(out *Writer, size uint64) {
	w.t.Helper()
	got, err := out.Submit(context.Background(), ledgertest.Event(0), ledgertest.Event(2), ledgertest.Rival(1, 1), ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash{1}))
	if err != nil {
		w.t.Fatal(err)
	}
	w.checkReceipt(ledgertest.Event(0), got[0])
	var twice *ledger.ClosedError
	if !errors.Is(got[1].Refused, ErrFrozen) || !errors.As(got[2].Refused, &twice) || twice.Index != 1 || !errors.Is(got[3].Refused, ErrFrozen) {
		w.t.Errorf("%+v", got)
	}
	if out.Size() != size {
		w.t.Errorf("%d leaves", out.Size())
	}
	if n, err := out.Checkpoint(context.Background()); err != nil || !w.all(n) {
		w.t.Errorf("the last checkpoint, cosigned again: %v", err)
	}
	if _, err := out.Freeze(context.Background()); !errors.Is(err, ErrFrozen) {
		w.t.Errorf("frozen again: %v", err)
	}
}

// A ledger that ended takes no leaf, in this session and in every later one.
func TestFreeze(t *testing.T) {
	w, out, final := frozenWorld(t)
	w.ended(out, 3)
	c, err := ledger.OpenCheckpoint(final, w.vkey)
	if err != nil || c.Size != 3 {
		t.Fatalf("%+v, %v", c, err)
	}
	w.crash(out)
	w.edit = func(conf *Config, _ *feeder.Config) { conf.Final = &c }
	w.ended(w.open(), 3)
	if len(w.verify()) != 2 {
		t.Error("not two events in the log")
	}
}

// A log that is not the one that ended is not used: not one that was put back to an
// older state, and not one that somebody went on with.
func TestFreezeOtherLog(t *testing.T) {
	for name, more := range map[string]func(w *world){
		"older":  func(w *world) { w.disk.Truncate(2) },
		"longer": func(w *world) { w.mustSubmit(w.open(), ledgertest.Event(7)) },
	} {
		w, out, final := frozenWorld(t)
		c, err := ledger.ReadCheckpoint(final)
		if err != nil {
			t.Fatal(err)
		}
		w.crash(out)
		w.mapPath += ".new"
		more(w)
		w.disk.Crash()
		w.cosigners, w.known = nil, nil
		w.edit = func(conf *Config, _ *feeder.Config) { conf.Final = &c }
		out, err = w.try()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer out.Close()
		if _, err := out.Submit(t.Context(), ledgertest.Event(9)); !errors.Is(err, ErrBehind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Without enough cosignatures a ledger does not end, and goes on.
func TestFreezeNeedsQuorum(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	w.mustSubmit(out, ledgertest.Event(0))
	s := w.wrap(0)
	_ = out.Close()
	s.cosign = func(context.Context, ledger.CosignRequest) ([]byte, error) { return nil, errAway }
	out = w.open()
	if _, err := out.Freeze(t.Context()); !errors.Is(err, ErrQuorum) {
		t.Fatalf("%v", err)
	}
	got, err := out.Submit(t.Context(), ledgertest.Event(1))
	if err != nil || got[0].Refused != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// Whoever submits while the ledger ends is logged and proven by the last checkpoint, or
// told that it was not logged; nothing is in between.
func TestFreezeUnderLoad(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for n := range uint64(64) {
		wg.Go(func() {
			got, err := out.Submit(context.Background(), ledgertest.Event(n))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && got[0].Refused == nil && got[0].Receipt != nil:
				in++
			case errors.Is(err, ErrNotLogged), err == nil && errors.Is(got[0].Refused, ErrFrozen):
			default:
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	final, err := out.Freeze(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	c, err := ledger.ReadCheckpoint(final)
	if err != nil || c.Size != out.Size() {
		t.Errorf("ended at %d, here are %d, %v", c.Size, out.Size(), err)
	}
	if len(w.verify()) != in {
		t.Errorf("%d events, %d acknowledged", len(w.verify()), in)
	}
}
