package witness

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

const testOrigin = evidence.Origin("aa.example/ledger")

// testLog is a log that does whatever a test wants of it.
type testLog struct {
	t    *testing.T
	disk *ledgertest.Disk
	log  *ledgertest.MemLog
	skey note.Signer
	vkey note.Verifier
	m    *closed.Map
	size uint64
}

func newLog(t *testing.T) *testLog {
	t.Helper()
	l := &testLog{t: t, disk: ledgertest.NewDisk(testOrigin), m: closed.New(testOrigin)}
	l.skey, l.vkey = logKey(t, string(testOrigin))
	var err error
	if l.log, err = l.disk.Open(); err != nil {
		t.Fatal(err)
	}
	return l
}

func logKey(t *testing.T, name string) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	s, errS := note.NewSigner(skey)
	v, errV := note.NewVerifier(vkey)
	if err := errors.Join(errS, errV); err != nil {
		t.Fatal(err)
	}
	return s, v
}

func cosignerKey(t *testing.T, name string) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	s, errS := fnote.NewSignerForCosignatureV1(skey)
	v, errV := fnote.NewVerifierForCosignatureV1(vkey)
	if err := errors.Join(errS, errV); err != nil {
		t.Fatal(err)
	}
	return s, v
}

// add appends leaves that keep the rules, force any.
func (l *testLog) add(leaves ...ledger.Leaf) {
	l.t.Helper()
	for _, leaf := range leaves {
		if err := l.m.Add(leaf); err != nil {
			l.t.Fatal(err)
		}
	}
	l.force(leaves...)
}

func (l *testLog) force(leaves ...ledger.Leaf) {
	l.disk.Force(leaves...)
	l.size += uint64(len(leaves))
}

func (l *testLog) epoch() { l.add(l.m.NextEpoch().Leaf()) }

func (l *testLog) tree(size uint64) ledger.Checkpoint {
	l.t.Helper()
	c, err := ledger.CheckpointOf(testOrigin, size, l.log.Hashes(context.Background(), size))
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

func (l *testLog) sign(c ledger.Checkpoint) []byte {
	l.t.Helper()
	b, err := c.Sign(l.skey)
	if err != nil {
		l.t.Fatal(err)
	}
	return b
}

// request asks for a cosignature of the tree of size from one that w has.
func (l *testLog) request(w ledger.Cosigner, size uint64) ledger.CosignRequest {
	l.t.Helper()
	r := ledger.CosignRequest{Note: l.sign(l.tree(size)), Leaves: l.log}
	latest, err := w.Latest(context.Background(), testOrigin)
	if err != nil {
		l.t.Fatal(err)
	}
	if latest != nil {
		old, err := ledger.ReadCheckpoint(latest)
		if err != nil {
			l.t.Fatal(err)
		}
		r.OldSize = old.Size
		if old.Size < size {
			if r.Proof, err = l.tree(size).ProveConsistency(l.log.Hashes(context.Background(), size), old); err != nil {
				l.t.Fatal(err)
			}
		}
	}
	return r
}

func (l *testLog) cosign(w ledger.Cosigner) ([]byte, error) {
	l.t.Helper()
	return w.Cosign(context.Background(), l.request(w, l.size))
}

// mustCosign checks that the lines returned are the cosigner's on that note.
func (l *testLog) mustCosign(w ledger.Cosigner, key note.Verifier) {
	l.t.Helper()
	r := l.request(w, l.size)
	lines, err := w.Cosign(context.Background(), r)
	if err != nil {
		l.t.Fatal(err)
	}
	signed, err := ledger.AddCosignatures(r.Note, lines, note.VerifierList(key))
	if err != nil {
		l.t.Fatal(err)
	}
	found, err := ledger.Cosignatures(signed, note.VerifierList(key))
	if err != nil || len(found) != 1 || found[0].Name != w.Name() || time.Since(found[0].Time) > time.Minute {
		l.t.Fatalf("cosignatures %v, %v", found, err)
	}
}

func (l *testLog) config(t *testing.T, name string, s State) (Config, note.Verifier) {
	skey, vkey := cosignerKey(t, name)
	return Config{Signers: []note.Signer{skey}, State: s, Logs: func(o evidence.Origin) []note.Verifier {
		if o != testOrigin {
			return nil
		}
		return []note.Verifier{l.vkey}
	}}, vkey
}

func newWitness(t *testing.T, l *testLog, s State) (*Witness, note.Verifier) {
	t.Helper()
	c, key := l.config(t, "bb-witness", s)
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w, key
}

func newAuditor(t *testing.T, l *testLog, s State) (*Auditor, note.Verifier) {
	t.Helper()
	open := InMemory
	if f, ok := s.(*Folder); ok {
		open = f.OpenMap
	}
	c, key := l.config(t, "bb-auditor", s)
	a, err := NewAuditor(c, open)
	if err != nil {
		t.Fatal(err)
	}
	return a, key
}

// mustAlarm checks that err carries an alarm of a kind that convinces whoever has
// the log's key alone, and that the cosigner keeps it and signs no more.
func (l *testLog) mustAlarm(w ledger.Cosigner, err error, kind Kind) Alarm {
	l.t.Helper()
	var caught *ledger.MisbehaviourError
	if !errors.As(err, &caught) {
		l.t.Fatalf("%v, want a MisbehaviourError", err)
	}
	a, err := ParseAlarm(caught.Alarm)
	if err != nil {
		l.t.Fatal(err)
	}
	if a.Kind != kind {
		l.t.Fatalf("alarm of kind %s, want %s", a.Kind, kind)
	}
	what, err := a.Verify(l.vkey)
	if err != nil || what == "" || what != caught.What {
		l.t.Fatalf("alarm says %q, %v; the error said %q", what, err, caught.What)
	}
	if _, other := logKey(l.t, string(testOrigin)); true {
		if _, err := a.Verify(other); !errors.Is(err, ledger.ErrSignature) {
			l.t.Fatalf("alarm under another key: %v", err)
		}
	}
	if _, err := l.cosign(w); !errors.As(err, &caught) {
		l.t.Fatalf("after the alarm: %v", err)
	}
	return a
}
