//go:build engines

package trillianlog

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
