package writer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"github.com/anishathalye/porcupine"
	"pgregory.net/rapid"
)

// told makes an outcome of what Submit returned for one leaf.
func told(got []Result, err error) ledgertest.Outcome {
	if err != nil {
		return ledgertest.Outcome{Unknown: true}
	}
	var twice *ledger.ClosedError
	if errors.As(got[0].Refused, &twice) {
		return ledgertest.Outcome{Index: twice.Index}
	}
	return ledgertest.Outcome{Accepted: true, Index: got[0].Index}
}

// Of 1,000 attempts to close one seal at the same time one is accepted, and 999 are
// refused with the index of the winner.
func TestThousandAttempts(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	w.mustSubmit(out, ledgertest.Event(99))
	var leaves []ledger.Leaf
	for who := range uint64(1000) {
		leaves = append(leaves, ledgertest.Rival(0, who))
	}
	history := ledgertest.Record(func(l ledger.Leaf) ledgertest.Outcome { return told(out.Submit(context.Background(), l)) }, leaves)
	ledgertest.CheckHistory(t, history)
	checkOneOf(t, history)
	if log := w.verify(); len(log) != 2 {
		t.Fatalf("%d events in the log", len(log))
	}
}

// checkOneOf checks that one attempt was accepted and every other one refused with
// its index.
func checkOneOf(t *testing.T, history []porcupine.Operation) {
	t.Helper()
	accepted, refused := 0, 0
	for _, op := range history {
		switch o := op.Output.(ledgertest.Outcome); {
		case o.Unknown:
			t.Fatal("an attempt was told nothing")
		case o.Accepted:
			accepted++
		default:
			refused++
		}
	}
	if accepted != 1 || refused != len(history)-1 {
		t.Fatalf("%d accepted, %d refused of %d", accepted, refused, len(history))
	}
}

// The same while appends fail in every way.
func TestAttemptsWithFaults(t *testing.T) {
	w := newWorld(t).cosigned()
	r := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	w.disk.OnAppend = func(n int) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		if r.IntN(3) > 0 {
			return n, nil
		}
		return r.IntN(n + 1), ledgertest.ErrFault
	}
	out := w.open()
	var leaves []ledger.Leaf
	for i := range uint64(400) {
		leaves = append(leaves, ledgertest.Rival(i%20, i/20%7)) // rivals, and the same leaf from several
	}
	// Callers do what the desk does: submit the same leaf until they are told.
	history := ledgertest.Record(func(l ledger.Leaf) ledgertest.Outcome {
		for {
			if o := told(out.Submit(context.Background(), l)); !o.Unknown {
				return o
			}
		}
	}, leaves)
	ledgertest.CheckHistory(t, history)
	if log := w.verify(); len(log) != 20 {
		t.Fatalf("%d events in the log, 20 seals", len(log))
	}
}

// Any sequence of submissions, faults, crashes and restarts: what was accepted stays,
// at its index, and what is told agrees with a model that knows nothing of maps.
func TestWriterModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t).cosigned()
		out := w.open()
		placed := map[evidence.Seal]ledgertest.Outcome{}
		winner := map[evidence.Seal]ledger.Leaf{}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				w.crash(out)
				out = w.open()
			case 1:
				if err := out.Close(); err != nil {
					rt.Fatal(err)
				}
				out = w.open()
			default:
				keep := rapid.IntRange(-6, 4).Draw(rt, "keep")
				if keep >= 0 {
					w.disk.OnAppend = once(1, ledgertest.AndPersistPart(keep, ledgertest.ErrFault))
				}
				leaves := drawLeaves(rt)
				got, err := out.Submit(t.Context(), leaves...)
				w.disk.OnAppend = nil
				if err != nil {
					if keep < 0 || !errors.Is(err, ledgertest.ErrFault) {
						rt.Fatal(err)
					}
					continue
				}
				for i, l := range leaves {
					seal, _ := l.Seal()
					o := told(got[i:i+1], nil)
					was, ok := placed[seal]
					first, known := winner[seal] // a refusal names the winner's index and not its leaf
					if ok && o.Index != was.Index || known && o.Accepted != (first == l) {
						rt.Fatalf("seal closed at %d; told %+v", was.Index, o)
					}
					placed[seal] = o
					if o.Accepted {
						winner[seal] = l
						w.checkReceipt(l, got[i])
					}
				}
			}
		}
		out.Close()
		log := w.verify()
		for seal, l := range winner {
			if !slices.Contains(log, l) {
				rt.Fatalf("the leaf that closed %s is not in the log", seal)
			}
		}
	})
}

func drawLeaves(rt *rapid.T) []ledger.Leaf {
	var leaves []ledger.Leaf
	for i := range rapid.IntRange(1, 4).Draw(rt, "leaves") {
		n := rapid.Uint64Range(0, 7).Draw(rt, fmt.Sprint("seal ", i))
		leaves = append(leaves, ledgertest.Rival(n, rapid.Uint64Range(0, 2).Draw(rt, fmt.Sprint("who ", i))))
	}
	return leaves
}
