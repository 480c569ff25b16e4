package node

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// most is how many clients a limiter knows apart.
const most = 4096

// limiter gives each client its rate. It forgets who has been idle for long enough
// to have its whole burst again; when more than [most] are not idle, the rest share
// one rate.
type limiter struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex
	clients map[netip.Addr]*rate.Limiter
	rest    *rate.Limiter
}

func newLimiter(perSecond float64, burst int) *limiter {
	r := rate.Limit(perSecond)
	return &limiter{rate: r, burst: burst, clients: map[netip.Addr]*rate.Limiter{}, rest: rate.NewLimiter(r, burst)}
}

// allow takes one request of a client, "host:port", from its rate. A nil limiter
// allows everything.
func (l *limiter) allow(remote string) bool {
	return l == nil || l.of(clientOf(remote)).Allow()
}

// clientOf returns who has an address: an IPv6 client has 64 bits of addresses of
// its own. The zero address stands for all that cannot be read.
func clientOf(remote string) netip.Addr {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	a := at.Addr().Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			a = p.Addr()
		}
	}
	return a
}

func (l *limiter) of(a netip.Addr) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.clients[a]
	if ok {
		return c
	}
	if len(l.clients) >= most {
		l.forget(time.Now())
	}
	if len(l.clients) >= most {
		return l.rest
	}
	c = rate.NewLimiter(l.rate, l.burst)
	l.clients[a] = c
	return c
}

func (l *limiter) forget(now time.Time) {
	for a, c := range l.clients {
		if c.TokensAt(now) >= float64(l.burst) {
			delete(l.clients, a)
		}
	}
}
