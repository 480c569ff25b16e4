package channel

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/contract"
)

func follow(t *testing.T) (*fake, *book, *Follower) {
	c := newFake(t)
	b := newBook(t, "ledger.AA", c.found(), 1, 1, 1, 1, 1, 1, 1, 1)
	return c, b, &Follower{Origin: b.origin, Ledger: b, Channel: c, Agreement: c.agreement, Trust: c.list, Dir: filepath.Join(t.TempDir(), "proofs")}
}

// Every tree is anchored once, and its proof kept; what was anchored already is left.
func TestFollow(t *testing.T) {
	c, b, f := follow(t)
	for _, size := range []uint64{3, 3, 5, 8, 8} {
		b.size = size
		r, err := f.Round(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind != anchor.Checkpoint || r.Tree != b.tree() || !r.Committed() {
			t.Errorf("size %d: %+v", size, r)
		}
		if _, kept, err := f.Kept(r.ID); err != nil || kept.Tree != b.tree() {
			t.Errorf("size %d: not kept: %v", size, err)
		}
	}
	if files, err := os.ReadDir(f.Dir); err != nil || len(files) != 3 || len(c.envelopes) != 3+3 {
		t.Errorf("%d proofs, %d transactions, %v", len(files), len(c.envelopes), err)
	}
}

// A submission whose answer is lost is found on the channel in the next round. A proof
// with too few answers is fetched again until there are enough.
func TestFollowLostAnswer(t *testing.T) {
	c, b, f := follow(t)
	c.fail = errors.New("connection lost")
	if _, err := f.Round(t.Context()); err == nil {
		t.Fatal("no error")
	}
	c.silent = map[string]bool{"BB": true, "CC": true}
	r, err := f.Round(t.Context())
	if err != nil || r.Tree != b.tree() || r.Committed() || len(c.envelopes) != 3+1 {
		t.Fatalf("%+v, %v, %d transactions", r, err, len(c.envelopes))
	}
	c.silent = nil
	if r, err = f.Round(t.Context()); err != nil || !r.Committed() {
		t.Errorf("%+v, %v", r, err)
	}
}

// A smaller tree is not anchored and proves nothing; a forked one is shown to the
// channel, which records it for good.
func TestFollowFork(t *testing.T) {
	for name, other := range map[string]uint64{"same size": 5, "larger": 7} {
		c, b, f := follow(t)
		b.size = 5
		if _, err := f.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.size = 4
		if _, err := f.Round(t.Context()); !errors.Is(err, ErrBehind) {
			t.Errorf("%s: %v", name, err)
		}
		forked := newBook(t, b.origin, b.key, 1, 1, 2, 2, 2, 2, 2)
		forked.size = other
		f.Ledger = forked
		r, err := f.Round(t.Context())
		if !errors.Is(err, ErrCaught) || r == nil || r.Kind != anchor.Alarm || !r.First || r.Origin != b.origin {
			t.Fatalf("%s: %+v, %v", name, r, err)
		}
		if what, err := r.Alarm.Verify(c.log); err != nil || what == "" {
			t.Errorf("%s: the alarm in the proof: %v", name, err)
		}
		b.size = 8
		f.Ledger = b
		if _, err := f.Round(t.Context()); !errors.Is(err, ErrCaught) {
			t.Errorf("%s: anchored after it was caught: %v", name, err)
		}
		if head, err := c.Query(t.Context(), contract.FuncHead, []byte(b.origin)); err != nil {
			t.Error(err)
		} else if _, tree, err := anchor.ParseAnchored(head); err != nil || tree.Size != 5 {
			t.Errorf("%s: head %+v, %v", name, tree, err)
		}
	}
}

// A channel that proves nothing is not believed, and nothing is kept.
func TestFollowLies(t *testing.T) {
	c, _, f := follow(t)
	c.peers["AA"] = c.peers["BB"]
	c.peers["CC"] = c.peers["BB"]
	_, err := f.Round(t.Context())
	var p *anchor.ProofError
	if !errors.As(err, &p) || p.Check != anchor.CheckQuorum {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(f.Dir); err == nil {
		t.Error("kept")
	}
}

// The clock turns rounds while the channel is away, and what fails is told.
func TestFollowClock(t *testing.T) {
	c, b, f := follow(t)
	c.down.Store(true)
	told := 0
	f.Report = func(error) { told++ }
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { f.Run(ctx); close(done) }()
		time.Sleep(2*time.Minute + time.Second) // simulated
		synctest.Wait()
		c.down.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		cancel()
		<-done
	})
	if told != 3 {
		t.Errorf("told %d times", told)
	}
	if _, last, err := f.newest(t.Context()); err != nil || last == nil || *last != b.tree() {
		t.Errorf("%+v, %v", last, err)
	}
}
