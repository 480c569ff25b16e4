package witness

import (
	"context"
	"errors"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/mod/sumdb/note"
)

func TestWitness(t *testing.T) {
	l := newLog(t)
	w, key := newWitness(t, l, &Memory{})
	if latest, err := w.Latest(t.Context(), testOrigin); err != nil || latest != nil {
		t.Fatalf("latest of a log never seen: %q, %v", latest, err)
	}
	l.mustCosign(w, key) // the empty tree
	for _, n := range []uint64{1, 2, 300} {
		l.add(ledgertest.Events(l.size, l.size+n)...)
		l.mustCosign(w, key)
		l.mustCosign(w, key) // the same size again: no proof, and no error
	}
	latest, err := w.Latest(t.Context(), testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ledger.OpenCheckpoint(latest, l.vkey); err != nil || c != l.tree(l.size) {
		t.Fatalf("latest is %v, %v", c, err)
	}
}

func TestWitnessRefuses(t *testing.T) {
	l := newLog(t)
	w, key := newWitness(t, l, &Memory{})
	l.add(ledgertest.Events(0, 10)...)
	l.mustCosign(w, key)
	l.add(ledgertest.Events(10, 20)...)
	other, _ := logKey(t, string(testOrigin))
	elsewhere, _ := logKey(t, "cc.example/ledger")
	forged, err := l.tree(20).Sign(other)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := ledger.Checkpoint{Origin: "cc.example/ledger", Root: ledger.EmptyRoot}.Sign(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	good := l.request(w, 20)
	with := func(edit func(*ledger.CosignRequest)) ledger.CosignRequest { r := good; edit(&r); return r }
	var conflict *ledger.ConflictError
	for name, c := range map[string]struct {
		r    ledger.CosignRequest
		want error
	}{
		"no checkpoint":     {with(func(r *ledger.CosignRequest) { r.Note = []byte("x\n") }), ledger.ErrRequest},
		"other key":         {with(func(r *ledger.CosignRequest) { r.Note = forged }), ledger.ErrSignature},
		"other log":         {with(func(r *ledger.CosignRequest) { r.Note, r.OldSize, r.Proof = stranger, 0, nil }), ledger.ErrUnknownOrigin},
		"old size above":    {with(func(r *ledger.CosignRequest) { r.OldSize = 21 }), ledger.ErrRequest},
		"64 hashes":         {with(func(r *ledger.CosignRequest) { r.Proof = make([]evidence.Hash, 64) }), ledger.ErrRequest},
		"no proof":          {with(func(r *ledger.CosignRequest) { r.Proof = nil }), ledger.ErrProof},
		"proof of garbage":  {with(func(r *ledger.CosignRequest) { r.Proof = make([]evidence.Hash, len(r.Proof)) }), ledger.ErrProof},
		"behind":            {with(func(r *ledger.CosignRequest) { r.OldSize = 9 }), conflict},
		"smaller tree":      {ledger.CosignRequest{OldSize: 5, Note: l.sign(l.tree(5)), Leaves: l.log}, conflict},
		"ahead of what was": {with(func(r *ledger.CosignRequest) { r.OldSize = 20; r.Proof = nil }), conflict},
	} {
		_, err := w.Cosign(t.Context(), c.r)
		switch {
		case c.want == error(conflict):
			var got *ledger.ConflictError
			if !errors.As(err, &got) || got.Size != 10 {
				t.Errorf("%s: %v, want a conflict at 10", name, err)
			}
		case !errors.Is(err, c.want):
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		var caught *ledger.MisbehaviourError
		if errors.As(err, &caught) {
			t.Errorf("%s: alarm without proof", name)
		}
	}
	l.mustCosign(w, key) // none of it has left a mark
}

// An honest note as another cosigner left it: its lines change nothing.
func TestWitnessIgnoresOtherCosignatures(t *testing.T) {
	l := newLog(t)
	w, key := newWitness(t, l, &Memory{})
	v, _ := newWitness(t, l, &Memory{})
	l.add(ledgertest.Events(0, 3)...)
	lines, err := l.cosign(v)
	if err != nil {
		t.Fatal(err)
	}
	r := l.request(w, 3)
	plain := r.Note
	r.Note = append(r.Note, lines...)
	if _, err := w.Cosign(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if latest, err := w.Latest(t.Context(), testOrigin); err != nil || string(latest) != string(plain) {
		t.Fatalf("recorded %q, %v", latest, err)
	}
	l.mustCosign(w, key)
}

func TestSplit(t *testing.T) {
	l := newLog(t)
	w, key := newWitness(t, l, &Memory{})
	l.add(ledgertest.Events(0, 10)...)
	l.mustCosign(w, key)
	c := l.tree(10)
	c.Root[0]++
	_, err := w.Cosign(t.Context(), ledger.CosignRequest{OldSize: 3, Note: l.sign(c)})
	l.mustAlarm(w, err, Split)
}

// branch makes a second log under the same key that has from on other leaves.
func (l *testLog) branch(from, size uint64) *testLog {
	l.t.Helper()
	b := &testLog{t: l.t, disk: ledgertest.NewDisk(testOrigin), skey: l.skey, vkey: l.vkey, m: l.m}
	b.log, _ = b.disk.Open()
	for leaf, err := range l.log.Leaves(context.Background(), 0, from) {
		if err != nil {
			l.t.Fatal(err)
		}
		b.force(leaf)
	}
	b.force(ledgertest.Events(1000, 1000+size-from)...)
	return b
}

func TestFork(t *testing.T) {
	for name, c := range map[string]struct{ from, size uint64 }{
		"at the start": {0, 20}, "at the end": {9, 20}, "by one leaf": {9, 11}, "of a smaller tree": {4, 7},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			w, key := newWitness(t, l, &Memory{})
			l.add(ledgertest.Events(0, 10)...)
			l.mustCosign(w, key)
			b := l.branch(c.from, c.size)
			r := ledger.CosignRequest{OldSize: 10, Note: b.sign(b.tree(c.size)), Leaves: b.log, Proof: make([]evidence.Hash, 3)}
			if c.size < 10 {
				r.OldSize, r.Proof, r.Leaves = c.size, nil, l.log
			}
			_, err := w.Cosign(t.Context(), r)
			l.mustAlarm(w, err, Fork)
		})
	}
}

// Without a look into the log there is no proof, and so no alarm; nor is there
// when the log gives hashes that are not its own.
func TestForkUnproven(t *testing.T) {
	l := newLog(t)
	w, key := newWitness(t, l, &Memory{})
	l.add(ledgertest.Events(0, 10)...)
	l.mustCosign(w, key)
	b := l.branch(5, 20)
	for name, leaves := range map[string]ledger.Reader{"none": nil, "another's": newLog(t).log} {
		_, err := w.Cosign(t.Context(), ledger.CosignRequest{OldSize: 10, Note: b.sign(b.tree(20)), Leaves: leaves, Proof: make([]evidence.Hash, 3)})
		var caught *ledger.MisbehaviourError
		if !errors.Is(err, ledger.ErrProof) || errors.As(err, &caught) {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.mustCosign(w, key)
}

// Of two witnesses on one state, as in two processes, one signs a size first; the
// other is told.
func TestWitnessesShareState(t *testing.T) {
	l := newLog(t)
	s, err := NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, key := newWitness(t, l, s)
	v := &Witness{Config: w.Config, locks: map[evidence.Origin]chan struct{}{}}
	l.add(ledgertest.Events(0, 5)...)
	l.mustCosign(w, key)
	late := l.request(v, 5)
	late.OldSize = 0
	var conflict *ledger.ConflictError
	if _, err := v.Cosign(t.Context(), late); !errors.As(err, &conflict) || conflict.Size != 5 {
		t.Fatalf("%v, want a conflict at 5", err)
	}
	l.add(ledgertest.Events(5, 7)...)
	l.mustCosign(v, key)
	l.mustCosign(w, key)
}

func TestNewWitness(t *testing.T) {
	l := newLog(t)
	c, _ := l.config(t, "bb-witness", &Memory{})
	other, _ := cosignerKey(t, "bb-other")
	for name, edit := range map[string]func(*Config){
		"no signer": func(c *Config) { c.Signers = nil }, "no logs": func(c *Config) { c.Logs = nil },
		"no state": func(c *Config) { c.State = nil }, "two names": func(c *Config) { c.Signers = []note.Signer{c.Signers[0], other} },
	} {
		bad := c
		edit(&bad)
		if _, err := New(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewAuditor(c, nil); err == nil {
		t.Error("auditor without maps: no error")
	}
}

// Nothing past the end that the trust list pins is signed, and no other tree of that
// size; the end itself is, and so is what came before it.
func TestWitnessEnd(t *testing.T) {
	l := newLog(t)
	w, key := newWitness(t, l, &Memory{})
	var end ledger.Checkpoint
	w.Final = func(evidence.Origin) *ledger.Checkpoint { return &end }
	l.add(ledgertest.Events(0, 5)...)
	end = ledger.Checkpoint{Origin: testOrigin, Size: 9}
	l.mustCosign(w, key)
	end = l.tree(5)
	l.mustCosign(w, key)
	other := end
	other.Root[0] ^= 1
	if _, err := w.Cosign(t.Context(), ledger.CosignRequest{OldSize: 5, Note: l.sign(other), Leaves: l.log}); !errors.Is(err, ledger.ErrEnded) {
		t.Errorf("another tree: %v", err)
	}
	l.add(ledgertest.Events(5, 7)...)
	if _, err := w.Cosign(t.Context(), l.request(w, 7)); !errors.Is(err, ledger.ErrEnded) || !errors.Is(err, ledger.ErrUnknownOrigin) {
		t.Errorf("past the end: %v", err)
	}
}
