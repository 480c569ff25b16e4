package writer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"github.com/anishathalye/porcupine"
	"pgregory.net/rapid"
)

// attempt is one submission of a leaf that closes a seal, as seen from outside.
type attempt struct {
	seal evidence.Seal
	leaf evidence.Hash
}

// outcome is what an attempt was told; unknown when it was told nothing.
type outcome struct {
	unknown  bool
	accepted bool
	index    uint64 // of the leaf, or of the winner
}

// closing is the state of one seal: whose leaf closed it, and where.
type closing struct {
	done  bool
	leaf  evidence.Hash
	index uint64
}

// sealModel says what any history of attempts must look like from outside: each
// seal is closed once, by the first leaf, and everybody is told that one's index.
var sealModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[evidence.Seal][]porcupine.Operation{}
		for _, op := range history {
			s := op.Input.(attempt).seal
			by[s] = append(by[s], op)
		}
		var out [][]porcupine.Operation
		for _, ops := range by {
			out = append(out, ops)
		}
		return out
	},
	Init: func() any { return closing{} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(closing), input.(attempt), output.(outcome)
		mine := s.done && s.leaf == in.leaf
		switch {
		case out.unknown:
			return true, s // it stands last, whatever it did
		case !s.done:
			return out.accepted, closing{true, in.leaf, out.index}
		case mine:
			return out.accepted && out.index == s.index, s
		}
		return !out.accepted && out.index == s.index, s
	},
}

// told makes an outcome of what Submit returned for one leaf.
func told(got []Result, err error) outcome {
	if err != nil {
		return outcome{unknown: true}
	}
	var twice *ledger.ClosedError
	if errors.As(got[0].Refused, &twice) {
		return outcome{index: twice.Index}
	}
	return outcome{accepted: true, index: got[0].Index}
}

// record runs attempts at the same time and returns their history.
func record(submit func(ledger.Leaf) outcome, leaves []ledger.Leaf) []porcupine.Operation {
	history := make([]porcupine.Operation, len(leaves))
	start := time.Now()
	var wg sync.WaitGroup
	for i, l := range leaves {
		seal, _ := l.Seal()
		wg.Go(func() {
			op := porcupine.Operation{ClientId: i, Input: attempt{seal, l.Hash()}, Call: int64(time.Since(start))}
			op.Output = submit(l)
			op.Return = int64(time.Since(start))
			if op.Output.(outcome).unknown {
				op.Return = 1<<63 - 1
			}
			history[i] = op
		})
	}
	wg.Wait()
	return history
}

func checkHistory(t testing.TB, history []porcupine.Operation) {
	t.Helper()
	if got, _ := porcupine.CheckOperationsVerbose(sealModel, history, time.Minute); got != porcupine.Ok {
		t.Fatalf("the history is not one in which each seal is closed once: %s", got)
	}
}

// The model itself must notice what must never happen.
func TestSealModel(t *testing.T) {
	seal := ledgertest.Key(0).Seal()
	a, b := ledgertest.Rival(0, 1).Hash(), ledgertest.Rival(0, 2).Hash()
	op := func(id int, leaf evidence.Hash, call int64, out outcome) porcupine.Operation {
		return porcupine.Operation{ClientId: id, Input: attempt{seal, leaf}, Call: call, Output: out, Return: call + 1}
	}
	for name, c := range map[string]struct {
		history []porcupine.Operation
		want    bool
	}{
		"one wins":          {[]porcupine.Operation{op(0, a, 0, outcome{accepted: true, index: 7}), op(1, b, 2, outcome{index: 7})}, true},
		"again":             {[]porcupine.Operation{op(0, a, 0, outcome{accepted: true, index: 7}), op(1, a, 2, outcome{accepted: true, index: 7})}, true},
		"two win":           {[]porcupine.Operation{op(0, a, 0, outcome{accepted: true, index: 7}), op(1, b, 2, outcome{accepted: true, index: 8})}, false},
		"nobody wins":       {[]porcupine.Operation{op(0, a, 0, outcome{index: 7}), op(1, b, 2, outcome{index: 7})}, false},
		"wrong winner":      {[]porcupine.Operation{op(0, a, 0, outcome{accepted: true, index: 7}), op(1, b, 2, outcome{index: 8})}, false},
		"logged twice":      {[]porcupine.Operation{op(0, a, 0, outcome{accepted: true, index: 7}), op(1, a, 2, outcome{accepted: true, index: 9})}, false},
		"refused too early": {[]porcupine.Operation{op(0, b, 0, outcome{index: 7}), op(1, a, 2, outcome{accepted: true, index: 7})}, false},
	} {
		if got := porcupine.CheckOperations(sealModel, c.history); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
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
	history := record(func(l ledger.Leaf) outcome { return told(out.Submit(context.Background(), l)) }, leaves)
	checkHistory(t, history)
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
		switch o := op.Output.(outcome); {
		case o.unknown:
			t.Fatal("an attempt was told nothing")
		case o.accepted:
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
	history := record(func(l ledger.Leaf) outcome {
		for {
			if o := told(out.Submit(context.Background(), l)); !o.unknown {
				return o
			}
		}
	}, leaves)
	checkHistory(t, history)
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
		placed := map[evidence.Seal]outcome{}
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
					if ok && o.index != was.index || known && o.accepted != (first == l) {
						rt.Fatalf("seal closed at %d; told %+v", was.index, o)
					}
					placed[seal] = o
					if o.accepted {
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
