package batch

import (
	"testing"
	"testing/synctest"
	"time"
)

// Those who are answered together make one batch when they come back, however many
// batches they were; for who stays away it waits no longer than the linger.
func TestExpect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New[int](256, linger)
		put(t, q, 1)
		take(t, q, 1)
		put(t, q, 2, 3)
		take(t, q, 2, 3)
		go func() {
			time.Sleep(time.Hour)
			q.Expect(3)
			for i := range 3 {
				q.Put(4 + i)
				time.Sleep(linger / 4)
			}
		}()
		if d := take(t, q, 4, 5, 6); d != time.Hour+linger/2 {
			t.Errorf("three who come back together waited until %v", d)
		}
		go func() {
			time.Sleep(time.Hour)
			q.Expect(3)
			q.Put(7)
		}()
		if d := take(t, q, 7); d != time.Hour+linger {
			t.Errorf("one of three waited until %v", d)
		}
		go func() {
			q.Expect(3)
			time.Sleep(time.Hour)
			q.Put(8)
		}()
		if d := take(t, q, 8); d != time.Hour {
			t.Errorf("one waited until %v for three who have long stayed away", d)
		}
	})
}
