//go:build engines

package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
	"example.org/custody/ledger/writer"
)

// answer is what a submission came to.
type answer struct {
	got []writer.Result
	err error
}

// submitting submits leaves at a node while the test goes on.
func submitting(t *testing.T, n *node, leaves ...ledger.Leaf) <-chan answer {
	done := make(chan answer, 1)
	go func() {
		got, err := n.w.Submit(t.Context(), leaves...)
		done <- answer{got, err}
	}()
	return done
}

// inTurnOfAThird has a node that does nothing with it take the turn, until release is called.
func inTurnOfAThird(t *testing.T, s *trilliantest.Servers) (release func()) {
	t.Helper()
	third := s.Begin()
	third.Execute(s.For("SELECT FROM custody_ledger FOR UPDATE", "SELECT 1 FROM custody_turn FOR UPDATE"))
	return third.End
}

// turnOf has a node take the turn.
func turnOf(t *testing.T, n *node) *turn {
	t.Helper()
	n.log.appendMu.Lock()
	defer n.log.appendMu.Unlock()
	got, err := n.log.take(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// waiting waits until the leaves of so many nodes wait for a turn.
func waiting(t *testing.T, s *trilliantest.Servers, want float64) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for s.Number("SELECT count(*) FROM custody_waiting") != want {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the leaves of %v nodes do not wait", want)
		}
	}
}

// logged checks that the log has so many leaves, epochs among them, and breaks no rule.
func logged(t *testing.T, n *node, want int) {
	t.Helper()
	if leaves, err := ledgertest.Verify(t.Context(), n.log); err != nil || len(leaves) != want {
		t.Errorf("%d leaves, want %d, %v", len(leaves), want, err)
	}
}

// What two nodes want while a third has the turn is appended by one of them, at once; and
// the other one knows what became of its own.
func TestEngineOneAppendsForBoth(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	release := inTurnOfAThird(t, s)
	atA := submitting(t, a, ledgertest.Event(1), ledgertest.Rival(5, 1))
	atB := submitting(t, b, ledgertest.Event(2), ledgertest.Rival(5, 2), ledgertest.Event(1))
	waiting(t, s, 2)
	release()
	one, two := <-atA, <-atB
	if err := errors.Join(one.err, two.err); err != nil {
		t.Fatal(err)
	}
	for _, r := range []writer.Result{one.got[0], two.got[0], two.got[2]} {
		if r.Receipt == nil {
			t.Errorf("%+v", r)
		}
	}
	if one.got[0].Index != two.got[2].Index {
		t.Errorf("one leaf at %d and %d", one.got[0].Index, two.got[2].Index)
	}
	won, lost := one.got[1], two.got[1]
	if won.Refused != nil {
		won, lost = lost, won
	}
	var twice *ledger.ClosedError
	if won.Receipt == nil || !errors.As(lost.Refused, &twice) || twice.Index != won.Index {
		t.Errorf("of two rivals: %+v, %+v", won, lost)
	}
	logged(t, a, 3+1) // one append, so one epoch
	logged(t, b, 3+1)
	waiting(t, s, 0)
}

// A node that is killed while its leaves wait does not lose them: the next one to append
// takes them. But not for ever: what nobody has asked about for long is dropped.
func TestEngineKilledWhileItsLeavesWait(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	submit := func(n *node, leaf ledger.Leaf, retried bool) {
		t.Helper()
		if got, err := n.w.Submit(t.Context(), leaf); err != nil || got[0].Receipt == nil || got[0].Retried != retried {
			t.Errorf("%+v, %v", got, err)
		}
	}
	for _, c := range []struct {
		leaf    ledger.Leaf
		seconds uint64 // since when it waits
		kept    bool
	}{{ledgertest.Event(1), 0, true}, {ledgertest.Event(2), 60, false}} {
		if err := b.log.offer(t.Context(), []ledger.Leaf{c.leaf}); err != nil {
			t.Fatal(err)
		}
		if err := b.w.Close(); err != nil {
			t.Fatal(err)
		}
		s.Execute(fmt.Sprintf(s.For("UPDATE custody_waiting SET since = since - interval '%d seconds'", "UPDATE custody_waiting SET since = since - INTERVAL %d SECOND"), c.seconds))
		submit(a, ledgertest.Event(100+c.seconds), false)
		waiting(t, s, 0)
		b.reopen(t)
		submit(b, c.leaf, c.kept)
	}
	logged(t, a, 3+2+2)
}

// A node that is killed in its turn gives back the leaves that it has taken, whether it has
// appended them already or not. Whose they are appends them, or finds that they are there.
func TestEngineKilledWithTheLeavesOfAnother(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	for n, appended := range []bool{false, true} {
		leaf := ledgertest.Event(uint64(n))
		turn := turnOf(t, a)
		atB := submitting(t, b, leaf)
		waiting(t, s, 1)
		others, err := a.log.takeAll(t.Context(), turn)
		if err != nil || len(others) != 1 || others[0] != leaf {
			t.Fatalf("%d leaves, %v", len(others), err)
		}
		if appended {
			if err := a.log.server.add(t.Context(), a.log.tree, a.log.tiles.size.Load(), others); err != nil {
				t.Fatal(err)
			}
		}
		cut(t, turn.tx)
		a.log.appendMu.Lock()
		a.log.abandon(turn)
		a.log.appendMu.Unlock()
		if r := <-atB; r.err != nil || r.got[0].Receipt == nil || r.got[0].Index != uint64(2*n) {
			t.Errorf("appended %v: %+v", appended, r)
		}
		waiting(t, s, 0)
		if got, err := a.w.Submit(t.Context(), leaf); err != nil || !got[0].Retried || got[0].Receipt == nil {
			t.Errorf("at the other node: %+v, %v", got, err)
		}
	}
	logged(t, a, 2+2)
}

