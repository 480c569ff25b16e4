package writer

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/sync/errgroup"
)

// sharedLog is one node's view of a log that several append to.
type sharedLog struct {
	*ledgertest.MemLog
	turn  *sync.Mutex   // of all nodes
	late  *atomic.Int64 // appends of all nodes that were decided too early
	kept  *bool         // by this node
	short bool          // the turn is over before it is used
	ended *atomic.Bool  // at one of the nodes
	good  *atomic.Bool  // for good
}

// Turn implements [ledger.Shared].
func (s sharedLog) Turn(ctx context.Context) (uint64, error) {
	if s.ended.Load() {
		return 0, ledger.ErrEndedByNode
	}
	if !*s.kept && !s.short {
		s.turn.Lock()
		*s.kept = true
	}
	return s.Size(ctx)
}

// AppendAt implements [ledger.Shared].
func (s sharedLog) AppendAt(ctx context.Context, first uint64, leaves []ledger.Leaf) error {
	if !*s.kept {
		s.turn.Lock()
	}
	*s.kept = false
	defer func() {
		if !*s.kept {
			s.turn.Unlock()
		}
	}()
	if len(leaves) == 0 {
		return nil
	}
	size, err := s.Size(ctx)
	if err == nil && size != first {
		s.late.Add(1)
		*s.kept, err = true, ledger.ErrGrown
	}
	if err == nil {
		_, err = s.MemLog.Append(ctx, leaves)
	}
	return err
}

// End implements [ledger.Shared].
func (s sharedLog) End(ctx context.Context, size uint64) error {
	n, err := s.Size(ctx)
	if err == nil && n != size {
		err = ledger.ErrGrown
	}
	if err == nil {
		s.ended.Store(true)
	}
	return errors.Join(err, s.AppendAt(ctx, size, nil))
}

// EndForGood implements [ledger.Shared].
func (s sharedLog) EndForGood(context.Context, uint64) error {
	if !s.ended.Load() {
		return ledger.ErrEndedByNode
	}
	s.good.Store(true)
	return nil
}

// Ended implements [ledger.Shared].
func (s sharedLog) Ended(context.Context) (bool, error) { return s.ended.Load(), nil }

// Reopen implements [ledger.Shared].
func (s sharedLog) Reopen(context.Context) error {
	s.ended.Store(s.good.Load())
	return nil
}

// Close implements [ledger.Log]: the other node goes on.
func (sharedLog) Close() error { return nil }

// nodes returns two writers on one log, whose turns may be short.
func nodes(t *testing.T, short bool) (sharedLog, [2]*Writer) {
	return nodesWith(t, short, nil)
}

// nodesWith is nodes whose checkpoints have enough cosignatures when enough says so.
func nodesWith(t *testing.T, short bool, enough func([]byte) bool) (sharedLog, [2]*Writer) {
	t.Helper()
	log, err := ledgertest.NewDisk(testOrigin).Open()
	if err != nil {
		t.Fatal(err)
	}
	key, vkey := logKey(t)
	var out [2]*Writer
	shared := sharedLog{MemLog: log, turn: new(sync.Mutex), late: new(atomic.Int64), ended: new(atomic.Bool), good: new(atomic.Bool), short: short}
	for i := range out {
		m, err := closed.Create(filepath.Join(t.TempDir(), "closed.map"), testOrigin)
		if err != nil {
			t.Fatal(err)
		}
		shared.kept = new(bool)
		if out[i], err = Open(t.Context(), Config{Log: shared, Map: m, Key: key, Verifier: vkey, Enough: enough}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { out[i].Close() })
	}
	return shared, out
}

// Two nodes race for the same seals, each with a leaf of its own: one wins each seal, the
// other one is told the winner's index, and the epochs of both are sound. With their turns
// no batch is decided before it is known what it follows; and one that is, because the
// turn was over, is decided anew.
func TestTwoNodesCloseNoSealTwice(t *testing.T) {
	if late := raceForSeals(t, false); late != 0 {
		t.Errorf("%d batches were decided twice", late)
	}
	for range 100 { // when a turn ends too early is up to the scheduler
		if raceForSeals(t, true) != 0 {
			return
		}
	}
	t.Error("no batch was decided too early")
}

func raceForSeals(t *testing.T, short bool) (late int64) {
	t.Helper()
	log, writers := nodes(t, short)
	const seals = 200
	var won [2][seals]bool
	var work errgroup.Group
	for n, w := range writers {
		for from := range uint64(4) {
			work.Go(func() error {
				for seal := from; seal < seals; seal += 4 {
					got, err := w.Submit(t.Context(), ledgertest.Rival(seal, uint64(n)))
					if err != nil {
						return err
					}
					var twice *ledger.ClosedError
					won[n][seal] = got[0].Refused == nil
					if !won[n][seal] && !errors.As(got[0].Refused, &twice) {
						return got[0].Refused
					}
				}
				return nil
			})
		}
	}
	if err := work.Wait(); err != nil {
		t.Fatal(err)
	}
	for seal := range seals {
		if won[0][seal] == won[1][seal] {
			t.Errorf("seal %d: first node %v, second node %v", seal, won[0][seal], won[1][seal])
		}
	}
	if _, err := ledgertest.Verify(t.Context(), log); err != nil {
		t.Error(err)
	}
	return log.late.Load()
}

