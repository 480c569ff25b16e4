package writer

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/ledgertest"
)

// wrap puts a stub in the place of cosigner i.
func (w *world) wrap(i int) *stubCosigner {
	s := &stubCosigner{Cosigner: w.cosigners[i]}
	w.cosigners[i] = s
	return s
}

// Without enough cosignatures the leaf is logged and has no receipt; submitting it
// again asks for one.
func TestQuorumMissing(t *testing.T) {
	w := newWorld(t).cosigned()
	s := w.wrap(1)
	s.cosign = func(context.Context, ledger.CosignRequest) ([]byte, error) { return nil, errAway }
	out := w.open()
	for _, retried := range []bool{false, true} {
		got, err := out.Submit(t.Context(), ledgertest.Event(0))
		if err != nil {
			t.Fatal(err)
		}
		if r := got[0]; r.Receipt != nil || r.Refused != nil || r.Retried != retried || !errors.Is(r.Pending, ErrQuorum) || !errors.Is(r.Pending, errAway) {
			t.Fatalf("%+v", r)
		}
		signed, err := out.Checkpoint(t.Context())
		if !errors.Is(err, ErrQuorum) || signed == nil || w.all(signed) {
			t.Fatalf("%v\n%s", err, signed)
		}
	}
	s.cosign = nil
	w.mustSubmit(out, ledgertest.Event(0))
	if len(w.verify()) != 1 {
		t.Fatal("not one event in the log")
	}
}

// While a new leaf waits for cosignatures that are missing, an old one gets its
// receipt under the checkpoint that had them.
func TestReceiptsDoNotWaitForEachOther(t *testing.T) {
	w := newWorld(t).cosigned()
	s := w.wrap(1)
	out := w.open()
	w.mustSubmit(out, ledgertest.Event(0))
	asked, going := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(asked) })
	s.cosign = func(context.Context, ledger.CosignRequest) ([]byte, error) { once(); <-going; return nil, errAway }
	results := make([][]Result, 2)
	var wg sync.WaitGroup
	submit := func(i int, l ledger.Leaf) {
		wg.Go(func() {
			var err error
			if results[i], err = out.Submit(context.Background(), l); err != nil {
				t.Error(err)
			}
		})
	}
	submit(0, ledgertest.Event(1))
	<-asked                        // its round is under way
	submit(1, ledgertest.Event(2)) // waits for the next round
	for out.publisher.queue.Len() < 1 && !t.Failed() {
		runtime.Gosched()
	}
	w.mustSubmit(out, ledgertest.Event(0)) // and this one for none
	close(going)
	wg.Wait()
	for _, got := range results {
		if r := got[0]; r.Receipt != nil || !errors.Is(r.Pending, errAway) {
			t.Errorf("%+v", r)
		}
	}
}

// Lines that are not a known cosigner's on this checkpoint are nobody's word.
func TestForgedLines(t *testing.T) {
	w := newWorld(t).cosigned()
	var earlier []byte
	s := w.wrap(0)
	s.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
		lines, err := s.Cosigner.Cosign(ctx, r)
		if earlier == nil {
			earlier = lines
		}
		return earlier, err
	}
	out := w.open()
	w.mustSubmit(out, ledgertest.Event(0))
	got, err := out.Submit(t.Context(), ledgertest.Event(1))
	if err != nil || !errors.Is(got[0].Pending, ErrQuorum) || !errors.Is(got[0].Pending, ledger.ErrNote) {
		t.Fatalf("a cosignature of another checkpoint: %+v, %v", got, err)
	}
	for name, lines := range map[string]string{"none": "", "garbage": "x\n", "unknown key": "— bb-other bG9uZyBlbm91Z2ggdG8gYmUgYSBrZXkgaWQ=\n"} {
		s.cosign = func(context.Context, ledger.CosignRequest) ([]byte, error) { return []byte(lines), nil }
		got, err := out.Submit(t.Context(), ledgertest.Event(1))
		if err != nil || !errors.Is(got[0].Pending, ErrQuorum) {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
	}
	w.known = nil
	w.edit = func(c *Config, f *feeder.Config) { f.Known = nil; c.Enough = nil }
	w.crash(out)
	out = w.open()
	if got, err := out.Submit(t.Context(), ledgertest.Event(1)); err != nil || got[0].Receipt == nil {
		t.Fatalf("a policy that asks for nothing: %+v, %v", got, err)
	}
}

// A cosigner that has moved on says where it is; one that is behind is brought up.
func TestCosignerAtAnotherSize(t *testing.T) {
	w := newWorld(t).cosigned()
	var from []uint64
	s := w.wrap(0)
	s.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
		from = append(from, r.OldSize)
		return s.Cosigner.Cosign(ctx, r)
	}
	s.latest = func() ([]byte, error) { return nil, nil } // so that its size is not known
	for n := range uint64(3) {
		out := w.open()
		w.mustSubmit(out, ledgertest.Event(2*n))
		w.mustSubmit(out, ledgertest.Event(2*n+1))
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if want := []uint64{0, 2, 0, 4, 6, 0, 8, 10}; !slices.Equal(from, want) {
		t.Errorf("asked from %v, want %v", from, want)
	}
}

