//go:build engines

package trillianlog

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/trillian"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.org/custody/evidence/servertest"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/trillianlog/trilliantest"
	"example.org/custody/ledger/writer"
)

// load submits leaves from many hands until it is ended. Each hand submits a leaf again
// until it has a receipt, as a desk does.
type load struct {
	work  sync.WaitGroup
	ended chan struct{}
	done  atomic.Uint64 // leaves acknowledged

	mu       sync.Mutex
	receipts map[ledger.Leaf]*ledger.Receipt
	failed   error
}

const hands = 8

func startLoad(ctx context.Context, w *writer.Writer) *load {
	l := &load{ended: make(chan struct{}), receipts: map[ledger.Leaf]*ledger.Receipt{}}
	for hand := range uint64(hands) {
		l.work.Go(func() {
			for n := hand; ; n += hands {
				select {
				case <-l.ended:
					return
				default:
				}
				l.submit(ctx, w, ledgertest.Event(n))
			}
		})
	}
	return l
}

// submit submits one leaf until it is acknowledged.
func (l *load) submit(ctx context.Context, w *writer.Writer, leaf ledger.Leaf) {
	for ctx.Err() == nil {
		got, err := w.Submit(ctx, leaf)
		if errors.Is(err, ledger.ErrFatal) || err == nil && got[0].Refused != nil {
			l.mu.Lock()
			l.failed = errors.Join(l.failed, err)
			if err == nil {
				l.failed = errors.Join(l.failed, got[0].Refused)
			}
			l.mu.Unlock()
			return
		}
		if err == nil && got[0].Receipt != nil {
			l.mu.Lock()
			l.receipts[leaf] = got[0].Receipt
			l.mu.Unlock()
			l.done.Add(1)
			return
		}
	}
}

// passes waits until n more leaves are acknowledged.
func (l *load) passes(t *testing.T, n uint64) {
	t.Helper()
	if !l.passesIn(n, time.Minute) {
		t.Fatalf("the ledger does not go on: %d leaves acknowledged", l.done.Load())
	}
}

// passesIn reports whether n more leaves are acknowledged in some time.
func (l *load) passesIn(n uint64, some time.Duration) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(some)
	for from := l.done.Load(); l.done.Load() < from+n; {
		select {
		case <-tick.C:
		case <-deadline:
			return false
		}
	}
	return true
}

// end ends the load and checks that every receipt holds and nothing acknowledged is lost.
func (l *load) end(t *testing.T, n *node) {
	t.Helper()
	close(l.ended)
	l.work.Wait()
	if l.failed != nil {
		t.Fatal(l.failed)
	}
	leaves, err := ledgertest.Verify(t.Context(), n.log)
	if err != nil {
		t.Fatal(err)
	}
	at := map[ledger.Leaf]uint64{}
	for i, leaf := range leaves {
		at[leaf] = uint64(i)
	}
	for leaf, r := range l.receipts {
		if i, ok := at[leaf]; !ok || i != r.Index {
			t.Errorf("the leaf acknowledged at %d stands at %d, %v", r.Index, i, ok)
		}
		if _, err := r.Verify(leaf, verifierOf(t, testOrigin)); err != nil {
			t.Errorf("receipt of leaf %d: %v", r.Index, err)
		}
	}
}

// hurry sets how long a node waits for a server that is gone, once it is open.
func hurry(n *node, d time.Duration) *node {
	n.log.patience, n.log.server.patience = d, d
	return n
}

// Every server is killed in turn under load and started again.
func TestEngineServersKilled(t *testing.T) {
	s := trilliantest.Start(t)
	n := hurry(openNode(t, s), time.Second)
	l := startLoad(t.Context(), n.w)
	for range 2 {
		for _, p := range []*servertest.Process{s.Database, s.Log, s.Signer} {
			l.passes(t, 20)
			p.Kill()
			p.Start()
		}
	}
	l.passes(t, 20)
	l.end(t, n)
	if err := n.w.Close(); err != nil {
		t.Fatal(err)
	}
	checkTiles(t, n)
}

// checkTiles reads what the node publishes with tessera's own checker.
func checkTiles(t *testing.T, n *node) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := tesseralog.Check(ctx, filepath.Join(n.dir, "ledger"), verifierOf(t, testOrigin)); err != nil {
		t.Errorf("the published tiles: %v", err)
	}
}

