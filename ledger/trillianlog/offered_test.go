//go:build engines

package trillianlog

import (
	"errors"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
	"example.org/custody/ledger/writer"
)

// Whatever fails when leaves lay open to other nodes: the node does not call them lost, they
// lie there no more, and no other node's append has them.
func TestEngineOfferedIsNotCalledLost(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	for n, c := range []struct {
		name           string
		before         string // the leaves are offered
		while          string // they wait
		after          string
		cut            bool
		killsLogServer bool
	}{
		{name: "the log cannot be read", while: "ALTER TABLE SequencedLeafData RENAME TO away", after: "ALTER TABLE away RENAME TO SequencedLeafData"},
		{name: "its connection is cut", cut: true},
		{name: "its log server is gone", killsLogServer: true},
		{name: "what it offers is refused", before: "ALTER TABLE custody_waiting ADD CONSTRAINT refuses CHECK (tree_id = 0)", after: "ALTER TABLE custody_waiting DROP CONSTRAINT refuses"},
	} {
		if _, err := a.w.Submit(t.Context(), ledgertest.Event(uint64(100+n))); err != nil { // it is the publisher
			t.Fatal(err)
		}
		before := allLeaves(t, a)
		execute(s, c.before)
		release := inTurnOfAThird(t, s)
		atB := submitting(t, b, ledgertest.Event(uint64(n)))
		var r answer
		if c.before != "" {
			r = <-atB // without a turn
		} else {
			waiting(t, s, 1)
		}
		execute(s, c.while)
		if c.cut {
			s.CutWaiting()
		}
		if c.killsLogServer {
			s.Log.Kill()
		}
		release()
		if c.before == "" {
			r = <-atB
		}
		if !unknown(r.err) {
			t.Errorf("%s: %+v", c.name, r)
		}
		execute(s, c.after)
		if c.killsLogServer {
			s.Log.Start()
		}
		waiting(t, s, 0)
		submitAtLast(t, a, ledgertest.Event(uint64(200+n)))
		if after := allLeaves(t, a); after != before+2 {
			t.Errorf("%s: %d leaves, then %d", c.name, before, after)
		}
		if got := submitAtLast(t, b, ledgertest.Event(uint64(n))); got.Receipt == nil || got.Retried {
			t.Errorf("%s: again: %+v", c.name, got)
		}
	}
}

// submitAtLast submits a leaf until the node is connected again.
func submitAtLast(t *testing.T, n *node, leaf ledger.Leaf) writer.Result {
	t.Helper()
	for tick := time.NewTicker(50 * time.Millisecond); ; <-tick.C {
		got, err := n.w.Submit(t.Context(), leaf)
		switch {
		case err == nil:
			return got[0]
		case t.Context().Err() != nil || !errors.Is(err, ErrServer):
			t.Fatal(err)
		}
	}
}

// execute executes a statement, if there is one.
func execute(s *trilliantest.Servers, statement string) {
	if statement != "" {
		s.Execute(statement)
	}
}

// allLeaves returns how many leaves the log has at a node.
func allLeaves(t *testing.T, n *node) uint64 {
	t.Helper()
	size, err := n.log.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// A node that cannot find out whether its leaves were taken does not call them lost.
func TestEngineUnansweredWithdrawal(t *testing.T) {
	s := trilliantest.Start(t)
	b := openNode(t, s)
	hurry(b, 500*time.Millisecond)
	third := s.Begin()
	third.Execute(s.For("SELECT FROM custody_ledger FOR UPDATE", "SELECT 1 FROM custody_turn FOR UPDATE"))
	atB := submitting(t, b, ledgertest.Event(1))
	waiting(t, s, 1)
	third.Execute("DELETE FROM custody_waiting") // and its append is under way
	if r := <-atB; !unknown(r.err) {
		t.Errorf("%+v", r)
	}
	third.End()
	hurry(b, patience)
	if got, err := b.w.Submit(t.Context(), ledgertest.Event(1)); err != nil || got[0].Receipt == nil {
		t.Errorf("again: %+v, %v", got, err)
	}
}

// What a node could not take back it takes back before it appends anything else: it would
// land behind that, admitted before.
func TestEngineAppendsNothingBeforeWhatIsLeft(t *testing.T) {
	s := trilliantest.Start(t)
	b := openNode(t, s)
	if err := b.log.offer(t.Context(), ledgertest.Events(1, 2)); err != nil {
		t.Fatal(err)
	}
	b.log.appendMu.Lock()
	b.log.left = true
	b.log.appendMu.Unlock()
	third := s.Begin()
	third.Execute("SELECT 1 FROM custody_waiting FOR UPDATE")
	if got, err := b.w.Submit(t.Context(), ledgertest.Event(2)); !errors.Is(err, ErrDatabase) {
		t.Errorf("%+v, %v", got, err)
	}
	third.End()
	if got, err := b.w.Submit(t.Context(), ledgertest.Event(2)); err != nil || got[0].Index != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	waiting(t, s, 0)
	logged(t, b, 1+1)
}

// A node that has kept its turn for too long does not append what others wanted in it, though
// nobody has appended meanwhile; nor does it keep that when it gives its turn back.
func TestEngineOthersHaveTheirsBack(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	own, others := ledgertest.Events(1, 2), ledgertest.Events(2, 3)
	if err := b.log.offer(t.Context(), others); err != nil {
		t.Fatal(err)
	}
	turn := func() ledger.Turn {
		got, err := a.log.Turn(t.Context(), own)
		if err != nil || len(got.Others) != 1 || got.Others[0] != others[0] {
			t.Fatalf("%+v, %v", got, err)
		}
		return got
	}
	turn()
	if err := a.log.AppendAt(t.Context(), 0, nil); err != nil {
		t.Fatal(err)
	}
	waiting(t, s, 1)
	got := turn()
	a.log.appendMu.Lock()
	a.log.kept.end.Reset(0)
	a.log.appendMu.Unlock()
	waiting(t, s, 1)
	if err := a.log.AppendAt(t.Context(), got.Size, append(own, others...)); !errors.Is(err, ledger.ErrGrown) {
		t.Errorf("in a turn that it has lost: %v", err)
	}
	if err := a.log.AppendAt(t.Context(), got.Size, own); err != nil {
		t.Error(err)
	}
	waiting(t, s, 1)
	if n := allLeaves(t, a); n != 1 {
		t.Errorf("%d leaves", n)
	}
}

// What a node that died has left is gone when a node is opened, or the ledger has ended.
func TestEngineNothingIsLeftWaiting(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	if err := b.log.offer(t.Context(), ledgertest.Events(1, 2)); err != nil {
		t.Fatal(err)
	}
	if err := a.w.Close(); err != nil {
		t.Fatal(err)
	}
	a.reopen(t)
	if n := s.Number("SELECT count(*) FROM custody_waiting"); n != 0 {
		t.Errorf("opened: %v", n)
	}
	if err := b.log.offer(t.Context(), ledgertest.Events(1, 2)); err != nil {
		t.Fatal(err)
	}
	if err := a.log.End(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if n := s.Number("SELECT count(*) FROM custody_waiting"); n != 0 {
		t.Errorf("ended: %v", n)
	}
}
