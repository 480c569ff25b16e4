package writer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/sync/errgroup"
)

// sharedLog is one node's view of a log that several append to.
type sharedLog struct {
	*ledgertest.MemLog
	turn    *sync.Mutex   // of all nodes
	late    *atomic.Int64 // appends of all nodes that were decided too early
	kept    *bool         // by this node
	short   bool          // the turn is over before it is used
	ended   *atomic.Bool  // at one of the nodes
	good    *atomic.Bool  // for good
	pool    *pool         // nil: each node waits for its own turn
	failing *atomic.Bool  // whether the log takes nothing
}

// pool is what nodes want appended while another one has the turn.
type pool struct {
	mu       sync.Mutex
	want     map[*bool][]ledger.Leaf // by the node's kept
	held     map[*bool][]ledger.Leaf // taken in the turn that is under way
	taken    int                     // how often one took what another one wanted
	drops    bool                    // whoever takes leaves loses them
	fails    error                   // what whoever has offered leaves gets in place of its turn, or of its append
	unsigned error                   // why leaves that another node has appended do not count
	loses    bool                    // whoever has taken leaves loses the turn before its append, once
	slow     bool                    // an append fails before it lands, once
	later    []ledger.Leaf           // what lands later
}

func (p *pool) put(node *bool, leaves []ledger.Leaf) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.want[node] = leaves
}

// takeBack reports whether what a node wants is still there, and takes it out.
func (p *pool) takeBack(node *bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.want[node]
	delete(p.want, node)
	return ok
}

func (p *pool) takeAll() (leaves []ledger.Leaf) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for node, more := range p.want {
		leaves = append(leaves, more...)
		delete(p.want, node)
		p.held[node] = more
		p.taken++
	}
	if p.drops {
		return nil
	}
	return leaves
}

// end ends a turn: those whose leaves were taken in it have them back, unless they count.
func (p *pool) end(count bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !count {
		maps.Copy(p.want, p.held)
	}
	clear(p.held)
}

// lost reports whether the turn in which leaves were taken is over before its append.
func (p *pool) lost() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	lost := p.loses && len(p.held) > 0
	p.loses = p.loses && !lost
	return lost
}

// lands reports whether an append of leaves fails and lands later.
func (p *pool) lands(leaves []ledger.Leaf) bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.slow {
		return false
	}
	p.slow, p.later = false, leaves
	return true
}

// enter is Turn where the nodes have a pool.
func (s sharedLog) enter(ctx context.Context, wanted []ledger.Leaf) (t ledger.Turn, err error) {
	if !*s.kept && !s.turn.TryLock() {
		t.Offered = true
		s.pool.put(s.kept, wanted)
		s.turn.Lock()
		if t.Taken = !s.pool.takeBack(s.kept); t.Taken || s.pool.fails != nil {
			s.turn.Unlock()
			t.Size, err = s.Size(ctx)
			return t, errors.Join(err, s.pool.fails)
		}
	}
	*s.kept = true
	t.Size, err = s.Size(ctx)
	t.Others = s.pool.takeAll()
	return t, err
}

// Turn implements [ledger.Shared].
func (s sharedLog) Turn(ctx context.Context, wanted []ledger.Leaf) (ledger.Turn, error) {
	if s.ended.Load() {
		return ledger.Turn{}, ledger.ErrEndedByNode
	}
	if s.pool != nil && len(wanted) > 0 {
		return s.enter(ctx, wanted)
	}
	if !*s.kept && !s.short {
		s.turn.Lock()
		*s.kept = true
	}
	size, err := s.Size(ctx)
	return ledger.Turn{Size: size}, err
}

// Confirm implements [ledger.Shared].
func (s sharedLog) Confirm(context.Context, uint64) error {
	if s.pool == nil {
		return nil
	}
	return s.pool.unsigned
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
		s.pool.end(false)
		return nil
	}
	size, err := s.Size(ctx)
	if lost := s.pool.lost(); err == nil && (size != first || lost) {
		s.late.Add(1)
		*s.kept, err = true, ledger.ErrGrown
	}
	if err == nil && s.failing.Load() {
		err = errors.New("the log takes nothing")
	}
	if err == nil && s.pool.lands(leaves) {
		err = fmt.Errorf("no answer in time: %w", ledger.ErrOpen)
	}
	if err == nil {
		_, err = s.MemLog.Append(ctx, leaves)
	}
	s.pool.end(err == nil)
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

// Stuck implements [ledger.Shared].
func (s sharedLog) Stuck(context.Context) error {
	if s.pool == nil {
		return nil
	}
	return s.pool.unsigned
}

// Reopen implements [ledger.Shared].
func (s sharedLog) Reopen(context.Context) error {
	s.ended.Store(s.good.Load())
	return nil
}

// Close implements [ledger.Log]: the other node goes on.
func (sharedLog) Close() error { return nil }

