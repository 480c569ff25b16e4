package writer

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/mod/sumdb/note"
)

func TestSubmit(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	list := ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash{1})
	first := w.mustSubmit(out, ledgertest.Event(0), ledgertest.Event(1), list)
	second := w.mustSubmit(out, ledgertest.Event(2))
	for i, want := range []uint64{0, 1, 2, 4} { // 3 and 5 are epochs
		if got := append(first, second...)[i]; got.Index != want || got.Retried {
			t.Errorf("leaf %d: %+v, want index %d", i, got, want)
		}
	}
	if out.Size() != 6 || len(w.verify()) != 3 {
		t.Fatalf("%d leaves", out.Size())
	}
	if i, h, ok, err := out.Closing(ledgertest.Key(2).Seal()); err != nil || !ok || i != 4 || h != ledgertest.Event(2).Hash() {
		t.Errorf("seal closed at %d by %s, %v, %v", i, h, ok, err)
	}
	if _, _, ok, err := out.Closing(ledgertest.Key(9).Seal()); err != nil || ok {
		t.Errorf("unbroken seal is closed, %v", err)
	}
}

// The same leaf gets the receipt of the one in the log, another one the index of the
// winner, and neither adds anything (rule P20).
func TestRetry(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	leaf := ledgertest.Event(0)
	w.mustSubmit(out, ledgertest.Event(5), leaf)
	for _, reopened := range []bool{false, true} {
		if reopened {
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
			out = w.open()
		}
		if got := w.mustSubmit(out, leaf)[0]; got.Index != 1 || !got.Retried {
			t.Errorf("the same leaf again: %+v", got)
		}
		got, err := out.Submit(t.Context(), ledgertest.Rival(0, 1))
		if err != nil {
			t.Fatal(err)
		}
		var twice *ledger.ClosedError
		want := ledger.ClosedError{Seal: ledgertest.Key(0).Seal(), Index: 1, Leaf: leaf.Hash()}
		if !errors.As(got[0].Refused, &twice) || *twice != want || got[0].Receipt != nil {
			t.Errorf("another leaf: %+v", got[0])
		}
		if out.Size() != 3 {
			t.Errorf("%d leaves", out.Size())
		}
	}
	w.verify()
}

// Leaves of one submission are decided each for itself, in their order.
func TestMixedSubmission(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	w.mustSubmit(out, ledgertest.Event(0))
	epoch := ledger.Epoch{Previous: ledger.NoEpoch}.Leaf()
	leaves := []ledger.Leaf{
		ledgertest.Event(1), ledgertest.Rival(0, 1), ledgertest.Rival(1, 1), ledgertest.Event(1), {9}, epoch, ledgertest.Event(0), ledgertest.Event(2),
	}
	got, err := out.Submit(t.Context(), leaves...)
	if err != nil {
		t.Fatal(err)
	}
	var twice *ledger.ClosedError
	for i, check := range []func(Result) bool{
		func(r Result) bool { return r.Index == 2 && !r.Retried },
		func(r Result) bool { return errors.As(r.Refused, &twice) && twice.Index == 0 },
		func(r Result) bool { return errors.As(r.Refused, &twice) && twice.Index == 2 },
		func(r Result) bool { return r.Index == 2 && r.Retried },
		func(r Result) bool { return errors.Is(r.Refused, ledger.ErrLeafForm) },
		func(r Result) bool { return errors.Is(r.Refused, ErrEpoch) },
		func(r Result) bool { return r.Index == 0 && r.Retried },
		func(r Result) bool { return r.Index == 3 && !r.Retried },
	} {
		if !check(got[i]) {
			t.Errorf("leaf %d: %+v", i, got[i])
		}
		if got[i].Refused == nil {
			w.checkReceipt(leaves[i], got[i])
		}
	}
	w.verify()
}

