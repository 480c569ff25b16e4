package writer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/witness"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

const testOrigin = evidence.Origin("aa.example/ledger")

// world is one ledger with its keys and the cosigners of another state. It outlives
// the writers that are opened on it, as folders outlive processes.
type world struct {
	t         testing.TB
	disk      *ledgertest.Disk
	mapPath   string
	key       *watchedSigner
	vkey      note.Verifier
	cosigners []ledger.Cosigner
	known     []note.Verifier
	edit      func(*Config, *feeder.Config) // what this test's writers are given besides
	log       *ledgertest.MemLog
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, disk: ledgertest.NewDisk(testOrigin), mapPath: filepath.Join(t.TempDir(), "closed.map")}
	skey, vkey := logKey(t)
	w.vkey = vkey
	w.key = &watchedSigner{Signer: skey, w: w}
	return w
}

func logKey(t testing.TB) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, string(testOrigin))
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

// cosigned adds a witness and an auditor of another state.
func (w *world) cosigned() *world {
	w.t.Helper()
	c := w.cosignerConfig("bb-witness")
	wit, err := witness.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := witness.NewAuditor(w.cosignerConfig("bb-auditor"), witness.InMemory)
	if err != nil {
		w.t.Fatal(err)
	}
	w.cosigners = append(w.cosigners, wit, a)
	return w
}

func (w *world) cosignerConfig(name string) witness.Config {
	w.t.Helper()
	skey, vkey, err := note.GenerateKey(nil, name)
	if err != nil {
		w.t.Fatal(err)
	}
	s, errS := fnote.NewSignerForCosignatureV1(skey)
	v, errV := fnote.NewVerifierForCosignatureV1(vkey)
	if err := errors.Join(errS, errV); err != nil {
		w.t.Fatal(err)
	}
	w.known = append(w.known, v)
	return witness.Config{Signers: []note.Signer{s}, State: &witness.Memory{}, Logs: func(o evidence.Origin) []note.Verifier {
		if o != testOrigin {
			return nil
		}
		return []note.Verifier{w.vkey}
	}}
}

// all is a receipt policy: every cosigner must have signed.
func (w *world) all(signed []byte) bool {
	found, err := ledger.Cosignatures(signed, note.VerifierList(w.known...))
	return err == nil && len(found) == len(w.known)
}

// try opens a writer on what is there.
func (w *world) try() (*Writer, error) {
	w.t.Helper()
	log, err := w.disk.Open()
	if err != nil {
		return nil, err
	}
	m, err := closed.OpenCache(w.mapPath, testOrigin)
	if err != nil {
		w.t.Fatal(err)
	}
	c := Config{Log: log, Map: m, Key: w.key, Verifier: w.vkey, Enough: w.all}
	f := feeder.Config{Log: log, Origin: testOrigin, Verifier: w.vkey, Known: note.VerifierList(w.known...)}
	for _, k := range w.cosigners {
		f.Peers = append(f.Peers, feeder.Peer{State: "BB", Cosigner: k})
	}
	if w.edit != nil {
		w.edit(&c, &f)
	}
	f.Enough = c.Enough
	c.Feeder = feeder.New(f)
	w.log = log
	out, err := Open(context.Background(), c)
	if err != nil {
		return nil, errors.Join(err, c.Feeder.Close(), m.Close(), log.Close())
	}
	return out, nil
}

func (w *world) open() *Writer {
	w.t.Helper()
	out, err := w.try()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { out.Close() })
	return out
}

// crash ends a writer as kill -9 does: nothing more reaches the log or the map.
func (w *world) crash(out *Writer) {
	w.t.Helper()
	w.disk.Crash()
	out.mu.Lock()
	out.doubt = true // so that Close writes no map
	out.mu.Unlock()
	out.Close()
}

// verify checks the whole log, and that it ends in an epoch that covers it. It
// returns the event leaves.
func (w *world) verify() []ledger.Leaf {
	w.t.Helper()
	w.disk.Calm()
	log := w.log
	if fresh, err := w.disk.Open(); err == nil {
		log = fresh
		defer fresh.Close()
	}
	all, err := ledgertest.Verify(context.Background(), log)
	if err != nil {
		w.t.Fatalf("the log as a whole: %v", err)
	}
	var events []ledger.Leaf
	for i, l := range all {
		if l.Type() == ledger.TypeEvent {
			events = append(events, l)
		}
		if e, ok := l.Epoch(); ok && e.Covered != uint64(i) {
			w.t.Fatalf("the epoch at %d covers %d leaves", i, e.Covered)
		}
	}
	if n := len(all); n > 0 && all[n-1].Type() != ledger.TypeEpoch {
		w.t.Fatalf("the log of %d leaves does not end in an epoch", n)
	}
	return events
}

// checkReceipt checks what a third party would of an accepted leaf.
func (w *world) checkReceipt(l ledger.Leaf, r Result) {
	w.t.Helper()
	if r.Refused != nil || r.Pending != nil || r.Receipt == nil {
		w.t.Fatalf("no receipt: %+v", r)
	}
	again, err := ledger.ParseReceipt(r.Receipt.Marshal())
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := again.Verify(l, w.vkey); err != nil {
		w.t.Fatal(err)
	}
	if again.Index != r.Index || !w.all(again.Note) {
		w.t.Fatalf("leaf %d: receipt for %d under\n%s", r.Index, again.Index, again.Note)
	}
}

func (w *world) mustSubmit(out *Writer, leaves ...ledger.Leaf) []Result {
	w.t.Helper()
	got, err := out.Submit(context.Background(), leaves...)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, l := range leaves {
		w.checkReceipt(l, got[i])
	}
	return got
}

// watchedSigner is the log's key. It fails the test when it is asked to sign what is
// not durable, or a smaller tree than before (rule P21).
type watchedSigner struct {
	note.Signer
	w      *world
	mu     sync.Mutex
	signed []ledger.Checkpoint
}

func (s *watchedSigner) Sign(text []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := ledger.ParseCheckpoint(text)
	if err != nil {
		s.w.t.Errorf("signing what is no checkpoint: %v", err)
	}
	there, err := ledger.CheckpointOf(testOrigin, c.Size, s.w.log.Hashes(context.Background(), c.Size))
	if err == nil && there != c {
		s.w.t.Errorf("signing %v, the log has %v", c, there)
	}
	if n := len(s.signed); n > 0 && s.signed[n-1].Size > c.Size {
		s.w.t.Errorf("signing a tree of %d leaves after one of %d", c.Size, s.signed[n-1].Size)
	}
	s.signed = append(s.signed, c)
	return s.Signer.Sign(text)
}

// stubCosigner is a cosigner whose answers a test gives.
type stubCosigner struct {
	ledger.Cosigner
	latest func() ([]byte, error)
	cosign func(ctx context.Context, r ledger.CosignRequest) ([]byte, error)
}

func (s *stubCosigner) Latest(ctx context.Context, o evidence.Origin) ([]byte, error) {
	if s.latest != nil {
		return s.latest()
	}
	return s.Cosigner.Latest(ctx, o)
}

func (s *stubCosigner) Cosign(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
	if s.cosign != nil {
		return s.cosign(ctx, r)
	}
	return s.Cosigner.Cosign(ctx, r)
}

var errAway = fmt.Errorf("cosigner is away")
