//go:build engines

package trillianlog

import (
	"database/sql/driver"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sync/errgroup"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
	"example.org/custody/ledger/writer"
)

const testOrigin = "log.example/test"

// node is one front end of the test ledger.
type node struct {
	dir string
	log *Log
	w   *writer.Writer
}

// openNode opens a node of the test ledger, which the first one makes. Its writer
// asks for no cosignatures.
func openNode(t testing.TB, s *trilliantest.Servers) *node {
	t.Helper()
	n := &node{dir: ledgertest.Folder(t)}
	signer, at := testSigner(t, testOrigin), filepath.Join(n.dir, "ledger")
	err := Create(t.Context(), at, signer, config(s))
	if errors.Is(err, ErrExists) {
		err = Join(t.Context(), at, signer, config(s))
	}
	if err != nil {
		t.Fatal(err)
	}
	n.reopen(t)
	return n
}

// reopen opens the node again, which is closed.
func (n *node) reopen(t testing.TB) {
	t.Helper()
	signer := testSigner(t, testOrigin)
	l, err := Open(t.Context(), filepath.Join(n.dir, "ledger"), signer, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := closed.OpenCache(filepath.Join(n.dir, "closed.map"), evidence.Origin(testOrigin))
	if err != nil {
		t.Fatal(err)
	}
	w, err := writer.Open(t.Context(), writer.Config{Log: l, Map: m, Key: signer, Verifier: verifierOf(t, testOrigin)})
	if err != nil {
		t.Fatal(err)
	}
	n.log, n.w = l, w
	t.Cleanup(func() { w.Close() })
}

func verifierOf(t testing.TB, origin string) note.Verifier {
	t.Helper()
	_, vkey, err := note.GenerateKey(zeros{}, origin)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Two front ends race for the same seals with leaves of their own: one of them closes
// each, the other is told by which leaf, and the whole is what an auditor accepts.
func TestEngineTwoFrontEnds(t *testing.T) {
	s := trilliantest.Start(t)
	nodes := []*node{openNode(t, s), openNode(t, s)}
	const seals, hands = 120, 8
	var won [2][seals]bool
	var work errgroup.Group
	for n := range nodes {
		for from := range uint64(hands) {
			work.Go(func() error {
				for seal := from; seal < seals; seal += hands {
					got, err := nodes[n].w.Submit(t.Context(), ledgertest.Rival(seal, uint64(n)))
					if err != nil {
						return err
					}
					var twice *ledger.ClosedError
					if won[n][seal] = got[0].Receipt != nil; !won[n][seal] && !errors.As(got[0].Refused, &twice) {
						return errors.Join(got[0].Refused, got[0].Pending)
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
	for _, n := range nodes {
		if _, err := ledgertest.Verify(t.Context(), n.log); err != nil {
			t.Error(err)
		}
	}
}

// Without any writer above that knows which seals are closed, the database alone refuses
// the second close, whichever front end is the first.
func TestEngineDatabaseRefusesSecondClose(t *testing.T) {
	s := trilliantest.Start(t)
	nodes := []*node{openNode(t, s), openNode(t, s)}
	for seal := range uint64(20) {
		var got [2]error
		var work sync.WaitGroup
		for n := range nodes {
			work.Go(func() { _, got[n] = nodes[n].log.Append(t.Context(), []ledger.Leaf{ledgertest.Rival(seal, uint64(n))}) })
		}
		work.Wait()
		winner := 0
		if got[0] != nil {
			winner = 1
		}
		var twice *ledger.ClosedError
		if got[winner] != nil || !errors.As(got[1-winner], &twice) || twice.Leaf != ledgertest.Rival(seal, uint64(winner)).Hash() {
			t.Fatalf("seal %d: %v", seal, got)
		}
	}
	leaves, err := ledgertest.Verify(t.Context(), nodes[0].log)
	if err != nil || len(leaves) != 20 {
		t.Errorf("%d leaves, %v", len(leaves), err)
	}
}

// cut closes the connection of a transaction, as when its node dies.
func cut(t *testing.T, tx transaction) {
	t.Helper()
	switch tx := tx.(type) {
	case pgTransaction:
		if err := tx.tx.Conn().Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	case mariaTransaction:
		if err := tx.conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
			t.Fatal(err)
		}
	}
}

// A node that dies in its turn, or is cut off, does not keep it.
func TestEngineTurnEndsWithItsNode(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	a.log.appendMu.Lock()
	turn, err := a.log.take(t.Context(), nil)
	a.log.appendMu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := b.w.Submit(t.Context(), ledgertest.Event(1))
		done <- err
	}()
	cut(t, turn.tx)
	rollback(turn.tx)
	if err := <-done; err != nil {
		t.Errorf("at the other node: %v", err)
	}
	if got, err := a.w.Submit(t.Context(), ledgertest.Event(1)); err != nil || !got[0].Retried {
		t.Errorf("at the first node: %+v, %v", got, err)
	}
}

// A node that came too late and has nothing left to append lets the others append at once.
func TestEngineTurnIsGivenBack(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	if _, err := a.w.Submit(t.Context(), ledgertest.Event(1)); err != nil {
		t.Fatal(err)
	}
	var twice *ledger.ClosedError
	if got, err := b.w.Submit(t.Context(), ledgertest.Rival(1, 1)); err != nil || !errors.As(got[0].Refused, &twice) {
		t.Fatalf("%+v, %v", got, err)
	}
	b.log.appendMu.Lock()
	defer b.log.appendMu.Unlock()
	if b.log.kept != nil {
		t.Error("it keeps the turn")
	}
}

// The ledger's row names one publisher, swapped there with the turn: only that node raises what
// is recorded as published, and the other one publishes what it has recorded.
func TestEngineOnePublisher(t *testing.T) {
	s := trilliantest.Start(t)
	nodes := []*node{openNode(t, s), openNode(t, s)}
	row := func() ledgerRow {
		t.Helper()
		r, err := nodes[0].log.db.ledgerOf(t.Context(), testOrigin)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for round := range uint64(4) {
		publisher, other, before := nodes[round%2].log, nodes[1-round%2].log, row()
		if _, err := publisher.Append(t.Context(), ledgertest.Events(10*round, 10*round+3)); err != nil {
			t.Fatal(err)
		}
		if r := row(); r.holder != publisher.node || r.term != before.term+1 {
			t.Errorf("round %d: term %d of %q, then %d of %q", round, before.term, before.holder, r.term, r.holder)
		}
		words, size := other.db.words(), 3*(round+1)
		if n, err := other.db.exec(t.Context(), words.record, other.tree, int64(size+100), make([]byte, 32), other.node); n != 0 || err != nil {
			t.Errorf("round %d: the other one has raised what is recorded: %d rows, %v", round, n, err)
		}
		if err := other.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c, err := publisher.recorded(t.Context(), size); err != nil || c.Size != size || row().size != size {
			t.Errorf("round %d: %+v, %v, in the row %d", round, c, err, row().size)
		}
		if c, err := other.recorded(t.Context(), size); err != nil || c.Size != size {
			t.Errorf("round %d: the other one would publish %+v, %v", round, c, err)
		}
	}
}