// A cosigner that is ahead while the ledger is open, or has another tree, stops it.
func TestCosignerStopsLedger(t *testing.T) {
	for name, c := range map[string]struct {
		cosign func() error
		latest *ledger.Checkpoint
		want   error
	}{
		"ahead":     {func() error { return &ledger.ConflictError{Origin: testOrigin, Size: 99} }, nil, ErrBehind},
		"caught":    {func() error { return &ledger.MisbehaviourError{Origin: testOrigin, What: "it lied"} }, nil, ledger.ErrProof},
		"different": {func() error { return ledger.ErrProof }, &ledger.Checkpoint{Origin: testOrigin, Size: 1, Root: evidence.Hash{1}}, ErrBehind},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).cosigned()
			s := w.wrap(1)
			out := w.open()
			w.mustSubmit(out, ledgertest.Event(0))
			if c.latest != nil {
				w.saw(1, *c.latest)
				s.latest = w.cosigners[1].(*stubCosigner).latest
			}
			s.cosign = func(context.Context, ledger.CosignRequest) ([]byte, error) { return nil, c.cosign() }
			got, err := out.Submit(t.Context(), ledgertest.Event(1))
			if err != nil || got[0].Receipt != nil || !errors.Is(got[0].Pending, c.want) {
				t.Fatalf("%+v, %v", got, err)
			}
			signed, size := len(w.key.signed), out.Size()
			s.cosign = nil
			if _, err := out.Submit(t.Context(), ledgertest.Event(2)); !errors.Is(err, ErrReadOnly) || !errors.Is(err, c.want) {
				t.Fatalf("%v, want a read-only ledger", err)
			}
			if _, err := out.Checkpoint(t.Context()); !errors.Is(err, ErrReadOnly) {
				t.Fatalf("%v, want a read-only ledger", err)
			}
			if len(w.key.signed) != signed || out.Size() != size {
				t.Error("something was signed or written")
			}
		})
	}
}

// What does not contradict the ledger does not stop it.
func TestCosignerErrors(t *testing.T) {
	for name, answer := range map[string]error{
		"bad request": ledger.ErrRequest, "signature": ledger.ErrSignature, "unknown": ledger.ErrUnknownOrigin,
		"proof, same tree": ledger.ErrProof, "smaller for ever": &ledger.ConflictError{Origin: testOrigin, Size: 0}, "away": errAway,
	} {
		w := newWorld(t).cosigned()
		s := w.wrap(0)
		out := w.open()
		w.mustSubmit(out, ledgertest.Event(0))
		s.cosign = func(context.Context, ledger.CosignRequest) ([]byte, error) { return nil, answer }
		got, err := out.Submit(t.Context(), ledgertest.Event(1))
		if err != nil || !errors.Is(got[0].Pending, answer) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		s.cosign = nil
		w.mustSubmit(out, ledgertest.Event(1))
	}
}

// A cosigner that does not answer holds nobody up for longer than the timeout, and
// once there are enough for the grace only.
func TestSlowCosigner(t *testing.T) {
	for name, c := range map[string]struct {
		timeout, grace time.Duration
		needed         int
		receipt        bool
	}{
		"needed":     {300 * time.Millisecond, 0, 2, false},
		"not needed": {300 * time.Millisecond, 0, 1, true},
		"grace":      {time.Hour, time.Millisecond, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).cosigned()
			s := w.wrap(1)
			var asked atomic.Int32
			s.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
				if asked.Add(1) > 1 {
					return s.Cosigner.Cosign(ctx, r)
				}
				<-ctx.Done()
				return nil, ctx.Err()
			}
			w.edit = func(conf *Config, f *feeder.Config) {
				f.Timeout, f.Grace = c.timeout, c.grace
				conf.Enough = func(signed []byte) bool {
					found, err := ledger.Cosignatures(signed, f.Known)
					return err == nil && len(found) >= c.needed
				}
			}
			out := w.open()
			got, err := out.Submit(t.Context(), ledgertest.Event(0))
			if err != nil || (got[0].Receipt != nil) != c.receipt || (got[0].Pending == nil) != c.receipt {
				t.Fatalf("%+v, %v", got, err)
			}
			// The next time it is asked again; where the others are enough, there may be
			// no time for its answer.
			got, err = out.Submit(t.Context(), ledgertest.Event(1))
			if err != nil || got[0].Receipt == nil || c.grace == 0 && asked.Load() < 2 {
				t.Fatalf("%+v, %v, asked %d times", got, err, asked.Load())
			}
		})
	}
}

// Receipts rest on nothing but checkpoints that were sent to the cosigners (P21).
func TestReceiptsUseSentCheckpoints(t *testing.T) {
	w := newWorld(t).cosigned()
	var mu sync.Mutex
	sent := map[ledger.Checkpoint]bool{}
	s := w.wrap(0)
	s.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
		c, err := ledger.ReadCheckpoint(r.Note)
		mu.Lock()
		sent[c] = true
		mu.Unlock()
		return errorOr(s.Cosigner.Cosign(ctx, r))(err)
	}
	out := w.open()
	var wg sync.WaitGroup
	for n := range uint64(64) {
		wg.Go(func() {
			got, err := out.Submit(context.Background(), ledgertest.Event(n))
			if err != nil || got[0].Receipt == nil {
				t.Errorf("%+v, %v", got, err)
				return
			}
			c, err := ledger.ReadCheckpoint(got[0].Receipt.Note)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || !sent[c] {
				t.Errorf("receipt under %v, which was not sent: %v", c, err)
			}
		})
	}
	wg.Wait()
	w.verify()
}

func errorOr(b []byte, err error) func(error) ([]byte, error) {
	return func(first error) ([]byte, error) { return b, errors.Join(first, err) }
}
