package node

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// One client's requests do not use up another's, and come back with time.
func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(10, 3)
		take := func(remote string) (n int) {
			for l.allow(remote) {
				n++
			}
			return n
		}
		for _, c := range []struct {
			remote string
			want   int
		}{
			{"192.0.2.1:1000", 3}, {"192.0.2.1:2000", 0}, {"[::ffff:192.0.2.1]:3", 0}, {"192.0.2.2:1000", 3},
			{"[2001:db8::1]:1", 3}, {"[2001:db8::ffff:2]:1", 0}, {"[2001:db8:0:1::1]:1", 3},
			{"[fe80::1%eth0]:1", 3}, {"[fe80::2%eth1]:1", 0}, {"@", 3}, {"", 0},
		} {
			if got := take(c.remote); got != c.want {
				t.Errorf("%s took %d, want %d", c.remote, got, c.want)
			}
		}
		time.Sleep(200 * time.Millisecond)
		if got := take("192.0.2.1:4000"); got != 2 {
			t.Errorf("after 200 ms it took %d", got)
		}
	})
	if !(*limiter)(nil).allow("anybody") {
		t.Error("no limit is a limit")
	}
}

// However many clients come, memory is bounded, and who was idle is forgotten first.
func TestLimiterForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, 2)
		remote := func(i int) string { return fmt.Sprintf("10.0.%d.%d:1", i/250, i%250) }
		for i := range most {
			l.allow(remote(i))
		}
		if !l.allow(remote(most)) || !l.allow(remote(most+1)) || l.allow(remote(most+2)) || len(l.clients) != most {
			t.Errorf("%d clients known; those beyond share one rate", len(l.clients))
		}
		time.Sleep(2 * time.Second)
		if !l.allow(remote(most+2)) || len(l.clients) != 1 {
			t.Errorf("%d clients known after all were idle", len(l.clients))
		}
	})
}

// Over the rate a client is told when to come again.
func TestTooMany(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, func(c *Config) {
		c.Limits = DefaultLimits
		c.Limits.Reads, c.Limits.Burst = 0.001, 2
	})
	for i, want := range []int{200, 200, 429} {
		resp, _ := s.get(t, "GET", "/checkpoint")
		if resp.StatusCode != want || (want == 429) != (resp.Header.Get("Retry-After") == "1") {
			t.Errorf("request %d: %d %v", i, resp.StatusCode, resp.Header)
		}
	}
	if resp, _ := s.get(t, "GET", "/healthz"); resp.StatusCode != http.StatusOK {
		t.Error("health has a limit")
	}
}
