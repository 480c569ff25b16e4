package batch

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const linger = 2 * time.Millisecond

// take takes the next batch, commits it in no time, and returns how long it took
// to come.
func take(t *testing.T, q *Queue[int], want ...int) time.Duration {
	t.Helper()
	start := time.Now()
	if b, ok := q.Take(); !ok || !slices.Equal(b, want) {
		t.Fatalf("batch %v, %v, want %v", b, ok, want)
	}
	d := time.Since(start)
	q.Done()
	return d
}

func put(t *testing.T, q *Queue[int], xs ...int) {
	t.Helper()
	for _, x := range xs {
		if !q.Put(x) {
			t.Fatalf("put %d: refused", x)
		}
	}
}

func TestLoneSubmitterWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New[int](256, linger)
		for i := range 5 {
			put(t, q, i)
			if d := take(t, q, i); d != 0 {
				t.Fatalf("batch %d took %v", i, d)
			}
		}
	})
}

func TestLingersForThoseJustAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New[int](256, linger)
		put(t, q, 1, 2)
		if b, _ := q.Take(); len(b) != 2 {
			t.Fatalf("batch %v", b)
		}
		put(t, q, 3) // came while 1 and 2 were committed: three are about
		q.Done()
		go func() {
			time.Sleep(linger / 4)
			q.Put(4)
			time.Sleep(linger / 4)
			q.Put(5)
		}()
		if d := take(t, q, 3, 4, 5); d != linger/2 {
			t.Fatalf("waited %v for the two that came back, want %v", d, linger/2)
		}
		put(t, q, 6)
		if d := take(t, q, 6); d != linger {
			t.Fatalf("waited %v for two that stayed away, want %v", d, linger)
		}
		put(t, q, 7)
		if d := take(t, q, 7); d != 0 {
			t.Fatalf("waited %v though one was all there was", d)
		}
	})
}

func TestWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New[int](256, linger)
		put(t, q, 1, 2, 3)
		take(t, q, 1, 2, 3)
		go func() {
			time.Sleep(time.Hour)
			q.Put(4)
		}()
		if d := take(t, q, 4); d != time.Hour {
			t.Fatalf("took %v, want an hour: the linger had long passed", d)
		}
	})
}

// Many at once wait for others up to the pace, few up to the linger, and as many as
// were there for nobody.
func TestPace(t *testing.T) {
	const every = 100 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		q := New[int](256, linger).Pace(3, every)
		put(t, q, 1, 2, 3)
		take(t, q, 1, 2, 3)
		put(t, q, 4, 5, 6)
		if d := take(t, q, 4, 5, 6); d != 0 {
			t.Errorf("as many as were there waited %v", d)
		}
		time.Sleep(every / 4)
		put(t, q, 7)
		if d := take(t, q, 7); d != every*3/4 {
			t.Errorf("one behind many waited %v, want until %v after them", d, every)
		}
		put(t, q, 8)
		if d := take(t, q, 8); d != 0 {
			t.Errorf("one behind one waited %v", d)
		}
		put(t, q, 9, 10)
		take(t, q, 9, 10)
		put(t, q, 11)
		if d := take(t, q, 11); d != linger {
			t.Errorf("one behind two waited %v, want %v", d, linger)
		}
		put(t, q, 12, 13, 14)
		take(t, q, 12, 13, 14)
		time.Sleep(every)
		put(t, q, 15)
		if d := take(t, q, 15); d != linger {
			t.Errorf("one long behind many waited %v, want %v", d, linger)
		}
	})
}

func TestMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New[int](2, linger)
		put(t, q, 1, 2, 3, 4, 5)
		if take(t, q, 1, 2)+take(t, q, 3, 4) != 0 {
			t.Fatal("a full batch waited")
		}
		take(t, q, 5)
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New[int](256, linger)
		put(t, q, 1, 2)
		take(t, q, 1, 2)
		put(t, q, 3)
		q.Close()
		if q.Put(4) {
			t.Fatal("put after close: accepted")
		}
		if d := take(t, q, 3); d != 0 {
			t.Fatalf("a closed queue waited %v", d)
		}
		if b, ok := q.Take(); ok {
			t.Fatalf("a closed and empty queue gave %v", b)
		}
	})
}

func TestNothingIsLost(t *testing.T) {
	const putters, each = 16, 500
	q := New[int](64, time.Microsecond)
	var wg sync.WaitGroup
	for p := range putters {
		wg.Go(func() {
			for i := range each {
				q.Put(p*each + i)
			}
		})
	}
	go func() { wg.Wait(); q.Close() }()
	next := [putters]int{}
	for b, ok := q.Take(); ok; b, ok = q.Take() {
		if len(b) > 64 {
			t.Fatalf("batch of %d", len(b))
		}
		q.Done()
		for _, x := range b {
			if p := x / each; x%each != next[p] {
				t.Fatalf("putter %d: got %d, want %d", p, x%each, next[p])
			} else {
				next[p]++
			}
		}
	}
	for p, n := range next {
		if n != each {
			t.Errorf("putter %d: %d of %d came through", p, n, each)
		}
	}
}
