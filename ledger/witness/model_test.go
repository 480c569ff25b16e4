package witness

import (
	"errors"
	"fmt"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"pgregory.net/rapid"
)

// drawLeaf draws a leaf that a log could add: mostly one that keeps the rules.
func drawLeaf(rt *rapid.T, l *testLog, next *uint64) ledger.Leaf {
	*next++
	e := l.m.NextEpoch()
	switch rapid.IntRange(0, 19).Draw(rt, "kind") {
	default:
		return ledgertest.Event(*next)
	case 0, 1, 2, 3, 4:
		return e.Leaf()
	case 5:
		return ledger.HashLeaf(ledger.TypeAccessLog, evidence.Hash{byte(*next)})
	case 6: // often a second close
		return ledgertest.Rival(rapid.Uint64Range(0, *next).Draw(rt, "rival of"), 1)
	case 7:
		e.Covered = rapid.Uint64Range(0, e.Covered+1).Draw(rt, "covered")
	case 8:
		e.Previous = rapid.Uint64Range(0, e.Covered+1).Draw(rt, "previous")
	case 9:
		e.Root[0] ^= 1
	case 10:
		return ledger.Leaf{rapid.Byte().Draw(rt, "type"), 1, 31: 2, 96: rapid.Byte().Draw(rt, "last")}
	}
	return e.Leaf()
}

// An auditor signs exactly the trees that are right by the definition, which another
// implementation recomputes from nothing; for every other one it has an alarm that
// convinces whoever has the key.
func TestAuditorAgreesWithDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLog(t)
		a, _ := newAuditor(t, l, &Memory{})
		next := uint64(1000)
		for range rapid.IntRange(1, 8).Draw(rt, "batches") {
			for range rapid.IntRange(1, 6).Draw(rt, "leaves") {
				leaf := drawLeaf(rt, l, &next)
				_ = l.m.Add(leaf) // what breaks a rule is in the log and not in the map
				l.force(leaf)
			}
			_, err := l.cosign(a)
			_, wrong := ledgertest.Verify(t.Context(), l.log)
			if wrong == nil {
				if err != nil {
					rt.Fatalf("a log that is right: %v", err)
				}
				continue
			}
			var caught *ledger.MisbehaviourError
			if !errors.As(err, &caught) {
				rt.Fatalf("%v; the auditor said %v", wrong, err)
			}
			alarm, err := ParseAlarm(caught.Alarm)
			if err != nil {
				rt.Fatal(err)
			}
			if what, err := alarm.Verify(l.vkey); err != nil {
				rt.Fatalf("%v; the alarm proves %q, %v", wrong, what, err)
			}
			return
		}
	})
}

// Whatever an auditor is shown in the place of the log's own leaves and hashes, it
// neither signs a tree that is wrong nor raises an alarm about one that is right.
func FuzzLyingReader(f *testing.F) {
	f.Add(uint8(3), uint8(0), []byte{9})
	f.Add(uint8(0), uint8(1), []byte{1, 2})
	f.Fuzz(func(t *testing.T, at, kind uint8, b []byte) {
		l := newLog(t)
		a, key := newAuditor(t, l, &Memory{})
		l.fill()
		var leaf ledger.Leaf
		copy(leaf[:], b)
		if kind%2 == 1 {
			leaf = ledgertest.Rival(uint64(at)%40, uint64(kind))
		}
		index := uint64(at) % l.size
		r := l.request(a, l.size)
		r.Leaves = lying{l.log, index, leaf}
		_, err := a.Cosign(t.Context(), r)
		var caught *ledger.MisbehaviourError
		if err == nil || errors.As(err, &caught) {
			t.Fatal(fmt.Errorf("leaf %d shown as %x: %w", index, leaf, err))
		}
		l.mustCosign(a, key)
	})
}
