package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing/iotest"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// writeOnceRace lets many write one name at once, all held back until each has
// begun to stream.
func (t *suite) writeOnceRace() {
	const writers = 16
	s := t.open(nil)
	for range 5 {
		name := evidence.NewObjectName()
		var began, all sync.WaitGroup
		began.Add(writers)
		var won atomic.Int32
		var winner atomic.Int32
		for i := range int32(writers) {
			all.Go(func() {
				own := evidence.ObjectName{byte(i), 1}
				var once sync.Once
				r := io.MultiReader(atStart(func() { once.Do(began.Done); began.Wait() }), bytes.NewReader(content(own, 70000)))
				_, err := s.Put(t.ctx, name, r)
				once.Do(began.Done)
				switch {
				case err == nil:
					won.Add(1)
					winner.Store(i)
				case !errors.Is(err, store.ErrExists):
					t.Errorf("a loser got %v", err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d of %d puts of one name succeeded", won.Load(), writers)
		}
		got, err := store.ReadAll(t.ctx, s, name, 70000)
		if err != nil || !bytes.Equal(got, content(evidence.ObjectName{byte(winner.Load()), 1}, 70000)) {
			t.Errorf("what is stored is not the winner's: %v", err)
		}
	}
}

// atStart is an empty reader that calls f when it is read.
type atStart func()

func (f atStart) Read([]byte) (int, error) { f(); return 0, io.EOF }

func (t *suite) list() {
	s := t.open(nil)
	var want []evidence.ObjectName
	for range 40 {
		name := evidence.NewObjectName()
		t.put(s, name, 10)
		want = append(want, name)
	}
	slices.SortFunc(want, func(a, b evidence.ObjectName) int { return bytes.Compare(a[:], b[:]) })
	if got := t.names(s); !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	for info, err := range s.List(t.ctx) {
		if err != nil || info.Size != 10 {
			t.Errorf("%+v, %v", info, err)
		}
		break // a consumer may stop early
	}
}

// invisible looks for an object while it is being put.
func (t *suite) invisible() {
	s := t.open(nil)
	name := evidence.NewObjectName()
	first, second := content(name, 3<<20)[:2<<20], content(name, 3<<20)[2<<20:]
	looked := 0
	look := atStart(func() { looked++; t.absent(s, name) })
	r := io.MultiReader(look, bytes.NewReader(first), look, bytes.NewReader(second), look)
	if _, err := s.Put(t.ctx, name, plain{r}); err != nil {
		t.Fatal(err)
	}
	if looked != 3 {
		t.Errorf("looked %d times", looked)
	}
	t.check(s, name, 3<<20)
}

func (t *suite) sourceFails() {
	s := t.open(nil)
	broken := errors.New("bad sector")
	for _, good := range []int{0, 10, 1 << 20, 3<<20 + 1} {
		for _, cause := range []error{broken, io.ErrUnexpectedEOF} {
			name := evidence.NewObjectName()
			r := io.MultiReader(bytes.NewReader(content(name, good)), iotest.ErrReader(cause))
			if _, err := s.Put(t.ctx, name, r); !errors.Is(err, cause) {
				t.Errorf("%d good bytes, then %v: %v", good, cause, err)
			}
			t.absent(s, name)
			t.put(s, name, 5)
		}
	}
}

func (t *suite) cancelled() {
	s := t.open(nil)
	ctx, cancel := context.WithCancel(t.ctx)
	name, there := evidence.NewObjectName(), evidence.NewObjectName()
	t.put(s, there, 10)
	endless := io.MultiReader(bytes.NewReader(content(name, 1<<20)), atStart(cancel), forever{})
	if _, err := s.Put(ctx, name, endless); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	t.absent(s, name)
	if _, err := s.Put(ctx, name, bytes.NewReader(nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("put of nothing: %v", err)
	}
	if _, err := s.Open(ctx, there); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	if err := s.Delete(ctx, there); !errors.Is(err, context.Canceled) {
		t.Errorf("delete: %v", err)
	}
	for _, err := range s.List(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("list: %v", err)
		}
	}
	t.absent(s, name)
	t.check(s, there, 10)
}

type forever struct{}

func (forever) Read(p []byte) (int, error) { return len(p), nil }

// concurrent puts, reads, lists and deletes at once.
func (t *suite) concurrent() {
	s := t.open(nil)
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			name, size := evidence.NewObjectName(), 1000*i*i
			info, err := s.Put(t.ctx, name, bytes.NewReader(content(name, size)))
			if err != nil || info.Size != int64(size) {
				t.Errorf("put: %+v, %v", info, err)
				return
			}
			t.check(s, name, size)
			if !slices.Contains(t.names(s), name) {
				t.Error("an object that was put is not listed")
			}
			if i%2 == 0 {
				if err := s.Delete(t.ctx, name); err != nil {
					t.Errorf("delete: %v", err)
				}
			}
		})
	}
	all.Wait()
	if n := len(t.names(s)); n != 12 {
		t.Errorf("%d objects stay, want 12", n)
	}
}

// flat streams an object that must not be held in memory. The buffers that an
// engine keeps are made on the way, as many as it happens to use: the best of three
// streams counts.
func (t *suite) flat() {
	const size = 64 << 20
	s := t.open(nil)
	put := func() uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		info, err := s.Put(t.ctx, evidence.NewObjectName(), io.LimitReader(forever{}, size))
		runtime.ReadMemStats(&after)
		if err != nil || info.Size != size {
			t.Fatalf("%+v, %v", info, err)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	put()
	if used := min(put(), put(), put()); used > size/8 {
		t.Errorf("a stream of %d bytes allocated %d", size, used)
	}
}
