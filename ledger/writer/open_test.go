package writer

import (
	"context"
	"errors"
	"os"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
)

// Whatever a process that ended left of the map, the next one accepts each leaf once.
func TestMapIsACache(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"lost":          os.Remove,
		"empty":         func(p string) error { return os.Truncate(p, 0) },
		"truncated":     func(p string) error { return os.Truncate(p, 8192+100) },
		"nodes damaged": func(p string) error { return damage(p, 8192) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).cosigned()
			out := w.open()
			w.mustSubmit(out, ledgertest.Events(0, 50)...)
			if err := errors.Join(out.Close(), harm(w.mapPath)); err != nil {
				t.Fatal(err)
			}
			out = w.open()
			got, err := out.Submit(t.Context(), ledgertest.Rival(7, 1), ledgertest.Event(8), ledgertest.Event(50))
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Refused == nil || !got[1].Retried || got[2].Index != 51 {
				t.Fatalf("%+v", got)
			}
			w.verify()
		})
	}
}

func damage(path string, from int64) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i := from; i < int64(len(b)); i++ {
		b[i] ^= 0xff
	}
	return os.WriteFile(path, b, 0o600)
}

// A process that was killed leaves the log ahead of the map.
func TestLogAheadOfMap(t *testing.T) {
	w := newWorld(t).cosigned()
	for n := range uint64(5) {
		out := w.open()
		w.mustSubmit(out, ledgertest.Events(3*n, 3*n+3)...)
		w.crash(out)
		if m, err := closed.Open(w.mapPath, testOrigin); err != nil || m.Covered() != 0 {
			t.Fatalf("the crash left a map of %d leaves, %v", m.Covered(), err)
		}
	}
	out := w.open()
	if got, err := out.Submit(t.Context(), ledgertest.Rival(1, 1)); err != nil || got[0].Refused == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	w.verify()
}

// Events without their epoch, as a torn append leaves them, get it on opening.
func TestTornBatchOnOpening(t *testing.T) {
	for events := range uint64(4) {
		w := newWorld(t).cosigned()
		out := w.open()
		w.mustSubmit(out, ledgertest.Events(0, 2)...)
		w.crash(out)
		w.disk.Force(ledgertest.Events(10, 10+events)...)
		out = w.open()
		want := uint64(3)
		if events > 0 {
			want += events + 1
		}
		if out.Size() != want || uint64(len(w.verify())) != 2+events {
			t.Fatalf("%d torn events: log of %d leaves", events, out.Size())
		}
	}
}

// A log that has lost what its map has seen, or has other leaves there, is not
// written.
func TestLogPutBack(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"shorter": func(w *world) { w.disk.Truncate(4) },
		"other leaves": func(w *world) {
			w.disk.Truncate(4)
			w.disk.Force(ledgertest.Events(20, 24)...)
		},
		"same epochs, another leaf": func(w *world) {
			// The list's hash is in no map: only the tree shows the change.
			m := closed.New(testOrigin)
			for _, l := range ledgertest.Events(0, 3) {
				if err := m.Add(l); err != nil {
					w.t.Fatal(err)
				}
			}
			w.add(m, m.NextEpoch().Leaf())
			w.add(m, ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash{2}))
			w.disk.Truncate(4)
			w.disk.Force(ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash{2}), m.NextEpoch().Leaf())
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			out := w.open()
			w.mustSubmit(out, ledgertest.Events(0, 3)...)
			w.mustSubmit(out, ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash{1}))
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
			change(w)
			signed := len(w.key.signed)
			if _, err := w.try(); !errors.Is(err, closed.ErrAhead) || !errors.Is(err, ledger.ErrFatal) {
				t.Fatalf("%v, want ErrAhead", err)
			}
			if len(w.key.signed) != signed {
				t.Error("something was signed")
			}
		})
	}
}

func (w *world) add(m *closed.Map, l ledger.Leaf) {
	w.t.Helper()
	if err := m.Add(l); err != nil {
		w.t.Fatal(err)
	}
}

// A log that holds what no writer of ours writes is not opened.
func TestLogBreaksARule(t *testing.T) {
	for name, leaf := range map[string]ledger.Leaf{
		"second close": ledgertest.Rival(1, 1), "out of form": {9}, "wrong epoch": ledger.Epoch{Covered: 3, Previous: 2}.Leaf(),
	} {
		w := newWorld(t)
		out := w.open()
		w.mustSubmit(out, ledgertest.Events(0, 2)...)
		w.crash(out)
		w.disk.Force(leaf)
		var bad *closed.LeafError
		if _, err := w.try(); !errors.As(err, &bad) || bad.Index != 3 {
			t.Errorf("%s: %v, want the fault of leaf 3", name, err)
		}
	}
}

