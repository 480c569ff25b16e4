package desk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
)

// foundStates founds desks that all cosign each other's ledgers.
func foundStates(t *testing.T, codes ...string) (desks []*Created) {
	t.Helper()
	desks = createStates(t, codes...)
	if _, err := Found(t.Context(), desks[0].Now().Truncate(time.Second), desks...); err != nil {
		t.Fatal(err)
	}
	return desks
}

// createStates makes desks whose ledgers the others cosign, without a trust list yet.
func createStates(t *testing.T, codes ...string) (desks []*Created) {
	t.Helper()
	dir := ledgertest.Folder(t)
	for _, code := range codes {
		c, err := Create(t.Context(), CreateOptions{Dir: filepath.Join(dir, code), State: code})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		desks = append(desks, c)
	}
	for _, c := range desks {
		var others []string
		for _, o := range desks {
			if o != c {
				others = append(others, o.path("cosigner"))
			}
		}
		if err := c.UseCosigners(others...); err != nil {
			t.Fatal(err)
		}
	}
	return desks
}

func twoStates(t *testing.T) (aa, bb *Created) {
	t.Helper()
	desks := foundStates(t, "AA", "BB")
	return desks[0], desks[1]
}

func TestBook(t *testing.T) {
	aa, _ := twoStates(t)
	got, err := aa.append(t.Context(), ledgertest.Events(0, 3))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if r.index != uint64(i) || r.refused != nil || r.pending != nil || r.retried {
			t.Fatalf("leaf %d: %+v", i, r)
		}
		if !aa.trusted.Meets(r.receipt.Note, aa.Config.Origin, trust.Receipt) || !aa.trusted.Meets(r.receipt.Note, aa.Config.Origin, trust.Court) {
			t.Fatalf("leaf %d: the other state's witness and auditor have not both signed:\n%s", i, r.receipt.Note)
		}
	}
	got, err = aa.append(t.Context(), []ledger.Leaf{ledgertest.Event(1), ledgertest.Rival(1, 7), ledgertest.Event(3)})
	if err != nil {
		t.Fatal(err)
	}
	var twice *ledger.ClosedError
	if !got[0].retried || got[0].index != 1 || got[0].receipt == nil || !errors.As(got[1].refused, &twice) || twice.Index != 1 || got[2].index != 4 {
		t.Fatalf("%+v", got)
	}
	p, err := aa.prover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Inclusion(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	line, err := p.Epoch(t.Context())
	if err != nil || line.Index != 5 {
		t.Fatalf("epoch %+v, %v", line, err)
	}
	closedProof, err := p.Closed(t.Context(), ledgertest.Key(1).Seal())
	if e, ok := ledger.Leaf(line.Leaf).Epoch(); err != nil || !ok || closedProof.VerifyClosed(e.Root, ledgertest.Key(1).Seal(), ledgertest.Event(1).Hash()) != nil {
		t.Fatalf("proof of a closed seal: %v", err)
	}
}

// Without the other state's cosigner an act is logged and its receipt missing; it
// comes when the cosigner is back, the ledger reopened or not.
func TestBookWithoutCosigner(t *testing.T) {
	aa, bb := twoStates(t)
	away := bb.path("away")
	if err := os.Rename(bb.path("cosigner"), away); err != nil {
		t.Fatal(err)
	}
	got, err := aa.append(t.Context(), ledgertest.Events(0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if got[0].receipt != nil || !errors.Is(got[0].pending, writer.ErrQuorum) || !errors.Is(got[0].pending, cosigner.ErrAbsent) {
		t.Fatalf("%+v", got[0])
	}
	if _, err := aa.prover(t.Context()); !errors.Is(err, writer.ErrQuorum) {
		t.Fatalf("prover without cosignatures: %v", err)
	}
	if err := aa.book.close(); err != nil {
		t.Fatal(err)
	}
	aa.book = nil
	if err := os.Rename(away, bb.path("cosigner")); err != nil {
		t.Fatal(err)
	}
	got, err = aa.append(t.Context(), ledgertest.Events(0, 1))
	if err != nil || got[0].receipt == nil || !got[0].retried || got[0].pending != nil {
		t.Fatalf("%+v, %v", got[0], err)
	}
	// The checkpoint that was cosigned outlives the session.
	if err := aa.book.close(); err != nil {
		t.Fatal(err)
	}
	aa.book = nil
	if err := os.Rename(bb.path("cosigner"), away); err != nil {
		t.Fatal(err)
	}
	if _, err := aa.prover(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Of three states one may lie, so both others must sign: one that is away stops
// receipts, and is named (rule P17).
func TestBookOfThreeStates(t *testing.T) {
	desks := foundStates(t, "AA", "BB", "CC")
	aa, cc := desks[0], desks[2]
	got, err := aa.append(t.Context(), ledgertest.Events(0, 1))
	if err != nil || got[0].receipt == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if found, err := ledger.Cosignatures(got[0].receipt.Note, knownCosigners{aa.Session}); err != nil || len(found) != 4 {
		t.Fatalf("%v, %v: want two witnesses and two auditors", found, err)
	}
	if err := aa.book.close(); err != nil {
		t.Fatal(err)
	}
	aa.book = nil
	if err := os.Rename(cc.path("cosigner"), cc.path("away")); err != nil {
		t.Fatal(err)
	}
	got, err = aa.append(t.Context(), ledgertest.Events(1, 2))
	if err != nil || got[0].receipt != nil || !errors.Is(got[0].pending, writer.ErrQuorum) || !strings.Contains(got[0].pending.Error(), "CC") {
		t.Fatalf("%+v, %v", got, err)
	}
}

// A state that stands alone gets receipts on its own word.
func TestBookOfOneState(t *testing.T) {
	aa := foundStates(t, "AA")[0]
	got, err := aa.append(t.Context(), ledgertest.Events(0, 1))
	if err != nil || got[0].receipt == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := aa.prover(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A ledger put back to an old state stays read-only (rule P21).
func TestBookPutBack(t *testing.T) {
	aa, _ := twoStates(t)
	if _, err := aa.append(t.Context(), ledgertest.Events(0, 1)); err != nil {
		t.Fatal(err)
	}
	reopen := func() {
		t.Helper()
		if err := aa.book.close(); err != nil {
			t.Fatal(err)
		}
		aa.book = nil
	}
	reopen()
	old := t.TempDir()
	if err := os.CopyFS(old, os.DirFS(aa.path("ledger"))); err != nil {
		t.Fatal(err)
	}
	if _, err := aa.append(t.Context(), ledgertest.Events(1, 2)); err != nil {
		t.Fatal(err)
	}
	reopen()
	if err := errors.Join(ledgertest.Remove(aa.path("ledger")), os.CopyFS(aa.path("ledger"), os.DirFS(old))); err != nil {
		t.Fatal(err)
	}
	_, err := aa.append(t.Context(), ledgertest.Events(5, 6))
	if !errors.Is(err, writer.ErrReadOnly) || !errors.Is(err, writer.ErrBehind) {
		t.Fatalf("%v, want a read-only ledger", err)
	}
}
