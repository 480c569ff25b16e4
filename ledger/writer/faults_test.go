package writer

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
)

// once lets a fault happen to the n-th append only.
func once(n int, f ledgertest.Fault) ledgertest.Fault {
	return func(leaves int) (int, error) {
		if n--; n == 0 {
			return f(leaves)
		}
		return leaves, nil
	}
}

var appendFaults = map[string]ledgertest.Fault{
	"AndNotPersist":  ledgertest.AndNotPersist(ledgertest.ErrFault),
	"ButPersist":     ledgertest.ButPersist(ledgertest.ErrFault),
	"AndPersist1":    ledgertest.AndPersistPart(1, ledgertest.ErrFault),
	"AndPersist2":    ledgertest.AndPersistPart(2, ledgertest.ErrFault),
	"AndPersist3":    ledgertest.AndPersistPart(3, ledgertest.ErrFault), // all but the epoch
	"EngineSaysStop": ledgertest.ButPersist(fmt.Errorf("%w: %w", ledgertest.ErrFault, ledger.ErrFatal)),
}

// whatever becomes of an append, what the caller is told is true, submitting again
// logs each leaf once, and the log as a whole keeps every rule.
func TestAppendFaults(t *testing.T) {
	batch := ledgertest.Events(10, 13)
	for name, fault := range appendFaults {
		for _, crash := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/crash=%v", name, crash), func(t *testing.T) {
				w := newWorld(t).cosigned()
				out := w.open()
				w.mustSubmit(out, ledgertest.Events(0, 2)...)
				w.disk.OnAppend = once(1, fault)
				got, err := out.Submit(t.Context(), batch...)
				w.disk.OnAppend = nil
				switch {
				case err == nil:
					for i := range batch {
						w.checkReceipt(batch[i], got[i])
					}
				case name == "EngineSaysStop":
					if !errors.Is(err, ErrReadOnly) {
						t.Fatalf("%v, want a read-only ledger", err)
					}
					crash = true
				case !errors.Is(err, ErrNotLogged) || !errors.Is(err, ledgertest.ErrFault):
					t.Fatalf("%v", err)
				}
				if (name == "ButPersist" || name == "AndPersist3") != (err == nil) {
					t.Fatalf("%s: the caller was told %v", name, err)
				}
				if crash {
					w.crash(out)
					out = w.open()
				}
				w.mustSubmit(out, batch...)
				if _, err := out.Submit(t.Context(), ledgertest.Rival(11, 1)); err != nil {
					t.Fatal(err)
				}
				if got := w.verify(); len(got) != 5 {
					t.Fatalf("%d events in the log, 5 were submitted", len(got))
				}
			})
		}
	}
}

// A batch of many callers fails: each is told what is true for its own leaves.
func TestFaultOfSharedBatch(t *testing.T) {
	leaf, rival := ledgertest.Event(0), ledgertest.Rival(0, 1)
	for keep := range 6 { // of two events, a padding, an event and the epoch
		t.Run(fmt.Sprint(keep), func(t *testing.T) {
			w := newWorld(t).cosigned()
			out := w.open()
			going := make(chan struct{})
			held := make(chan struct{})
			appends := 0
			w.disk.OnAppend = func(n int) (int, error) {
				switch appends++; appends {
				case 1: // while this one is held the others gather behind it
					close(held)
					<-going
					return n, nil
				case 2:
					return min(keep, n), ledgertest.ErrFault
				}
				return n, nil
			}
			var wg sync.WaitGroup
			wg.Go(func() { w.submitted(out, ledgertest.Event(99)) })
			<-held
			submissions := [][]ledger.Leaf{{leaf}, {rival}, {leaf}, {ledgertest.Event(1)}, {ledger.Leaf{byte(ledger.TypePadding)}}, {ledgertest.Event(2), ledgertest.Rival(99, 3)}}
			results := make([][]Result, len(submissions))
			errs := make([]error, len(submissions))
			for i, s := range submissions {
				before := queued(out)
				wg.Go(func() { results[i], errs[i] = out.Submit(t.Context(), s...) })
				for queued(out) == before {
					runtime.Gosched()
				}
			}
			close(going)
			wg.Wait()
			log := w.verify()
			for i, s := range submissions {
				w.checkTold(log, s, results[i], errs[i])
			}
			w.mustSubmit(out, ledgertest.Event(1))
			w.mustSubmit(out, ledgertest.Event(2))
			got, err := out.Submit(t.Context(), leaf, rival)
			if err != nil || (got[0].Refused == nil) == (got[1].Refused == nil) {
				t.Fatalf("%+v, %v: want one of two", got, err)
			}
			w.verify()
		})
	}
}

