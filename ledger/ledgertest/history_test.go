package ledgertest

import (
	"testing"

	"github.com/anishathalye/porcupine"

	"example.org/custody/evidence"
)

// The model itself must notice what must never happen.
func TestSealModel(t *testing.T) {
	seal := Key(0).Seal()
	a, b := Rival(0, 1).Hash(), Rival(0, 2).Hash()
	op := func(id int, leaf evidence.Hash, call int64, out Outcome) porcupine.Operation {
		return porcupine.Operation{ClientId: id, Input: Attempt{seal, leaf}, Call: call, Output: out, Return: call + 1}
	}
	for name, c := range map[string]struct {
		history []porcupine.Operation
		want    bool
	}{
		"one wins":            {[]porcupine.Operation{op(0, a, 0, Outcome{Accepted: true, Index: 7}), op(1, b, 2, Outcome{Index: 7})}, true},
		"again":               {[]porcupine.Operation{op(0, a, 0, Outcome{Accepted: true, Index: 7}), op(1, a, 2, Outcome{Accepted: true, Index: 7})}, true},
		"two win":             {[]porcupine.Operation{op(0, a, 0, Outcome{Accepted: true, Index: 7}), op(1, b, 2, Outcome{Accepted: true, Index: 8})}, false},
		"nobody wins":         {[]porcupine.Operation{op(0, a, 0, Outcome{Index: 7}), op(1, b, 2, Outcome{Index: 7})}, false},
		"wrong winner":        {[]porcupine.Operation{op(0, a, 0, Outcome{Accepted: true, Index: 7}), op(1, b, 2, Outcome{Index: 8})}, false},
		"logged twice":        {[]porcupine.Operation{op(0, a, 0, Outcome{Accepted: true, Index: 7}), op(1, a, 2, Outcome{Accepted: true, Index: 9})}, false},
		"called lost":         {[]porcupine.Operation{op(0, a, 0, Outcome{NotLogged: true}), op(1, b, 2, Outcome{Accepted: true, Index: 7})}, true},
		"called lost, again":  {[]porcupine.Operation{op(0, a, 0, Outcome{NotLogged: true}), op(1, a, 2, Outcome{Accepted: true, Index: 7}), op(2, b, 4, Outcome{Index: 7})}, true},
		"called lost, landed": {[]porcupine.Operation{op(0, a, 0, Outcome{NotLogged: true}), op(1, b, 2, Outcome{Index: 7})}, false},
		"called lost, won":    {[]porcupine.Operation{op(0, a, 0, Outcome{Accepted: true, Index: 7}), op(1, a, 2, Outcome{NotLogged: true})}, false},
		"refused too early":   {[]porcupine.Operation{op(0, b, 0, Outcome{Index: 7}), op(1, a, 2, Outcome{Accepted: true, Index: 7})}, false},
	} {
		if got := porcupine.CheckOperations(SealModel, c.history); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
