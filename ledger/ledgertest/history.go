package ledgertest

import (
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// Attempt is one submission of a leaf that closes a seal, as seen from outside.
type Attempt struct {
	Seal evidence.Seal
	Leaf evidence.Hash // of the leaf
}

// Outcome is what an attempt was told.
type Outcome struct {
	Unknown   bool   // nothing
	NotLogged bool   // the leaf is not in the log, and will not be by this attempt
	Accepted  bool   // the leaf is in the log, by this attempt or by another one
	Index     uint64 // of the leaf, or of the winner
}

// sealState is the state of one seal: whose leaf closed it, and where.
type sealState struct {
	done  bool
	leaf  evidence.Hash
	index uint64
}

// SealModel says what any history of attempts must look like from outside: each
// seal is closed once, by the first leaf, and everybody is told that one's index. What was
// called lost closes none, unless it is attempted again.
var SealModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[evidence.Seal][]porcupine.Operation{}
		for _, op := range history {
			s := op.Input.(Attempt).Seal
			by[s] = append(by[s], op)
		}
		var out [][]porcupine.Operation
		for _, ops := range by {
			out = append(out, ops)
		}
		return out
	},
	Init: func() any { return sealState{} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(sealState), input.(Attempt), output.(Outcome)
		mine := s.done && s.leaf == in.Leaf
		switch {
		case out.Unknown:
			return true, s // it stands last, whatever it did
		case out.NotLogged:
			return !mine, s
		case !s.done:
			return out.Accepted, sealState{true, in.Leaf, out.Index}
		case mine:
			return out.Accepted && out.Index == s.index, s
		}
		return !out.Accepted && out.Index == s.index, s
	},
}

// Record submits leaves that close seals, all at the same time, and returns the history of
// [Attempt] and [Outcome].
func Record(submit func(ledger.Leaf) Outcome, leaves []ledger.Leaf) []porcupine.Operation {
	history := make([]porcupine.Operation, len(leaves))
	start := time.Now()
	var wg sync.WaitGroup
	for i, l := range leaves {
		seal, _ := l.Seal()
		wg.Go(func() {
			op := porcupine.Operation{ClientId: i, Input: Attempt{seal, l.Hash()}, Call: int64(time.Since(start))}
			op.Output = submit(l)
			op.Return = int64(time.Since(start))
			if op.Output.(Outcome).Unknown {
				op.Return = 1<<63 - 1
			}
			history[i] = op
		})
	}
	wg.Wait()
	return history
}

// CheckHistory fails the test unless a history is one of [SealModel].
func CheckHistory(t testing.TB, history []porcupine.Operation) {
	t.Helper()
	if got, _ := porcupine.CheckOperationsVerbose(SealModel, history, time.Minute); got != porcupine.Ok {
		t.Fatalf("the history is not one in which each seal is closed once: %s", got)
	}
}
