package feeder

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/witness"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

const origin = evidence.Origin("aa.example/ledger")

var errAway = errors.New("cosigner is away")

// world is a log, its key, and witnesses of other states.
type world struct {
	t      *testing.T
	log    ledger.Log
	key    note.Signer
	vkey   note.Verifier
	known  []note.Verifier
	config Config
	sizes  [8]uint64 // at which witnesses that are asked without a feeder are
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// newWorld has one witness in each state named; the policy asks for enough of them.
func newWorld(t *testing.T, enough int, states ...string) *world {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, string(origin))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, log: must(ledgertest.NewDisk(origin).Open()), key: must(note.NewSigner(skey)), vkey: must(note.NewVerifier(vkey))}
	t.Cleanup(func() { w.log.Close() })
	for _, s := range states {
		w.config.Peers = append(w.config.Peers, Peer{State: s, Cosigner: &stub{Cosigner: w.witness(s + "-witness")}})
	}
	w.config.Log, w.config.Origin, w.config.Verifier, w.config.Known = w.log, origin, w.vkey, note.VerifierList(w.known...)
	w.config.Enough = func(signed []byte) bool { return w.signatures(signed) >= enough }
	return w
}

func (w *world) witness(name string) ledger.Cosigner {
	w.t.Helper()
	skey, vkey, err := note.GenerateKey(nil, name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.known = append(w.known, must(fnote.NewVerifierForCosignatureV1(vkey)))
	return must(witness.New(witness.Config{
		Signers: []note.Signer{must(fnote.NewSignerForCosignatureV1(skey))}, State: &witness.Memory{},
		Logs: func(evidence.Origin) []note.Verifier { return []note.Verifier{w.vkey} },
	}))
}

func (w *world) signatures(signed []byte) int {
	if signed == nil {
		return 0
	}
	found, err := ledger.Cosignatures(signed, w.config.Known)
	if err != nil {
		w.t.Errorf("%v", err)
	}
	return len(found)
}

// grow appends one leaf and returns the checkpoint of the tree.
func (w *world) grow() (ledger.Checkpoint, []byte) {
	w.t.Helper()
	size := must(w.log.Size(w.t.Context()))
	must(w.log.Append(w.t.Context(), []ledger.Leaf{ledgertest.Event(size)}))
	c := must(ledger.CheckpointOf(origin, size+1, w.log.Hashes(w.t.Context(), size+1)))
	return c, must(c.Sign(w.key))
}

// stub is a cosigner whose answers a test gives.
type stub struct {
	ledger.Cosigner
	latest func() ([]byte, error)
	cosign func(context.Context, ledger.CosignRequest) ([]byte, error)
}

func (s *stub) Latest(ctx context.Context, o evidence.Origin) ([]byte, error) {
	if s.latest != nil {
		return s.latest()
	}
	return s.Cosigner.Latest(ctx, o)
}

func (s *stub) Cosign(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
	if s.cosign != nil {
		return s.cosign(ctx, r)
	}
	return s.Cosigner.Cosign(ctx, r)
}

func (w *world) stub(i int) *stub { return w.config.Peers[i].Cosigner.(*stub) }

// Whoever answers after the quorum is not lost: the checkpoint has its cosignature
// later, and its lag says when.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, "BB", "CC")
		slow := w.stub(1)
		slow.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
			time.Sleep(3 * time.Second) // simulated: the bubble's clock
			return slow.Cosigner.Cosign(ctx, r)
		}
		w.config.Grace = time.Second
		f := New(w.config)
		defer f.Close()
		c, signed := w.grow()
		begun := time.Now()
		got, err := f.Gather(t.Context(), c, signed)
		if err != nil || w.signatures(got) != 1 || time.Since(begun) != time.Second {
			t.Fatalf("%d signatures in %s, %v", w.signatures(got), time.Since(begun), err)
		}
		if l := f.Lags()[1]; l.Behind != 1 || l.Size != 0 || !l.Since.Equal(begun) || l.Late != 0 {
			t.Errorf("while it is late: %+v", l)
		}
		if f.Notes(); w.signatures(f.Gathered(c)) != 1 {
			t.Error("a cosignature from nowhere")
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if n := w.signatures(f.Gathered(c)); n != 2 {
			t.Errorf("%d signatures afterwards", n)
		}
		if l := f.Lags()[1]; l.Behind != 0 || l.Size != 1 || !l.Since.IsZero() || l.Late != 1 || !l.Signed.Equal(begun.Add(3*time.Second)) {
			t.Errorf("once it has signed: %+v", l)
		}
		if all := f.Notes(); len(all) != 1 || w.signatures(all[0]) != 2 {
			t.Errorf("%d notes", len(all))
		}
	})
}