// Two signers at once, as after a failover that was none, harm nothing; nor does one that
// goes on with what it had read when the other one has integrated more. One that holds the
// database's lock meanwhile only keeps the other one waiting.
func TestEngineTwoSigners(t *testing.T) {
	s := trilliantest.Start(t)
	second := s.NewSigner()
	second.Start()
	n := openNode(t, s)
	l := startLoad(t.Context(), n.w)
	l.passes(t, 100)
	behind := 0
	for tries := 0; behind < 3 && tries < 20; tries++ {
		s.Signer.Freeze()
		if l.passesIn(20, time.Second) {
			behind++
		}
		s.Signer.Thaw()
		l.passes(t, 20)
	}
	if behind < 3 {
		t.Errorf("the second signer went on %d times", behind)
	}
	s.Signer.Kill()
	l.passes(t, 50)
	l.end(t, n)
	if err := n.w.Close(); err != nil {
		t.Fatal(err)
	}
	checkTiles(t, n)
}

// Without a signer leaves are durable, not acknowledged, and the error names the cause.
// They get their receipts when it is back.
func TestEngineSignerStopped(t *testing.T) {
	s := trilliantest.Start(t)
	n := hurry(openNode(t, s), 2*time.Second)
	s.Signer.Kill()
	if got, err := n.w.Submit(t.Context(), ledgertest.Event(1)); !errors.Is(err, ErrSigner) {
		t.Fatalf("without a signer: %+v, %v", got, err)
	}
	if _, err := n.log.Size(t.Context()); !errors.Is(err, ErrSigner) {
		t.Fatalf("size while it is not known what counts: %v", err)
	}
	if err := n.w.Stuck(t.Context()); !errors.Is(err, ErrSigner) {
		t.Errorf("whoever asks the node is told: %v", err)
	}
	s.Signer.Start()
	hurry(n, patience)
	var got []writer.Result
	err := errors.New("not tried")
	for tries := 0; err != nil && tries < 100; tries++ {
		got, err = n.w.Submit(t.Context(), ledgertest.Event(1))
	}
	if err != nil || got[0].Receipt == nil || got[0].Index != 0 || !got[0].Retried {
		t.Errorf("when it is back: %+v, %v", got, err)
	}
	if err := n.w.Stuck(t.Context()); err != nil {
		t.Errorf("when it is back whoever asks is told: %v", err)
	}
}

// deadlocked is a log server whose database ends so many deadlocks at the cost of what it is
// asked. It notes by when it was to have answered each time.
type deadlocked struct {
	trillian.TrillianLogClient
	times *int
	until *[]time.Time
}

// AddSequencedLeaves implements [trillian.TrillianLogClient].
func (d deadlocked) AddSequencedLeaves(ctx context.Context, req *trillian.AddSequencedLeavesRequest, o ...grpc.CallOption) (*trillian.AddSequencedLeavesResponse, error) {
	until, _ := ctx.Deadline()
	*d.until = append(*d.until, until)
	if *d.times--; *d.times >= 0 {
		return nil, status.Error(codes.Aborted, "deadlock")
	}
	return d.TrillianLogClient.AddSequencedLeaves(ctx, req, o...)
}

// A batch that the database rolls back to end a deadlock is sent again, in the same turn and
// within the time that one batch has; if that does not help it is known not to be logged.
func TestEngineDeadlockIsTriedAgain(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	times := mostDeadlocks - 1
	var until []time.Time
	n.log.server.log = deadlocked{n.log.server.log, &times, &until}
	if got, err := n.w.Submit(t.Context(), ledgertest.Event(1)); err != nil || got[0].Receipt == nil || times != -1 {
		t.Errorf("%+v, %v, %d left", got, err, times)
	}
	if len(slices.Compact(until)) != 1 {
		t.Errorf("it was to have answered by %v", until)
	}
	times = mostDeadlocks
	if got, err := n.w.Submit(t.Context(), ledgertest.Event(2)); !errors.Is(err, writer.ErrNotLogged) || !errors.Is(err, ErrServer) {
		t.Errorf("%+v, %v", got, err)
	}
	logged(t, n, 1+1)
	if s.MariaDB() {
		deadlock(t, s, n)
	}
}

// deadlock has MariaDB find one between a batch and a transaction that has done more, so that
// it ends it at the batch's cost.
func deadlock(t *testing.T, s *trilliantest.Servers, n *node) {
	t.Helper()
	leaf := ledgertest.Event(3)
	seal, _ := leaf.Seal()
	other := s.Begin()
	other.Execute(fmt.Sprintf(`CREATE TABLE IF NOT EXISTS done(a INT PRIMARY KEY) ENGINE=InnoDB; START TRANSACTION;
		INSERT INTO done SELECT seq FROM seq_1_to_1000;
		SELECT 1 FROM LeafData WHERE TreeId = %d AND LeafIdentityHash = X'%x' FOR UPDATE`, n.log.tree, seal))
	done := submitting(t, n, leaf)
	tick := time.NewTicker(trilliantest.LookEvery)
	defer tick.Stop()
	for s.Number("SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'") == 0 {
		select {
		case <-tick.C: // it waits for the place of the leaf, with the ledger's row locked
		case r := <-done:
			t.Fatalf("it waits for nothing: %+v", r)
		}
	}
	other.Execute(fmt.Sprintf("SELECT 1 FROM custody_ledger WHERE tree_id = %d FOR UPDATE", n.log.tree))
	other.End()
	if r := <-done; r.err != nil || r.got[0].Receipt == nil {
		t.Errorf("%+v", r)
	}
	if n := s.Number("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_DEADLOCKS'"); n != 1 {
		t.Errorf("%v deadlocks", n)
	}
}

