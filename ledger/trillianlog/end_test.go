//go:build engines

package trillianlog

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
	"example.org/custody/ledger/writer"
)

// Of two nodes under load one ends the ledger: nothing is behind its last checkpoint,
// whoever sends it and however, what was acknowledged is before it, and the same end comes
// out at the other node, in a later session too.
func TestEngineEndIsOfEveryNode(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	var work sync.WaitGroup
	var mu sync.Mutex
	logged := map[uint64]bool{}
	for n := range uint64(64) {
		work.Go(func() {
			for e := n; ; e += 64 {
				got, err := b.w.Submit(t.Context(), ledgertest.Event(e))
				if err != nil {
					if !errors.Is(err, writer.ErrNotLogged) && !errors.Is(err, writer.ErrUnknown) || !errors.Is(err, ledger.ErrEndedByNode) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				logged[got[0].Index] = true
				mu.Unlock()
			}
		})
	}
	if _, err := a.w.Submit(t.Context(), ledgertest.Rival(1<<40, 1)); err != nil {
		t.Fatal(err)
	}
	signed, err := a.w.Freeze(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	work.Wait()
	final, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		t.Fatal(err)
	}
	for index := range logged {
		if index >= final.Size {
			t.Errorf("leaf %d was acknowledged, the ledger ends with %d", index, final.Size)
		}
	}
	if err := a.log.server.add(t.Context(), a.log.tree, final.Size, ledgertest.Events(1<<41, 1<<41+1)); !errors.Is(err, ledger.ErrEndedByNode) {
		t.Errorf("past every node: %v", err)
	}
	if err := b.w.Close(); err != nil {
		t.Fatal(err)
	}
	b.reopen(t)
	if size, err := b.log.Size(t.Context()); err != nil || size != final.Size {
		t.Errorf("%d leaves, %v", size, err)
	}
	again, err := b.w.Freeze(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ledger.ReadCheckpoint(again); err != nil || c != final {
		t.Errorf("ended again: %+v, %v; it was %+v", c, err, final)
	}
	if err := b.w.Close(); err != nil {
		t.Fatal(err)
	}
	checkTiles(t, b)
	if h, err := Look(t.Context(), filepath.Join(b.dir, "ledger")); err != nil || !h.Ended || h.Published != final.Size {
		t.Errorf("%+v, %v", h, err)
	}
}

// What a log server began before the end, and goes on with behind it, is refused, though it
// sees the database as it was when it began.
func TestEngineEndIsSeenByWhatBeganBefore(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	late := s.Begin()
	late.Execute("SELECT COUNT(*) FROM LeafData")
	if err := n.log.End(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	err := late.Try(fmt.Sprintf(s.For(`INSERT INTO LeafData(TreeId, LeafIdentityHash, LeafValue, QueueTimestampNanos) VALUES(%[1]d, 'x', 'x', 0);
		INSERT INTO SequencedLeafData(TreeId, SequenceNumber, LeafIdentityHash, MerkleLeafHash, IntegrateTimestampNanos) VALUES(%[1]d, 0, 'x', 'x', 0)`,
		"INSERT INTO LeafData(TreeId, LeafIdentityHash, LeafValue, ExtraData, QueueTimestampNanos) VALUES(%d, 'x', 'x', X'0000000000000000', 0)"), n.log.tree))
	if err == nil || !strings.Contains(err.Error(), refusalEnded) {
		t.Errorf("%v", err)
	}
	late.End()
}

// An end is taken back by the node that was the last to make it, and by no other; by
// none when it is for good.
func TestEngineReopen(t *testing.T) {
	s := trilliantest.Start(t)
	a, b := openNode(t, s), openNode(t, s)
	if _, err := a.log.Append(t.Context(), ledgertest.Events(0, 2)); err != nil {
		t.Fatal(err)
	}
	if err := a.log.End(t.Context(), 1); !errors.Is(err, ledger.ErrGrown) {
		t.Errorf("ended before its last leaf: %v", err)
	}
	for _, n := range []*node{a, b} {
		if err := n.log.End(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.log.Reopen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.log.Append(t.Context(), ledgertest.Events(2, 3)); !errors.Is(err, ledger.ErrEndedByNode) {
		t.Errorf("the other node has ended it since: %v", err)
	}
	if err := b.log.Reopen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := a.log.Append(t.Context(), ledgertest.Events(2, 3)); err != nil || got[0] != 2 {
		t.Errorf("reopened: %v, %v", got, err)
	}
	if err := a.log.EndForGood(t.Context(), 3); !errors.Is(err, ledger.ErrEndedByNode) {
		t.Errorf("for good, with no end: %v", err)
	}
	if err := errors.Join(a.log.End(t.Context(), 3), a.log.EndForGood(t.Context(), 3), b.log.End(t.Context(), 3), b.log.Reopen(t.Context()), a.log.Reopen(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := b.log.Append(t.Context(), ledgertest.Events(3, 4)); !errors.Is(err, ledger.ErrEndedByNode) {
		t.Errorf("an end for good was taken back: %v", err)
	}
}