// A cosigner that is slow for every checkpoint passes over those that are old by the
// time it gets to them, and holds nobody up.
func TestSlowForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, "BB", "CC")
		var asked []uint64
		slow := w.stub(1)
		slow.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
			c, _ := ledger.ReadCheckpoint(r.Note)
			asked = append(asked, c.Size)
			time.Sleep(5 * time.Second)
			return slow.Cosigner.Cosign(ctx, r)
		}
		w.config.Grace = time.Second
		f := New(w.config)
		defer f.Close()
		var last ledger.Checkpoint
		for range 6 {
			c, signed := w.grow()
			if _, err := f.Gather(t.Context(), c, signed); err != nil {
				t.Fatal(err)
			}
			last = c
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []uint64{1, 5, 6}; !slices.Equal(asked, want) && !slices.Equal(asked, []uint64{1, 6}) {
			t.Errorf("asked about %v", asked)
		}
		if n := w.signatures(f.Gathered(last)); n != 2 || f.Lags()[1].Behind != 0 {
			t.Errorf("%d signatures, %+v", n, f.Lags()[1])
		}
	})
}

// Below the quorum nothing is good, whoever is missing and why; what fails is tried
// again in the background when the feeder is told to.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, "BB", "CC")
		s, n := w.stub(1), 0
		s.cosign = func(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
			if n++; n < 4 {
				return nil, errAway
			}
			return s.Cosigner.Cosign(ctx, r)
		}
		w.config.Retry = time.Second
		f := New(w.config)
		defer f.Close()
		c, signed := w.grow()
		got, err := f.Gather(t.Context(), c, signed)
		if !errors.Is(err, ledger.ErrQuorum) || !errors.Is(err, errAway) || w.signatures(got) != 1 {
			t.Fatalf("%d signatures, %v", w.signatures(got), err)
		}
		if l := f.Lags()[1]; !errors.Is(l.Err, errAway) {
			t.Errorf("%+v", l)
		}
		time.Sleep(time.Second + 2*time.Second + 4*time.Second)
		synctest.Wait()
		if n != 4 || w.signatures(f.Gathered(c)) != 2 || f.Lags()[1].Err != nil {
			t.Errorf("asked %d times, %d signatures", n, w.signatures(f.Gathered(c)))
		}
	})
}

// An answer 409 bears no signature. One state's word stops nobody, where the policy
// takes one for a liar; that of two does, and so does what the ledger itself signed.
func TestClaims(t *testing.T) {
	claim := func(context.Context, ledger.CosignRequest) ([]byte, error) {
		return nil, &ledger.ConflictError{Origin: origin, Size: 99}
	}
	none := func() ([]byte, error) { return nil, nil } // a witness without that request
	for _, c := range []struct {
		name   string
		liars  int
		states []string
		prove  bool
		stops  bool
	}{
		{"one of three", 1, []string{"BB"}, false, false},
		{"two of three", 1, []string{"BB", "CC"}, false, true},
		{"twice the same state", 1, []string{"BB", "BB"}, false, false},
		{"nobody may lie", 0, []string{"BB"}, false, true},
		{"proven", 1, []string{"BB"}, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 1, append(slices.Clone(c.states), "DD")...)
			w.config.Liars = c.liars
			f := New(w.config)
			defer f.Close()
			tree, signed := w.grow()
			for i := range c.states {
				w.stub(i).cosign, w.stub(i).latest = claim, none
				if c.prove {
					more := tree
					more.Size = 99
					w.stub(i).latest = func() ([]byte, error) { return more.Sign(w.key) }
				}
			}
			_, err := f.Gather(t.Context(), tree, signed)
			switch {
			case c.stops && (!errors.Is(err, ledger.ErrBehind) || f.Err() == nil):
				t.Errorf("it goes on: %v", err)
			case !c.stops && (err != nil || f.Err() != nil || !errors.Is(f.Lags()[0].Err, ErrClaim)):
				t.Errorf("stopped: %v, %+v", err, f.Lags()[0])
			case c.stops:
				return
			}
			tree, signed = w.grow()
			for i := range c.states {
				w.stub(i).cosign = nil
			}
			if got, err := f.Gather(t.Context(), tree, signed); err != nil || w.signatures(got) == 0 {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// What a caught or rolled-back ledger is told late stops it all the same.
func TestLateAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, "BB", "CC")
		w.stub(1).cosign = func(context.Context, ledger.CosignRequest) ([]byte, error) {
			time.Sleep(3 * time.Second)
			return nil, &ledger.MisbehaviourError{Origin: origin, What: "it lied"}
		}
		w.config.Grace = time.Second
		f := New(w.config)
		defer f.Close()
		c, signed := w.grow()
		if _, err := f.Gather(t.Context(), c, signed); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		var caught *ledger.MisbehaviourError
		if !errors.As(f.Err(), &caught) {
			t.Errorf("%v", f.Err())
		}
		if c, signed = w.grow(); c.Size == 2 {
			if _, err := f.Gather(t.Context(), c, signed); !errors.As(err, &caught) {
				t.Errorf("it goes on: %v", err)
			}
		}
	})
}

// Close ends what is under way.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, "BB")
		w.stub(0).cosign = func(ctx context.Context, _ ledger.CosignRequest) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		f := New(w.config)
		c, signed := w.grow()
		ended := make(chan error)
		go func() { _, err := f.Gather(t.Context(), c, signed); ended <- err }()
		synctest.Wait()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, ErrClosed) && !errors.Is(err, ledger.ErrQuorum) {
			t.Errorf("%v", err)
		}
	})
}