// A node that gets no turn in time takes its leaves back. So does one that gets its turn when
// the ledger has ended. What lay open to others neither of them calls lost.
func TestEngineTakesBackWhatItWants(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	hurry(b, 500*time.Millisecond)
	release := inTurnOfAThird(t, s)
	if got, err := b.w.Submit(t.Context(), ledgertest.Event(1)); !errors.Is(err, ErrTurn) || !unknown(err) {
		t.Errorf("%+v, %v", got, err)
	}
	waiting(t, s, 0)
	release()
	hurry(b, patience)
	if _, err := a.w.Submit(t.Context(), ledgertest.Event(2)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.log.Turn(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	atB := submitting(t, b, ledgertest.Event(1))
	waiting(t, s, 1)
	if err := a.log.End(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if r := <-atB; !errors.Is(r.err, ledger.ErrEndedByNode) || !unknown(r.err) {
		t.Errorf("%+v", r)
	}
	waiting(t, s, 0)
	logged(t, a, 2)
}

// A turn lasts as long as its append, which may be longer than a turn may be idle.
func TestEngineTurnLastsAsLongAsItsAppend(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), hurry(openNode(t, s), 3*time.Second)
	got := turnOf(t, a)
	if _, err := got.tx.exec(t.Context(), s.For("SET LOCAL idle_in_transaction_session_timeout = '1s'", "SET SESSION idle_transaction_timeout = 1")); err != nil {
		t.Fatal(err)
	}
	stop := got.alive(100 * time.Millisecond)
	if _, err := b.log.Turn(t.Context(), nil); !errors.Is(err, ErrTurn) {
		t.Errorf("while the append lasts: %v", err)
	}
	stop()
	if _, err := b.log.Turn(t.Context(), nil); err != nil {
		t.Errorf("when nothing more is asked in it: %v", err)
	}
	rollback(got.tx)
}

// unknown reports an error that calls no leaf lost.
func unknown(err error) bool {
	return errors.Is(err, writer.ErrUnknown) && !errors.Is(err, writer.ErrNotLogged)
}

// told is what one attempt to close a seal came to.
func told(got []writer.Result, err error) ledgertest.Outcome {
	var twice *ledger.ClosedError
	switch {
	case errors.Is(err, writer.ErrNotLogged):
		return ledgertest.Outcome{NotLogged: true}
	case err != nil:
		return ledgertest.Outcome{Unknown: true}
	case errors.As(got[0].Refused, &twice):
		return ledgertest.Outcome{Index: twice.Index}
	}
	return ledgertest.Outcome{Accepted: true, Index: got[0].Index}
}

// cutTurns ends the connections of nodes that are in their turn, now and then, until the
// context ends, and counts them.
func cutTurns(ctx context.Context, s *trilliantest.Servers, cuts *atomic.Int64) error {
	every := 37 * time.Millisecond
	if s.MariaDB() {
		every = trilliantest.LookEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		n, err := s.CutTurns(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		cuts.Add(int64(n))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Two nodes close the same seals, and are cut off from the database in their turns, before and
// behind an append, with leaves of the other one or without: from outside it looks as if
// there were one node that is never cut off.
func TestEngineNodesAreCutOff(t *testing.T) {
	s := trilliantest.Start(t)
	nodes := []*node{openNode(t, s), openNode(t, s)}
	ctx, end := context.WithCancel(t.Context())
	var cuts atomic.Int64
	cutting := make(chan error, 1)
	go func() { cutting <- cutTurns(ctx, s, &cuts) }()
	var next atomic.Uint64
	rounds := uint64(0)
	for ; rounds < 8 || rounds < 80 && cuts.Load() < 3; rounds++ {
		var leaves []ledger.Leaf
		for i := range uint64(200) {
			leaves = append(leaves, ledgertest.Rival(20*rounds+i%20, i/20%7)) // rivals, and the same leaf from several
		}
		ledgertest.CheckHistory(t, ledgertest.Record(func(l ledger.Leaf) (o ledgertest.Outcome) {
			n := nodes[next.Add(1)%2]
			for o.Unknown = true; o.Unknown && t.Context().Err() == nil; { // as a desk does
				o = told(n.w.Submit(t.Context(), l))
			}
			return o // not logged: never again, so that it is seen if it lands
		}, leaves))
	}
	end()
	if err := <-cutting; err != nil || cuts.Load() < 3 {
		t.Errorf("cut off %d times, %v", cuts.Load(), err)
	}
	for seal := range rounds * 20 { // whose attempts were all told that nothing was logged
		if _, err := nodes[seal%2].w.Submit(t.Context(), ledgertest.Rival(seal, 7)); err != nil {
			t.Error(err)
		}
	}
	for _, n := range nodes {
		leaves, err := ledgertest.Verify(t.Context(), n.log)
		if events := slices.DeleteFunc(leaves, func(l ledger.Leaf) bool { return l.Type() != ledger.TypeEvent }); err != nil || uint64(len(events)) != rounds*20 {
			t.Errorf("%d events, %v", len(events), err)
		}
	}
}