// The same while it is open: another hand has written to the log.
func TestLogBreaksARuleMeanwhile(t *testing.T) {
	w := newWorld(t)
	out := w.open()
	w.mustSubmit(out, ledgertest.Events(0, 2)...)
	w.disk.OnAppend = once(1, ledgertest.AndNotPersist(ledgertest.ErrFault))
	w.disk.Force(ledgertest.Rival(1, 1))
	if _, err := out.Submit(t.Context(), ledgertest.Event(5)); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("%v, want a read-only ledger", err)
	}
	if err := out.ReadOnly(); !errors.Is(err, ErrReadOnly) || !errors.Is(err, ledger.ErrFatal) {
		t.Fatal(err)
	}
	if _, err := out.Checkpoint(t.Context()); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("checkpoint: %v", err)
	}
}

// Two writers on one log, in one process: the engine's lock lets one in.
func TestOneWriter(t *testing.T) {
	w := newWorld(t)
	w.open()
	if _, err := w.try(); !errors.Is(err, ledger.ErrInUse) {
		t.Fatalf("%v, want ErrInUse", err)
	}
}

// saw has a cosigner say that it has seen a tree.
func (w *world) saw(i int, c ledger.Checkpoint) {
	w.t.Helper()
	signed, err := c.Sign(w.key.Signer)
	if err != nil {
		w.t.Fatal(err)
	}
	w.cosigners[i] = &stubCosigner{Cosigner: w.cosigners[i], latest: func() ([]byte, error) { return signed, nil }}
}

// A ledger that is behind what its cosigners have seen, or different, stays
// read-only, and signs nothing (rule P21).
func TestCosignersAreAhead(t *testing.T) {
	for name, saw := range map[string]ledger.Checkpoint{
		"ahead":             {Origin: testOrigin, Size: 100, Root: evidence.Hash{1}},
		"ahead by a leaf":   {Origin: testOrigin, Size: 4, Root: evidence.Hash{1}},
		"different":         {Origin: testOrigin, Size: 3, Root: evidence.Hash{1}},
		"different earlier": {Origin: testOrigin, Size: 1, Root: evidence.Hash{1}},
	} {
		for i := range 2 { // the witness says so, or the auditor
			w := newWorld(t).cosigned()
			out := w.open()
			w.mustSubmit(out, ledgertest.Events(0, 2)...)
			w.crash(out)
			w.disk.Force(ledgertest.Event(7)) // a torn batch that must not be mended now
			size := uint64(4)
			if saw.Size == 4 {
				w.disk.Truncate(3)
				size = 3
			}
			w.saw(i, saw)
			out = w.open()
			signed := len(w.key.signed)
			_, err := out.Submit(t.Context(), ledgertest.Event(3))
			if !errors.Is(err, ErrReadOnly) || !errors.Is(err, ErrBehind) {
				t.Errorf("%s: %v, want a read-only ledger", name, err)
			}
			if _, err := out.Shared(t.Context()); !errors.Is(err, ErrReadOnly) {
				t.Errorf("%s: shared checkpoint: %v", name, err)
			}
			if len(w.key.signed) != signed || out.Size() != size {
				t.Errorf("%s: something was signed or written", name)
			}
		}
	}
}

// What a cosigner says under another key than the log's, or about another log,
// counts for nothing.
func TestCosignersThatSayNothing(t *testing.T) {
	other, _ := logKey(t)
	lie, err := ledger.Checkpoint{Origin: testOrigin, Size: 100, Root: evidence.Hash{1}}.Sign(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, latest := range map[string]func() ([]byte, error){
		"forged": func() ([]byte, error) { return lie, nil }, "garbage": func() ([]byte, error) { return []byte("x"), nil },
		"none": func() ([]byte, error) { return nil, nil },
	} {
		w := newWorld(t).cosigned()
		w.cosigners[0] = &stubCosigner{Cosigner: w.cosigners[0], latest: latest}
		out := w.open()
		if err := out.ReadOnly(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		w.mustSubmit(out, ledgertest.Event(0))
	}
}

// A cosigner that does not say what it has seen is shown nothing to sign, because it may
// have seen more than the disk has; once it has answered, it signs.
func TestSilentCosigner(t *testing.T) {
	w := newWorld(t).cosigned()
	away, shown := true, 0
	silent := &stubCosigner{Cosigner: w.cosigners[0]}
	silent.latest = func() ([]byte, error) {
		if away {
			return nil, errAway
		}
		return silent.Cosigner.Latest(t.Context(), testOrigin)
	}
	silent.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
		shown++
		return silent.Cosigner.Cosign(ctx, r)
	}
	w.cosigners[0] = silent
	out := w.open()
	got, err := out.Submit(t.Context(), ledgertest.Event(0))
	if err != nil || got[0].Receipt != nil || !errors.Is(got[0].Pending, ErrQuorum) || shown != 0 {
		t.Errorf("%+v, %v; it was shown %d checkpoints", got, err, shown)
	}
	away = false
	if got := w.mustSubmit(out, ledgertest.Event(0)); !got[0].Retried || shown != 1 {
		t.Errorf("%+v; it was shown %d checkpoints", got, shown)
	}
}
