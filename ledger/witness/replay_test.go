package witness

import (
	"context"
	"errors"
	"iter"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/mod/sumdb/note"
)

func (l *testLog) replay(m *closed.Map, size uint64) (ledger.Checkpoint, error) {
	return Replay(context.Background(), l.sign(l.tree(size)), []note.Verifier{l.vkey}, l.log, m)
}

func TestReplay(t *testing.T) {
	l := newLog(t)
	l.fill()
	m := closed.New(testOrigin)
	if _, err := l.replay(m, 20); err != nil {
		t.Fatal(err)
	}
	got, err := l.replay(m, l.size)
	if err != nil || got != l.tree(l.size) || m.Covered() != l.size || m.Root() != l.m.Root() {
		t.Fatalf("%+v, %v: the map covers %d of %d", got, err, m.Covered(), l.size)
	}
}

func TestReplayRefuses(t *testing.T) {
	l := newLog(t)
	l.fill()
	_, stranger := logKey(t, string(testOrigin))
	signed := l.sign(l.tree(l.size))
	_, err := Replay(t.Context(), signed, []note.Verifier{stranger}, l.log, closed.New(testOrigin))
	if !errors.Is(err, ledger.ErrSignature) {
		t.Errorf("another key: %v", err)
	}
	if _, err = Replay(t.Context(), signed, nil, l.log, closed.New(testOrigin)); !errors.Is(err, ledger.ErrUnknownOrigin) {
		t.Errorf("no key: %v", err)
	}
	if _, err = l.replay(closed.New("bb.example/ledger"), l.size); !errors.Is(err, closed.ErrOrigin) {
		t.Errorf("another log's map: %v", err)
	}
	_, err = Replay(t.Context(), signed, []note.Verifier{l.vkey}, other{l.log}, closed.New(testOrigin))
	var caught *ledger.MisbehaviourError
	if !errors.Is(err, ledger.ErrProof) || errors.As(err, &caught) {
		t.Errorf("a damaged copy: %v", err)
	}
}

// other is a copy of a log with one leaf changed.
type other struct{ ledger.Reader }

func (o other) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		for leaf, err := range o.Reader.Leaves(ctx, from, to) {
			if from == 7 {
				leaf = ledgertest.Event(999)
			}
			from++
			if !yield(leaf, err) {
				return
			}
		}
	}
}

func TestReplayAlarm(t *testing.T) {
	l := newLog(t)
	l.fill()
	l.force(ledgertest.Rival(3, 1))
	_, err := l.replay(closed.New(testOrigin), l.size)
	a := alarmIn(t, err)
	if what, err := a.Verify(l.vkey); a.Kind != SecondClose || err != nil || what == "" {
		t.Errorf("alarm %s, %q, %v", a.Kind, what, err)
	}
}

func alarmIn(t *testing.T, err error) Alarm {
	t.Helper()
	var caught *ledger.MisbehaviourError
	if !errors.As(err, &caught) {
		t.Fatalf("no alarm: %v", err)
	}
	a, err := ParseAlarm(caught.Alarm)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCompare(t *testing.T) {
	l := newLog(t)
	l.fill()
	keys := []note.Verifier{l.vkey}
	now := l.sign(l.tree(l.size))
	for _, size := range []uint64{0, 1, 17, l.size} {
		before := l.sign(l.tree(size))
		if err := errors.Join(Compare(t.Context(), now, before, keys, l.log), Compare(t.Context(), before, now, keys, l.log)); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
	}
	lie := l.tree(17)
	lie.Root = evidence.Hash{1}
	if a := alarmIn(t, Compare(t.Context(), now, l.sign(lie), keys, l.log)); a.Kind != Fork {
		t.Errorf("alarm %s", a.Kind)
	}
	lie = l.tree(l.size)
	lie.Root = evidence.Hash{1}
	if a := alarmIn(t, Compare(t.Context(), l.sign(lie), now, keys, l.log)); a.Kind != Split {
		t.Errorf("alarm %s", a.Kind)
	}
}
