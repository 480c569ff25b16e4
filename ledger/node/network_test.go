package node

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/verify/verifytest"
)

var errLost = errors.New("the network lost it")

// badNetwork loses requests and answers, delivers twice, and delivers late, when
// whoever sent has given up and sends again.
type badNetwork struct {
	base http.RoundTripper
	pass func() // what a delivery waits for

	mu   sync.Mutex
	sent int
	luck *rand.Rand
	late []func()
}

// fates is how many things can become of a request.
const fates = 5

func newBadNetwork(base http.RoundTripper) *badNetwork {
	return &badNetwork{base: base, pass: func() {}, luck: rand.New(rand.NewPCG(1, 2))}
}

// RoundTrip implements [http.RoundTripper].
func (n *badNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	send := func() (*http.Response, error) {
		n.pass()
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return n.base.RoundTrip(again)
	}
	discard := func() {
		if resp, err := send(); err == nil {
			resp.Body.Close()
		}
	}
	switch n.fate() {
	case 0: // the request is lost
	case 1: // the answer is
		discard()
	case 2: // it comes twice, and the first answer is lost
		discard()
		return send()
	case 3:
		n.mu.Lock()
		n.late = append(n.late, discard)
		n.mu.Unlock()
	default:
		resp, err := send()
		n.deliver()
		return resp, err
	}
	return nil, errLost
}

// fate is each of them in turn, over all who send.
func (n *badNetwork) fate() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent++
	return n.sent % fates
}

// deliver delivers what is late.
func (n *badNetwork) deliver() {
	n.mu.Lock()
	late := n.late
	n.late = nil
	n.mu.Unlock()
	for _, send := range late {
		send()
	}
}

// handed is a network of calls.
type handed struct{ http.Handler }

// RoundTrip implements [http.RoundTripper].
func (h handed) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.RemoteAddr = "192.0.2.1:1"
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// insist submits an event as a desk does, again and again, until it is logged or refused.
func (s *office) insist(n *badNetwork, by *verifytest.Officer, e *verifytest.Event) wire.Result {
	body := s.submission(e)
	for {
		resp, err := n.RoundTrip(s.request(ask{method: http.MethodPost, path: "/v1/events", body: body, by: by}))
		if err != nil {
			continue
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if out, failed := wire.ParseSubmitted(b, 1); err == nil && failed == nil {
			return out.Results[0]
		}
		if p, failed := wire.ParseProblem(b); failed != nil || p.Code != "replayed" {
			s.Errorf("%d %s", resp.StatusCode, b)
			return wire.Result{}
		}
	}
}

// overBadNetwork lets desks act over a bad network: whatever is acknowledged is logged
// once, and of two answers to an offer one is logged and the other told so.
func (s *office) overBadNetwork(n *badNetwork) {
	s.Helper()
	ann, bob := s.w.State("AA").Enrol(evidence.RoleCollector), s.w.State("AA").Enrol(evidence.RoleCustodian)
	var desks sync.WaitGroup
	logged := map[evidence.Hash]bool{}
	var mu sync.Mutex
	must := func(by *verifytest.Officer, e *verifytest.Event) {
		if r := s.insist(n, by, e); r.Status != wire.Logged {
			s.Errorf("%s: %+v %v", e.Event.Action, r, r.Problem)
		}
		mu.Lock()
		logged[e.Leaf.Hash()] = true
		mu.Unlock()
	}
	type story struct{ events, answers []*verifytest.Event }
	var stories []story
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		it := ann.Collect(thing(name))
		it.Offer(ann, bob)
		stories = append(stories, story{it.Events, []*verifytest.Event{
			it.Unlogged(evidence.Accept, []*verifytest.Officer{bob}, verifytest.Record{}), it.Unlogged(evidence.Decline, []*verifytest.Officer{bob}, verifytest.Record{}),
		}})
	}
	s.now = s.w.Now
	must(s.w.State("AA").Authority, ann.Enrolment.Events[0])
	must(s.w.State("AA").Authority, bob.Enrolment.Events[0])
	for _, x := range stories {
		answers := x.answers
		desks.Go(func() {
			must(ann, x.events[0])
			must(ann, x.events[1])
			results := make([]wire.Result, len(answers))
			var race sync.WaitGroup
			for i, e := range answers {
				race.Go(func() { results[i] = s.insist(n, bob, e) })
			}
			race.Wait()
			for i, r := range results {
				other := answers[1-i].Leaf.Hash()
				switch {
				case r.Status == wire.Logged && results[1-i].Status == wire.Refused:
					mu.Lock()
					logged[answers[i].Leaf.Hash()] = true
					mu.Unlock()
				case r.Problem == nil || r.Problem.Code != wire.CodeSealClosed || *r.Problem.Leaf != other:
					s.Errorf("answer %d: %+v %v", i, r, r.Problem)
				}
			}
		})
	}
	desks.Wait()
	n.deliver()
	s.holdsOnce(logged)
	if n.sent < 4*fates {
		s.Errorf("only %d requests were sent", n.sent)
	}
}

// holdsOnce checks the whole ledger: exactly these events are in it.
func (s *office) holdsOnce(logged map[evidence.Hash]bool) {
	s.Helper()
	all := must[[]ledger.Leaf](s.T)(ledgertest.Verify(s.Context(), s.book.Log))
	events := 0
	for _, l := range all {
		if l.Type() != ledger.TypeEvent {
			continue
		}
		if events++; !logged[l.Hash()] {
			s.Errorf("leaf %s was never acknowledged", l.Hash())
		}
	}
	if events != len(logged) {
		s.Errorf("%d events in the ledger, %d acknowledged", events, len(logged))
	}
}

// Over loopback HTTP through a network that loses, doubles and delays.
func TestBadNetwork(t *testing.T) {
	s := newOffice(t)
	s.overBadNetwork(newBadNetwork(http.DefaultTransport))
}

// The same with hours of delay in simulated time, in which the desks' requests overtake one
// another.
func TestBadNetworkInSimulatedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSilentOffice(t)
		n := newBadNetwork(handed{s.n})
		n.pass = func() {
			n.mu.Lock()
			wait := time.Duration(n.luck.Int64N(int64(time.Hour)))
			n.mu.Unlock()
			time.Sleep(wait)
		}
		s.overBadNetwork(n)
	})
}