// again is a log server that is asked everything twice, as by a proxy that asks again when an
// answer is late; what comes back is the answer to the second.
type again struct{ trillian.TrillianLogClient }

// AddSequencedLeaves implements [trillian.TrillianLogClient].
func (a again) AddSequencedLeaves(ctx context.Context, req *trillian.AddSequencedLeavesRequest, o ...grpc.CallOption) (*trillian.AddSequencedLeavesResponse, error) {
	if _, err := a.TrillianLogClient.AddSequencedLeaves(ctx, req, o...); err != nil {
		return nil, err
	}
	return a.TrillianLogClient.AddSequencedLeaves(ctx, req, o...)
}

// A batch that reaches the database twice is there once: the second is refused as a whole, and
// the node finds that the leaves are its own and gives their receipts.
func TestEngineBatchArrivesTwice(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	n.log.server.log = again{n.log.server.log}
	for round := range uint64(5) {
		leaves := ledgertest.Events(10*round, 10*round+3)
		got, err := n.w.Submit(t.Context(), leaves...)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range got {
			if r.Receipt == nil || r.Index != 4*round+uint64(i) {
				t.Errorf("round %d, leaf %d: %+v", round, i, r)
			}
		}
	}
	leaf := ledgertest.Event(100)
	var twice *ledger.ClosedError
	if _, err := n.log.Append(t.Context(), []ledger.Leaf{leaf}); !errors.As(err, &twice) || twice.Leaf != leaf.Hash() {
		t.Errorf("past the writer, which knows its own: %v", err)
	}
	logged(t, n, 5*(3+1)+1)
}

// A log server that answers after its time is up may still have appended. Until it is known
// nothing is called lost, whatever fails meanwhile; what it did is found out, and the same leaf
// is not logged twice.
func TestEngineLateAnswer(t *testing.T) {
	s := trilliantest.Start(t)
	n := hurry(openNode(t, s), 300*time.Millisecond)
	away, back := turnAway(s)
	for leaf := range uint64(5) {
		s.Log.Freeze()
		if got, err := n.w.Submit(t.Context(), ledgertest.Event(leaf)); !unknown(err) || !errors.Is(err, ErrServer) {
			t.Errorf("while the log server is frozen: %+v, %v", got, err)
		}
		s.Execute(away) // so that there is no turn
		if got, err := n.w.Submit(t.Context(), ledgertest.Event(leaf)); !unknown(err) || !errors.Is(err, ErrDatabase) {
			t.Errorf("and the database fails: %+v, %v", got, err)
		}
		s.Execute(back)
		s.Log.Thaw()
		l := &load{receipts: map[ledger.Leaf]*ledger.Receipt{}}
		l.submit(t.Context(), n.w, ledgertest.Event(leaf))
		if l.failed != nil || len(l.receipts) != 1 {
			t.Fatalf("when it goes on: %v", l.failed)
		}
	}
	leaves, err := ledgertest.Verify(t.Context(), n.log)
	if err != nil || len(leaves) != 10 { // five events and their epochs
		t.Errorf("%d leaves, %v", len(leaves), err)
	}
}

// turnAway returns the statements after which no node gets a turn, and gets one again.
func turnAway(s *trilliantest.Servers) (away, back string) {
	table := s.For("custody_ledger", "custody_turn")
	return "ALTER TABLE " + table + " RENAME TO away", "ALTER TABLE away RENAME TO " + table
}

// Nor is anything called lost that an earlier session of the node may have asked for, before
// the log has grown.
func TestEngineEarlierSessionMayHaveAppended(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	away, back := turnAway(s)
	for _, want := range []error{writer.ErrUnknown, writer.ErrNotLogged} {
		s.Execute(away)
		if got, err := n.w.Submit(t.Context(), ledgertest.Event(1)); !errors.Is(err, want) || !errors.Is(err, ErrDatabase) {
			t.Errorf("%+v, %v, want %v", got, err, want)
		}
		s.Execute(back)
		if _, err := n.w.Submit(t.Context(), ledgertest.Event(0)); err != nil {
			t.Fatal(err)
		}
	}
}