// A leaf that another node has logged is not another one.
func TestNodeRetriesAtTheOther(t *testing.T) {
	_, writers := nodes(t, false)
	first, err := writers[0].Submit(t.Context(), ledgertest.Event(1))
	if err != nil {
		t.Fatal(err)
	}
	again, err := writers[1].Submit(t.Context(), ledgertest.Event(1), ledgertest.Event(2))
	if err != nil || !again[0].Retried || again[0].Index != first[0].Index || again[1].Retried {
		t.Errorf("at the other node: %+v, %v; first at %d", again, err, first[0].Index)
	}
}

// A node whose leaves are all refused when it decides anew keeps no turn from the others.
func TestNodeWithoutLeavesGivesTheTurnBack(t *testing.T) {
	log, writers := nodes(t, false)
	if _, err := writers[0].Submit(t.Context(), ledgertest.Event(1)); err != nil {
		t.Fatal(err)
	}
	got, err := writers[1].Submit(t.Context(), ledgertest.Rival(1, 1))
	var twice *ledger.ClosedError
	if err != nil || !errors.As(got[0].Refused, &twice) {
		t.Fatalf("%+v, %v", got, err)
	}
	if !log.turn.TryLock() {
		t.Error("it keeps the turn")
	}
}

// A ledger that was ended at one node takes nothing at the other, its last checkpoint has
// what the other has logged, and receipts are given on.
func TestFreezeEndsEveryNode(t *testing.T) {
	log, writers := nodes(t, false)
	for n, w := range writers {
		if _, err := w.Submit(t.Context(), ledgertest.Event(uint64(n))); err != nil {
			t.Fatal(err)
		}
	}
	signed, err := writers[0].Freeze(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.ReadCheckpoint(signed)
	size, errSize := log.Size(t.Context())
	if err := errors.Join(err, errSize); err != nil || c.Size != size {
		t.Errorf("the last checkpoint is of %d leaves, there are %d, %v", c.Size, size, err)
	}
	if a, b := writers[0].Ended(t.Context()), writers[1].Ended(t.Context()); !errors.Is(a, ErrFrozen) || !errors.Is(b, ledger.ErrEndedByNode) {
		t.Errorf("the nodes say of the end %v, %v", a, b)
	}
	if _, err := writers[1].Submit(t.Context(), ledgertest.Event(7)); !errors.Is(err, ErrNotLogged) || !errors.Is(err, ledger.ErrEndedByNode) {
		t.Errorf("at the other node: %v", err)
	}
	if got, err := writers[1].Submit(t.Context(), ledgertest.Event(1)); err != nil || got[0].Receipt == nil || !got[0].Retried {
		t.Errorf("what is in the log already, at the other node: %+v, %v", got, err)
	}
	got, err := writers[0].Submit(t.Context(), ledgertest.Event(1), ledgertest.Event(8))
	if err != nil || got[0].Receipt == nil || !errors.Is(got[1].Refused, ErrFrozen) {
		t.Errorf("at the node that ended it: %+v, %v", got, err)
	}
	if now, err := log.Size(t.Context()); now != size || err != nil {
		t.Errorf("%d leaves, %v", now, err)
	}
	// Another node that was about to end it gets the same last checkpoint.
	again, err := writers[1].Freeze(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if other, err := ledger.ReadCheckpoint(again); err != nil || other != c {
		t.Errorf("ended again: %+v, %v", other, err)
	}
}

// A ledger that one node has frozen stays so, though another tries to and its witnesses
// do not answer.
func TestFreezeIsNotTakenBack(t *testing.T) {
	var enough atomic.Bool
	enough.Store(true)
	_, writers := nodesWith(t, false, func([]byte) bool { return enough.Load() })
	if _, err := writers[0].Submit(t.Context(), ledgertest.Event(0)); err != nil {
		t.Fatal(err)
	}
	if _, err := writers[0].Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	enough.Store(false)
	if _, err := writers[1].Freeze(t.Context()); !errors.Is(err, ErrQuorum) {
		t.Fatalf("%v", err)
	}
	enough.Store(true)
	if _, err := writers[1].Submit(t.Context(), ledgertest.Event(1)); !errors.Is(err, ledger.ErrEndedByNode) {
		t.Errorf("after a last checkpoint was given out: %v", err)
	}
}

// A ledger whose last checkpoint is not cosigned goes on at every node.
func TestFreezeWithoutQuorumReopens(t *testing.T) {
	var enough atomic.Bool
	enough.Store(true)
	_, writers := nodesWith(t, false, func([]byte) bool { return enough.Load() })
	if _, err := writers[0].Submit(t.Context(), ledgertest.Event(0)); err != nil {
		t.Fatal(err)
	}
	enough.Store(false)
	if _, err := writers[0].Freeze(t.Context()); !errors.Is(err, ErrQuorum) {
		t.Fatalf("%v", err)
	}
	enough.Store(true)
	for n, w := range writers {
		if err := w.Ended(t.Context()); err != nil {
			t.Errorf("node %d: %v", n, err)
		}
		if got, err := w.Submit(t.Context(), ledgertest.Event(uint64(n)+1)); err != nil || got[0].Receipt == nil {
			t.Errorf("node %d: %+v, %v", n, got, err)
		}
	}
}
