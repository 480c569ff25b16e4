package crossanchor

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/mod/sumdb/note"
)

const own, theirs, third = evidence.Origin("aa.example/ledger"), evidence.Origin("bb.example/ledger"), evidence.Origin("cc.example/ledger")

var errCrash = errors.New("the process ends here")

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// world is a ledger and two others whose checkpoints a test chooses.
type world struct {
	t      *testing.T
	dir    string
	disk   *ledgertest.Disk
	log    ledger.Log
	keys   map[evidence.Origin]note.Signer
	say    map[evidence.Origin]func() ([]byte, error)
	counts map[evidence.Origin]error
	step   func() error // before each change of a file and each append
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "crossanchor"), disk: ledgertest.NewDisk(own),
		keys: map[evidence.Origin]note.Signer{}, say: map[evidence.Origin]func() ([]byte, error){}}
	for _, o := range []evidence.Origin{theirs, third} {
		skey, _, err := note.GenerateKey(nil, string(o))
		if err != nil {
			t.Fatal(err)
		}
		w.keys[o] = must(note.NewSigner(skey))
		w.shows(o, ledger.Checkpoint{Size: 5, Root: evidence.Hash{5}})
	}
	return w
}

func (w *world) shows(o evidence.Origin, c ledger.Checkpoint) {
	c.Origin = o
	w.say[o] = func() ([]byte, error) { return c.Sign(w.keys[o]) }
}

// open is a process that begins.
func (w *world) open() (*Anchors, error) {
	if w.log == nil {
		w.log = must(w.disk.Open())
		w.t.Cleanup(func() { w.log.Close() })
	}
	c := Config{Dir: w.dir, Log: w.log, Counts: func(o evidence.Origin, _ []byte) error { return w.counts[o] }}
	c.Files = durable.Files{Fault: func(durable.Op, string) (bool, error) { return false, w.stepped() }}
	for _, o := range []evidence.Origin{theirs, third} {
		c.Sources = append(c.Sources, Source{o, func(context.Context) ([]byte, error) { return w.say[o]() }})
	}
	c.Append = func(ctx context.Context, l ledger.Leaf) (uint64, error) {
		if err := w.stepped(); err != nil {
			return 0, err
		}
		at, err := w.log.Append(ctx, []ledger.Leaf{l})
		if err = errors.Join(err, w.stepped()); err != nil {
			return 0, err // logged, and the process ends before it hears of it
		}
		return at[0], nil
	}
	return Open(c)
}

func (w *world) stepped() error {
	if w.step == nil {
		return nil
	}
	return w.step()
}

// holds checks that the ledger has exactly these checkpoints, with their notes.
func (w *world) holds(want ...evidence.Origin) {
	w.t.Helper()
	var got []evidence.Origin
	size := must(w.log.Size(w.t.Context()))
	for l, err := range w.log.Leaves(w.t.Context(), 0, size) {
		if err != nil {
			w.t.Fatal(err)
		}
		if l.Type() != ledger.TypeCheckpoint {
			w.t.Fatalf("leaf of type %d", l.Type())
		}
		n, err := os.ReadFile(NotePath(w.dir, evidence.Hash(l[1:33])))
		if err != nil || sha256.Sum256(n) != [32]byte(l[1:33]) {
			w.t.Fatalf("the note of a leaf: %v", err)
		}
		got = append(got, must(ledger.ReadCheckpoint(n)).Origin)
	}
	if len(got) != len(want) {
		w.t.Fatalf("the ledger has checkpoints of %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			w.t.Fatalf("the ledger has checkpoints of %v, want %v", got, want)
		}
	}
}

// Every checkpoint is recorded once, however often it is seen and the process begun.
func TestOnce(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		a, err := w.open()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := a.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.holds(theirs, third)
	w.shows(theirs, ledger.Checkpoint{Size: 9, Root: evidence.Hash{9}})
	a := must(w.open())
	if err := a.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.holds(theirs, third, theirs)
	if got := a.Recorded(); len(got) != 2 || got[0].Origin != theirs || got[0].Size != 9 || got[0].Index != 2 {
		t.Errorf("%+v", got)
	}
}

// The process ends at every single step, before and after the leaf is logged; the next
// one finishes, and nothing is recorded twice.
func TestCrash(t *testing.T) {
	for at := 1; ; at++ {
		w := newWorld(t)
		n := 0
		w.step = func() error {
			if n++; n >= at {
				return errCrash
			}
			return nil
		}
		a, err := w.open()
		if err == nil {
			err = a.Round(t.Context())
		}
		if err == nil {
			if at < 8 {
				t.Fatalf("only %d steps", at)
			}
			return
		}
		if !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		w.step = nil
		if a, err = w.open(); err == nil {
			err = errors.Join(a.Round(t.Context()), a.Round(t.Context()))
		}
		if err != nil {
			t.Fatalf("after step %d: %v", at, err)
		}
		w.holds(theirs, third)
	}
}

// What does not count is not recorded, and keeps nobody else from being recorded.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		say  func(w *world) ([]byte, error)
		want error
	}{
		"without cosignatures": {func(w *world) ([]byte, error) {
			w.counts = map[evidence.Origin]error{theirs: ledger.ErrQuorum}
			w.shows(theirs, ledger.Checkpoint{Size: 7, Root: evidence.Hash{7}})
			return w.say[theirs]()
		}, ledger.ErrQuorum},
		"away":       {func(*world) ([]byte, error) { return nil, errCrash }, errCrash},
		"no note":    {func(*world) ([]byte, error) { return []byte("hello\n"), nil }, ledger.ErrNote},
		"of another": {func(w *world) ([]byte, error) { return w.say[third]() }, ledger.ErrNote},
		"older":      {func(w *world) ([]byte, error) { w.shows(theirs, ledger.Checkpoint{Size: 4}); return w.say[theirs]() }, ErrOlder},
		"another tree": {func(w *world) ([]byte, error) {
			w.shows(theirs, ledger.Checkpoint{Size: 5, Root: evidence.Hash{6}})
			return w.say[theirs]()
		}, ErrOther},
	} {
		w := newWorld(t)
		a := must(w.open())
		if err := a.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		bad := c.say
		w.say[theirs] = func() ([]byte, error) { return bad(w) }
		w.shows(third, ledger.Checkpoint{Size: 6, Root: evidence.Hash{6}})
		if err := a.Round(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		w.holds(theirs, third, third)
	}
}

func TestDamagedState(t *testing.T) {
	w := newWorld(t)
	if err := must(w.open()).Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "{}", `{"format":"custody/crossanchor/v2","ledgers":[]}`} {
		if err := os.WriteFile(filepath.Join(w.dir, "state.json"), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := w.open(); !errors.Is(err, ErrState) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The clock turns a round, and what fails is told.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := must(w.open())
		n := uint64(0)
		w.say[theirs] = func() ([]byte, error) {
			n++
			return ledger.Checkpoint{Origin: theirs, Size: n, Root: evidence.Hash{byte(n)}}.Sign(w.keys[theirs])
		}
		w.say[third] = func() ([]byte, error) { return nil, errCrash }
		told := 0
		a.Every, a.Report = time.Minute, func(error) { told++ }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { a.Run(ctx); close(ended) }()
		time.Sleep(2*time.Minute + time.Second) // simulated
		synctest.Wait()
		cancel()
		<-ended
		if told != 3 {
			t.Errorf("told %d times", told)
		}
		w.holds(theirs, theirs, theirs)
	})
}