func (w *world) submitted(out *Writer, leaves ...ledger.Leaf) {
	if _, err := out.Submit(w.t.Context(), leaves...); err != nil {
		w.t.Error(err)
	}
}

// queued returns how many submissions are waiting.
func queued(w *Writer) int { return w.queue.Len() }

// checkTold holds what a submitter was told against the events of the log.
func (w *world) checkTold(log []ledger.Leaf, leaves []ledger.Leaf, got []Result, err error) {
	w.t.Helper()
	if err != nil {
		if !errors.Is(err, ErrNotLogged) {
			w.t.Errorf("%v", err)
		}
		for _, l := range leaves {
			if l.Type() == ledger.TypeEvent && len(leaves) == 1 && slices.Contains(log, l) {
				w.t.Errorf("said not to be logged, and is: %v", err)
			}
		}
		return
	}
	for i, l := range leaves {
		if got[i].Refused == nil {
			w.checkReceipt(l, got[i])
			continue
		}
		var twice *ledger.ClosedError
		if slices.Contains(log, l) || !errors.As(got[i].Refused, &twice) || !w.closes(twice) {
			w.t.Errorf("refused, and in the log or without a winner: %v", got[i].Refused)
		}
	}
}

// closes reports whether the winner that a refusal names is in the log.
func (w *world) closes(e *ledger.ClosedError) bool {
	for l, err := range w.log.Leaves(w.t.Context(), e.Index, e.Index+1) {
		seal, ok := l.Seal()
		return err == nil && ok && seal == e.Seal && l.Hash() == e.Leaf
	}
	return false
}

// The log cannot be read after an append that failed: nothing is said, and nothing
// accepted, until it can.
func TestReadFaultsAfterAppend(t *testing.T) {
	for name, fault := range appendFaults {
		if name == "EngineSaysStop" {
			continue
		}
		for _, method := range []string{"Size", "Leaves"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				w := newWorld(t).cosigned()
				out := w.open()
				w.mustSubmit(out, ledgertest.Events(0, 2)...)
				w.disk.OnAppend = once(1, fault)
				blind := true
				w.disk.OnRead = func(m string) error {
					if blind && m == method {
						return ledgertest.ErrFault
					}
					return nil
				}
				for range 2 {
					if _, err := out.Submit(t.Context(), ledgertest.Events(10, 13)...); err == nil || errors.Is(err, ErrNotLogged) {
						t.Fatalf("%v: nothing can be known", err)
					}
				}
				blind = false
				w.mustSubmit(out, ledgertest.Events(10, 13)...)
				if got := w.verify(); len(got) != 5 {
					t.Fatalf("%d events in the log, 5 were submitted", len(got))
				}
			})
		}
	}
}

// The epoch of a torn batch cannot be written either, any number of times.
func TestFaultsOfMendingEpoch(t *testing.T) {
	for _, second := range []string{"AndNotPersist", "ButPersist"} {
		for _, crash := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/crash=%v", second, crash), func(t *testing.T) {
				w := newWorld(t).cosigned()
				out := w.open()
				appends := 0
				w.disk.OnAppend = func(n int) (int, error) {
					if appends++; appends == 1 {
						return 2, ledgertest.ErrFault
					}
					if appends <= 3 {
						return appendFaults[second](n)
					}
					return n, nil
				}
				for try := range 2 {
					// A lost answer is noticed by the next try, which goes on from there.
					_, err := out.Submit(t.Context(), ledgertest.Events(0, 3)...)
					if lost := second == "ButPersist" && try == 1; (err == nil) != lost {
						t.Fatalf("try %d: %v", try, err)
					}
				}
				if crash {
					w.crash(out)
					out = w.open()
				}
				w.mustSubmit(out, ledgertest.Events(0, 3)...)
				if got := w.verify(); len(got) != 3 {
					t.Fatalf("%d events in the log, 3 were submitted", len(got))
				}
			})
		}
	}
}

// A checkpoint or receipt that cannot be made is no receipt; the leaf is logged.
func TestHashFaults(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	w.mustSubmit(out, ledgertest.Event(0))
	w.disk.OnRead = func(m string) error {
		if m == "Hashes" {
			return ledgertest.ErrFault
		}
		return nil
	}
	got, err := out.Submit(t.Context(), ledgertest.Event(1))
	if err != nil || !errors.Is(got[0].Pending, ledgertest.ErrFault) || got[0].Receipt != nil || got[0].Index != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := out.Shared(t.Context()); !errors.Is(err, ledgertest.ErrFault) {
		t.Fatalf("shared checkpoint: %v", err)
	}
	w.disk.OnRead = nil
	if got := w.mustSubmit(out, ledgertest.Event(1))[0]; !got.Retried || got.Index != 2 {
		t.Fatalf("%+v", got)
	}
	w.verify()
}