// nodes returns two writers on one log, whose turns may be short.
func nodes(t *testing.T, short bool) (sharedLog, [2]*Writer) {
	return nodesWith(t, sharedLog{short: short}, nil)
}

// nodesWith is nodes over a log of that kind, whose checkpoints have enough cosignatures
// when enough says so.
func nodesWith(t *testing.T, kind sharedLog, enough func([]byte) bool) (sharedLog, [2]*Writer) {
	t.Helper()
	log, err := ledgertest.NewDisk(testOrigin).Open()
	if err != nil {
		t.Fatal(err)
	}
	key, vkey := logKey(t)
	var out [2]*Writer
	shared := sharedLog{MemLog: log, turn: new(sync.Mutex), late: new(atomic.Int64), ended: new(atomic.Bool), good: new(atomic.Bool), failing: new(atomic.Bool), short: kind.short, pool: kind.pool}
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

// Whichever node appends what two nodes want, each seal is closed once, and everybody is
// told by what, as if there were one node.
func TestNodesAppendForEachOther(t *testing.T) {
	took := 0
	for range 200 { // who takes what is up to the scheduler
		shared := pooled(false)
		log, writers := nodesWith(t, shared, nil)
		var leaves []ledger.Leaf
		for i := range uint64(600) {
			leaves = append(leaves, ledgertest.Rival(i%200, i/200%2)) // rivals, and the same leaf from two
		}
		var turn atomic.Uint64
		history := ledgertest.Record(func(l ledger.Leaf) ledgertest.Outcome {
			return told(writers[turn.Add(1)%2].Submit(t.Context(), l))
		}, leaves)
		ledgertest.CheckHistory(t, history)
		for _, op := range history {
			if op.Output.(ledgertest.Outcome).Unknown {
				t.Fatal("an attempt was told nothing")
			}
		}
		if _, err := ledgertest.Verify(t.Context(), log); err != nil {
			t.Fatal(err)
		}
		if took += shared.pool.taken; took >= 3 {
			return
		}
	}
	t.Errorf("a node has appended for the other one %d times", took)
}

func pooled(drops bool) sharedLog {
	return sharedLog{pool: &pool{want: map[*bool][]ledger.Leaf{}, held: map[*bool][]ledger.Leaf{}, drops: drops}}
}

// inOneTurn has two nodes submit while a third has the turn, so that one of them is given
// what both want, and returns what each was told. Node n submits the leaves that of returns.
func inOneTurn(t *testing.T, log sharedLog, writers [2]*Writer, of func(n uint64) []ledger.Leaf) (got [2][]Result, errs [2]error) {
	t.Helper()
	log.turn.Lock()
	var work sync.WaitGroup
	for n, w := range writers {
		work.Go(func() { got[n], errs[n] = w.Submit(t.Context(), of(uint64(n))...) })
	}
	for waits := 0; waits < len(writers); runtime.Gosched() {
		log.pool.mu.Lock()
		waits = len(log.pool.want)
		log.pool.mu.Unlock()
	}
	log.turn.Unlock()
	work.Wait()
	return got, errs
}

// Of one append for two nodes each is told of its own leaves, those that no ledger takes and
// those of which the other one has the same among them.
func TestOneNodeAppendsForBoth(t *testing.T) {
	log, writers := nodesWith(t, pooled(false), nil)
	got, errs := inOneTurn(t, log, writers, func(n uint64) []ledger.Leaf {
		return []ledger.Leaf{ledgertest.Event(n), {}, ledgertest.Event(7), ledgertest.Rival(8, n)}
	})
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	wins := 0
	for n, r := range got {
		var twice *ledger.ClosedError
		if r[0].Receipt == nil || r[0].Retried || !errors.Is(r[1].Refused, ledger.ErrLeafForm) || r[2].Receipt == nil || r[2].Index != got[0][2].Index {
			t.Errorf("node %d: %+v", n, r)
		}
		if r[3].Receipt != nil {
			wins++
		} else if !errors.As(r[3].Refused, &twice) || twice.Index != got[1-n][3].Index {
			t.Errorf("node %d: %+v", n, r[3])
		}
	}
	if size, err := log.Size(t.Context()); err != nil || size != 4+1 || wins != 1 {
		t.Errorf("%d leaves, %d winners, %v", size, wins, err)
	}
}

// A node whose leaves another one has taken and not logged says that it does not know what
// became of them, for they may land yet, and logs them when they are submitted again.
func TestNodeLosesWhatItTook(t *testing.T) {
	log, writers := nodesWith(t, pooled(true), nil)
	event := func(n uint64) []ledger.Leaf { return []ledger.Leaf{ledgertest.Event(n)} }
	_, lost := inOneTurn(t, log, writers, event)
	if (lost[0] == nil) == (lost[1] == nil) || !errors.Is(errors.Join(lost[:]...), ErrUnknown) || errors.Is(errors.Join(lost[:]...), ErrNotLogged) {
		t.Fatalf("%v", lost)
	}
	for n, w := range writers {
		if got, err := w.Submit(t.Context(), event(uint64(n))...); err != nil || got[0].Receipt == nil {
			t.Errorf("node %d again: %+v, %v", n, got, err)
		}
	}
}

// What another node has appended is acknowledged when it counts, and not before.
func TestNodeWaitsUntilWhatAnotherAppendedCounts(t *testing.T) {
	log, writers := nodesWith(t, pooled(false), nil)
	log.pool.unsigned = errors.New("the signer is gone")
	event := func(n uint64) []ledger.Leaf { return []ledger.Leaf{ledgertest.Event(n)} }
	got, errs := inOneTurn(t, log, writers, event)
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs[:]...), ErrUnknown) || !errors.Is(errors.Join(errs[:]...), log.pool.unsigned) {
		t.Fatalf("%+v, %v", got, errs)
	}
	log.pool.unsigned = nil
	for n, w := range writers {
		if got, err := w.Submit(t.Context(), event(uint64(n))...); err != nil || got[0].Receipt == nil || !got[0].Retried {
			t.Errorf("node %d again: %+v, %v", n, got, err)
		}
	}
}