func TestSubmitRefuses(t *testing.T) {
	w := newWorld(t)
	out := w.open()
	if got, err := out.Submit(t.Context()); err != nil || got != nil {
		t.Errorf("nothing: %v, %v", got, err)
	}
	if _, err := out.Submit(t.Context(), make([]ledger.Leaf, MaxLeaves+1)...); !errors.Is(err, ErrTooMany) {
		t.Errorf("too many: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := out.Submit(ended, ledgertest.Event(0)); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	if err := errors.Join(out.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Submit(t.Context(), ledgertest.Event(0)); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := out.Checkpoint(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if len(w.verify()) != 0 {
		t.Error("something was logged")
	}
}

// Whoever gives up waiting does not stop the others, and finds the leaf there later.
func TestSubmitterLeaves(t *testing.T) {
	w := newWorld(t).cosigned()
	held, going := make(chan struct{}), make(chan struct{})
	w.disk.OnAppend = func(n int) (int, error) { close(held); <-going; return n, nil }
	out := w.open()
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { _, err := out.Submit(ctx, ledgertest.Event(0)); gone <- err }()
	<-held
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	w.disk.OnAppend = nil
	close(going)
	if got := w.mustSubmit(out, ledgertest.Event(0))[0]; got.Index != 0 {
		t.Errorf("%+v", got)
	}
	w.verify()
}

func TestOpenRefuses(t *testing.T) {
	other, otherKey := logKey(t)
	for name, c := range map[string]struct {
		edit func(*Config, *feeder.Config)
		want error
	}{
		"map of another log": {func(c *Config, _ *feeder.Config) { c.Map = closed.New("bb.example/ledger") }, closed.ErrOrigin},
		"another key":        {func(c *Config, _ *feeder.Config) { c.Key = other }, ledger.ErrSignature},
		"another verifier":   {func(c *Config, _ *feeder.Config) { c.Verifier = otherKey }, ledger.ErrSignature},
	} {
		w := newWorld(t)
		w.edit = c.edit
		if _, err := w.try(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// One shared checkpoint proves the newest event, and that a seal is unbroken.
func TestShared(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	w.mustSubmit(out, ledgertest.Events(0, 10)...)
	s, err := out.Shared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.OpenCheckpoint(s.Note, w.vkey)
	if err != nil || c.Size != 11 || !w.all(s.Note) {
		t.Fatalf("%v, %v", c, err)
	}
	index, e, ok := s.Map.LastEpoch()
	if !ok || index != 10 || e.Root != s.Map.Root() {
		t.Fatalf("epoch at %d", index)
	}
	p, err := s.Map.Prove(ledgertest.Key(10).Seal())
	if err != nil || p.VerifyUnbroken(e.Root, ledgertest.Key(10).Seal()) != nil {
		t.Fatalf("proof of an unbroken seal: %v", err)
	}
	if !bytes.Equal(out.Latest(), s.Note) {
		t.Error("the newest checkpoint is another one")
	}
}

// A checkpoint kept from the session before serves while the cosigners are away, and
// only for the tree that it is of.
func TestNoteOfEarlierSession(t *testing.T) {
	w := newWorld(t).cosigned()
	out := w.open()
	w.mustSubmit(out, ledgertest.Event(0))
	kept := out.Latest()
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	w.edit = func(c *Config, f *feeder.Config) {
		c.Note = kept
		for i, k := range f.Peers {
			f.Peers[i].Cosigner = &stubCosigner{Cosigner: k.Cosigner, cosign: func(context.Context, ledger.CosignRequest) ([]byte, error) { return nil, errAway }}
		}
	}
	out = w.open()
	w.mustSubmit(out, ledgertest.Event(0))
	got, err := out.Submit(t.Context(), ledgertest.Event(1))
	if err != nil || !errors.Is(got[0].Pending, ErrQuorum) || got[0].Receipt != nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	out = w.open() // the log has grown since
	if got, err := out.Submit(t.Context(), ledgertest.Event(1)); err != nil || !errors.Is(got[0].Pending, ErrQuorum) {
		t.Fatalf("%+v, %v", got, err)
	}
	if n := out.Latest(); n != nil {
		t.Errorf("an old checkpoint is taken for the newest:\n%s", n)
	}
	w.crash(out)
	w.edit = func(c *Config, _ *feeder.Config) { c.Note = kept }
	w.disk.Truncate(1) // what was signed is gone, and the map with it
	if err := os.Remove(w.mapPath); err != nil {
		t.Fatal(err)
	}
	w.cosigners, w.known = nil, nil
	out = w.open()
	if _, err := out.Submit(t.Context(), ledgertest.Event(0)); !errors.Is(err, ErrReadOnly) || !errors.Is(err, ErrBehind) {
		t.Fatalf("%v, want a read-only ledger", err)
	}
	if out.Size() != 1 {
		t.Errorf("the log of one leaf has now %d", out.Size())
	}
	w.crash(out)
	w.disk.Truncate(0)
	w.disk.Force(ledgertest.Events(7, 9)...) // another history of that size
	if out = w.open(); !errors.Is(out.ReadOnly(), ErrBehind) {
		t.Fatalf("%v, want a read-only ledger", out.ReadOnly())
	}
	w.crash(out)
	w.disk.Truncate(0)
	for name, bad := range map[string][]byte{"garbage": []byte("x"), "unsigned": bytes.Replace(kept, []byte("+"), []byte("/"), -1)} {
		w.edit = func(c *Config, _ *feeder.Config) { c.Note = bad }
		if out = w.open(); out.Latest() != nil || out.ReadOnly() != nil {
			t.Errorf("%s: taken, %v", name, out.ReadOnly())
		}
		w.crash(out)
	}
	w.verify()
}

var _ note.Signer = (*watchedSigner)(nil)
