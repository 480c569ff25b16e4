//go:build engines

package trillianlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

// A batch is taken whole or not at all, and at the end of the log only, whoever sends it.
func TestEngineBatchIsWhole(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	if _, err := n.log.Append(t.Context(), ledgertest.Events(0, 3)); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]struct {
		first  uint64
		leaves []ledger.Leaf
	}{
		"a closed seal first":     {3, []ledger.Leaf{ledgertest.Rival(1, 1), ledgertest.Event(3)}},
		"a closed seal last":      {3, []ledger.Leaf{ledgertest.Event(3), ledgertest.Rival(1, 1)}},
		"one seal twice":          {3, []ledger.Leaf{ledgertest.Event(3), ledgertest.Rival(3, 1)}},
		"the first index taken":   {2, []ledger.Leaf{ledgertest.Event(3), ledgertest.Event(4)}},
		"a hole before the batch": {4, []ledger.Leaf{ledgertest.Event(3)}},
	} {
		if err := n.log.server.add(t.Context(), n.log.tree, b.first, b.leaves); err == nil {
			t.Errorf("%s: taken", name)
		}
		if size, err := n.log.Size(t.Context()); size != 3 || err != nil {
			t.Fatalf("%s: %d leaves, %v", name, size, err)
		}
	}
	if s.MariaDB() {
		silent := *n.log.server
		silent.singly = false
		if err := silent.add(t.Context(), n.log.tree, 3, ledgertest.Events(3, 5)); !errors.Is(err, errRefused) {
			t.Errorf("a batch that does not say where it begins: %v", err)
		}
	}
	if x, err := n.log.Append(t.Context(), ledgertest.Events(3, 5)); err != nil || x[0] != 3 {
		t.Errorf("a batch after those: %v, %v", x, err)
	}
}

// Of batches that are sent for one place at once, past every turn, at most one is taken,
// whether they close the same seals or not.
func TestEngineBatchesAtOnce(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	taken := uint64(0)
	for round := range uint64(20) {
		before := allLeaves(t, n)
		var work sync.WaitGroup
		var took atomic.Uint64
		for who := range uint64(6) {
			seals := 1000*round + 10*(who%3) // each seal from two
			batch := []ledger.Leaf{ledgertest.Rival(seals, who), ledgertest.Rival(seals+1, who), ledgertest.Rival(seals+2, who)}
			work.Go(func() {
				if n.log.server.add(t.Context(), n.log.tree, before, batch) == nil {
					took.Add(1)
				}
			})
		}
		work.Wait()
		if after := allLeaves(t, n); took.Load() > 1 || after != before+3*took.Load() {
			t.Fatalf("%d batches were taken, %d leaves became %d", took.Load(), before, after)
		}
		taken += took.Load()
	}
	if leaves, err := ledgertest.Verify(t.Context(), n.log); err != nil || taken < 10 || uint64(len(leaves)) != 3*taken {
		t.Errorf("%d leaves of %d batches, %v", len(leaves), taken, err)
	}
}

// A signer that has read an older tree than there is gets none written over it.
func TestEngineTreeDoesNotShrink(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	if _, err := n.log.Append(t.Context(), ledgertest.Events(0, 3)); err != nil {
		t.Fatal(err)
	}
	s.Signer.Kill()
	write := func(later, larger int) error {
		return s.Try(fmt.Sprintf("INSERT INTO TreeHead(TreeId, TreeHeadTimestamp, TreeSize, RootHash, RootSignature"+s.For("", ", TreeRevision")+
			") SELECT TreeId, TreeHeadTimestamp + %d, TreeSize + %d, RootHash, RootSignature"+s.For("", ", TreeRevision + 1")+
			" FROM TreeHead WHERE TreeId = %d ORDER BY TreeHeadTimestamp DESC LIMIT 1", later, larger, n.log.tree))
	}
	for _, head := range []struct{ later, larger int }{{1, -1}, {1, -3}, {0, 0}, {-1, 1}} {
		if err := write(head.later, head.larger); err == nil || !strings.Contains(err.Error(), "custody: the tree would shrink") {
			t.Errorf("later by %d, larger by %d: %v", head.later, head.larger, err)
		}
	}
	if err := write(1, 0); err != nil {
		t.Errorf("one that is as it must be: %v", err)
	}
}