// Nor does a node say that leaves are not logged which lay open to the others, when it does
// not get its turn or its own append fails: whoever took them may be about to.
func TestNodeDoesNotKnowWhatItOffered(t *testing.T) {
	down := errors.New("the database is gone")
	event := func(n uint64) []ledger.Leaf { return []ledger.Leaf{ledgertest.Event(n)} }
	log, writers := nodesWith(t, pooled(false), nil)
	log.pool.fails = down
	_, errs := inOneTurn(t, log, writers, event)
	for n, err := range errs {
		if !errors.Is(err, ErrUnknown) || !errors.Is(err, down) || errors.Is(err, ErrNotLogged) {
			t.Errorf("node %d has no turn: %v", n, err)
		}
	}
	log.pool.fails = nil
	log.failing.Store(true)
	_, errs = inOneTurn(t, log, writers, event)
	for n, err := range errs {
		if !errors.Is(err, ErrUnknown) || errors.Is(err, ErrNotLogged) {
			t.Errorf("node %d has its turn: %v", n, err)
		}
	}
	if _, err := writers[0].Submit(t.Context(), event(0)...); !errors.Is(err, ErrNotLogged) {
		t.Errorf("its leaf lay open to nobody: %v", err)
	}
}

// Nor of leaves whose append has failed and may land yet, though the log does not have them
// and no other node was ever given them; and once they have landed it finds them there.
func TestNodeDoesNotKnowWhatLandsLater(t *testing.T) {
	log, writers := nodesWith(t, pooled(false), nil)
	log.pool.slow = true
	leaf := ledgertest.Event(1)
	if got, err := writers[0].Submit(t.Context(), leaf); !errors.Is(err, ErrUnknown) || errors.Is(err, ErrNotLogged) {
		t.Errorf("before it lands: %+v, %v", got, err)
	}
	if _, err := log.Append(t.Context(), log.pool.later); err != nil {
		t.Fatal(err)
	}
	for n, w := range writers {
		if got, err := w.Submit(t.Context(), leaf); err != nil || got[0].Receipt == nil || !got[0].Retried || got[0].Index != 0 {
			t.Errorf("node %d when it has landed: %+v, %v", n, got, err)
		}
	}
}

// A node that loses its turn between what others want and its append does not append
// theirs: they have had them back.
func TestNodeLosesItsTurn(t *testing.T) {
	log, writers := nodesWith(t, pooled(false), nil)
	log.pool.loses = true
	got, errs := inOneTurn(t, log, writers, func(n uint64) []ledger.Leaf { return []ledger.Leaf{ledgertest.Event(n)} })
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	// Two appends: in one batch their leaves were next to each other.
	if one, two := got[0][0].Index, got[1][0].Index; log.late.Load() != 1 || one+two != 2 {
		t.Errorf("%d appends too late, leaves %d and %d", log.late.Load(), one, two)
	}
}

// What the log would not tell a node about by a seal, no other node is given.
func TestWanted(t *testing.T) {
	event, noEvent := ledgertest.Event(1), ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash{1})
	for name, c := range map[string]struct {
		leaves []ledger.Leaf
		want   int
	}{
		"events": {[]ledger.Leaf{event, ledgertest.Event(2)}, 2}, "one closes no seal": {[]ledger.Leaf{event, noEvent}, 0},
		"one is refused at once": {[]ledger.Leaf{event, ledger.Epoch{}.Leaf(), {}}, 1},
	} {
		if got := wanted([]*request{{leaves: c.leaves}}); len(got) != c.want {
			t.Errorf("%s: %d leaves", name, len(got))
		}
	}
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
	_, writers := nodesWith(t, sharedLog{}, func([]byte) bool { return enough.Load() })
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
	_, writers := nodesWith(t, sharedLog{}, func([]byte) bool { return enough.Load() })
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