// What custodyd finds other than it made is refused before anything is logged.
func TestEngineConfigurationIsChecked(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	if _, err := n.w.Submit(t.Context(), ledgertest.Event(0)); err != nil {
		t.Fatal(err)
	}
	if err := n.w.Close(); err != nil {
		t.Fatal(err)
	}
	dir, signer := filepath.Join(n.dir, "ledger"), testSigner(t, testOrigin)
	refused := func(what string, want error) {
		t.Helper()
		err := error(ErrServer)
		// A log server answers with an error for each connection that its database has dropped.
		for tries := 0; errors.Is(err, ErrServer) && tries < 50; tries++ {
			var l *Log
			if l, err = Open(t.Context(), dir, signer, Options{}); err == nil {
				l.Close()
			}
			if want == ErrServer {
				break
			}
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	tree := n.log.tree
	remake := func() {
		db, err := dial(t.Context(), s.URI)
		if err == nil {
			defer db.close()
			err = db.guard(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		what, change, back string // without back the guards are made again
		want               error
	}{
		{"no guard", s.For("ALTER TABLE SequencedLeafData DISABLE TRIGGER custody_whole_batch", "DROP TRIGGER custody_whole_batch"),
			s.For("ALTER TABLE SequencedLeafData ENABLE TRIGGER custody_whole_batch", ""), ErrConfig},
		{"no guard of the tree", s.For("DROP TRIGGER custody_no_shrink ON TreeHead", "DROP TRIGGER custody_no_shrink"), "", ErrConfig},
		{"another guard under its name", s.For("CREATE OR REPLACE FUNCTION custody_whole_batch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
			"CREATE OR REPLACE TRIGGER custody_batch_at_end BEFORE INSERT ON SequencedLeafData FOR EACH ROW BEGIN END"), "", ErrConfig},
		{"a frozen tree", fmt.Sprintf("UPDATE Trees SET TreeState = 'FROZEN' WHERE TreeId = %d", tree), fmt.Sprintf("UPDATE Trees SET TreeState = 'ACTIVE' WHERE TreeId = %d", tree), ErrConfig},
		{"another kind of tree", fmt.Sprintf("UPDATE Trees SET TreeType = 'LOG' WHERE TreeId = %d", tree), fmt.Sprintf("UPDATE Trees SET TreeType = 'PREORDERED_LOG' WHERE TreeId = %d", tree), ErrConfig},
		{"another key", "UPDATE custody_ledger SET key_hash = key_hash + 1", "UPDATE custody_ledger SET key_hash = key_hash - 1", ErrKey},
	} {
		s.Execute(c.change)
		refused(c.what, c.want)
		if c.back == "" {
			remake()
		} else {
			s.Execute(c.back)
		}
	}
	s.Log.Kill()
	refused("no log server", ErrServer)
	s.Log.Start()
	s.Database.Kill()
	refused("no database", ErrDatabase)
	s.Database.Start()
	// An older copy of the database was put back.
	s.Execute(fmt.Sprintf("DELETE FROM SequencedLeafData WHERE TreeId = %d AND SequenceNumber = 1", tree))
	refused("a leaf is lost", ledger.ErrBehind)
}

// The tiles of a node are a copy: damaged or gone, they are made again, the same.
func TestEngineTilesAreMadeAgain(t *testing.T) {
	s := trilliantest.Start(t)
	n := openNode(t, s)
	if _, err := n.log.Append(t.Context(), ledgertest.Events(0, 600)); err != nil {
		t.Fatal(err)
	}
	for _, damage := range []func(string) error{
		func(dir string) error { return os.RemoveAll(filepath.Join(dir, "tile")) },
		func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "tile/1/000.p/2"), make([]byte, 64), 0o644)
		},
		func(dir string) error { return os.RemoveAll(filepath.Join(dir, "tile/entries/002.p")) },
		func(dir string) error { return os.RemoveAll(dir) },
	} {
		if err := n.w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := damage(TilesDir(filepath.Join(n.dir, "ledger"))); err != nil {
			t.Fatal(err)
		}
		n.reopen(t)
		if leaves, err := ledgertest.Verify(t.Context(), n.log); err != nil || len(leaves) != 601 {
			t.Fatalf("%d leaves, %v", len(leaves), err)
		}
	}
	if err := n.w.Close(); err != nil {
		t.Fatal(err)
	}
	checkTiles(t, n)
}
