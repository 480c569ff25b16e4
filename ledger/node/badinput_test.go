package node

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/verify/verifytest"
)

// A body over the limit is refused before it is read, however its length is told.
func TestLarge(t *testing.T) {
	inBoth(t, func(s *office) {
		ann := s.enrol(evidence.RoleCollector)
		size := s.book.Size()
		s.refused("too-large", ask{method: "POST", path: "/v1/events", body: bytes.Repeat([]byte(" "), wire.MaxBody+1), by: ann})
		// A stream that says nothing of its length is cut at the limit.
		r := s.request(ask{method: "POST", path: "/v1/events", body: []byte("{}"), by: ann})
		r.Body, r.ContentLength = io.NopCloser(io.LimitReader(zeros{}, wire.MaxBody+10)), -1
		if got := s.do(r); got.status != http.StatusRequestEntityTooLarge {
			s.Errorf("%d %s", got.status, got.body)
		}
		if s.book.Size() != size {
			s.Error("it was logged")
		}
	})
}

type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// Half a request leaves nothing, whether its sender hangs up or says nothing more; the
// whole of it is taken afterwards.
func TestHalf(t *testing.T) {
	inBoth(t, func(s *office) {
		ann := s.enrol(evidence.RoleCollector)
		size := s.book.Size()
		e := ann.Collect(thing("a")).Events[0]
		body := s.submission(e)
		full := s.request(ask{method: "POST", path: "/v1/events", body: body, by: ann})
		for _, chunked := range []bool{false, true} {
			r := full.Clone(s.Context())
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			if chunked {
				r.ContentLength = -1
			}
			var whole bytes.Buffer
			if err := r.Write(&whole); err != nil {
				s.Fatal(err)
			}
			s.half(r, whole.Bytes()[:whole.Len()-len(body)/2])
		}
		if s.book.Size() != size {
			s.Error("half a request was logged")
		}
		s.takes(ann, e)
	})
}

// half sends the beginning of a request and then, over TCP, says that no more comes; in
// simulated time it says nothing for as long as the node listens.
func (s *office) half(r *http.Request, beginning []byte) {
	s.Helper()
	conn := s.dial()
	defer conn.Close()
	if _, err := conn.Write(beginning); err != nil {
		s.Fatal(err)
	}
	begun := time.Now()
	tcp, ends := conn.(*net.TCPConn)
	if ends {
		if err := tcp.CloseWrite(); err != nil {
			s.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), r)
	if took := time.Since(begun); !ends && (took < bodyTime/2 || took > bodyTime+time.Second) {
		s.Errorf("it is listened to for %s", took)
	}
	if err != nil {
		return // it was hung up on
	}
	defer resp.Body.Close()
	b := must[[]byte](s.T)(io.ReadAll(resp.Body))
	if resp.StatusCode != http.StatusBadRequest || !bytes.Contains(b, []byte(`"form"`)) {
		s.Errorf("%d %s", resp.StatusCode, b)
	}
}

// Of two answers to an offer the first is logged, and the other one is told so.
func TestSecondClose(t *testing.T) {
	inBoth(t, func(s *office) {
		ann, bob := s.enrol(evidence.RoleCollector), s.enrol(evidence.RoleCustodian)
		it := ann.Collect(thing("a"))
		it.Offer(ann, bob)
		s.takes(ann, it.Events...)
		accept, decline := it.Unlogged(evidence.Accept, []*verifytest.Officer{bob}, verifytest.Record{}), it.Unlogged(evidence.Decline, []*verifytest.Officer{bob}, verifytest.Record{})
		s.takes(bob, accept)
		size := s.book.Size()
		lost := s.submit(bob, decline)[0]
		if p := lost.Problem; p == nil || p.Code != wire.CodeSealClosed || p.Status != 409 || *p.Leaf != accept.Leaf.Hash() || p.Index == nil {
			s.Errorf("%+v", lost)
		}
		if got := s.submit(bob, accept)[0]; !got.Retried || got.Receipt == "" {
			s.Errorf("%+v", got)
		}
		if s.book.Size() != size {
			s.Errorf("%d leaves came", s.book.Size()-size)
		}
	})
}

// A body that does not match its leaf is not logged; with the salt put right it is.
func TestBodyOfAnotherLeaf(t *testing.T) {
	inBoth(t, func(s *office) {
		ann := s.enrol(evidence.RoleCollector)
		size := s.book.Size()
		a, b := ann.Collect(thing("a")).Events[0], ann.Collect(thing("b")).Events[0]
		salted, swapped, reworded := s.of(a), s.of(a), s.of(a)
		salted.Salt[0] ^= 1
		swapped.Envelope = s.of(b).Envelope
		reworded.Record = bytes.Replace(reworded.Record, []byte(`"a"`), []byte(`"z"`), 1)
		for name, bad := range map[string]wire.Event{"another salt": salted, "another envelope": swapped, "another record": reworded} {
			got := s.given(ask{method: "POST", path: "/v1/events", body: must[[]byte](s.T)((&wire.Submission{Events: []wire.Event{bad}}).Marshal()), by: ann})
			r := must[*wire.Submitted](s.T)(wire.ParseSubmitted(got.body, 1)).Results[0]
			want := intake.CodeLeaf
			if name == "another record" {
				want = intake.CodeRecord
			}
			if r.Problem == nil || r.Problem.Code != want || r.Receipt != "" {
				s.Errorf("%s: %s", name, got.body)
			}
		}
		if s.book.Size() != size {
			s.Errorf("%d leaves came", s.book.Size()-size)
		}
		s.takes(ann, a)
	})
}

// An event signed by a revoked key is not logged, whoever brings it; what the key signed
// while it was good keeps its receipt.
func TestRevokedKey(t *testing.T) {
	inBoth(t, func(s *office) {
		ann, eve := s.enrol(evidence.RoleCollector), s.enrol(evidence.RoleCollector)
		before := eve.Collect(thing("before")).Events[0]
		s.takes(eve, before)
		late := eve.Collect(thing("after")).Events[0]
		s.takes(s.w.State("AA").Authority, eve.Revoke())
		size := s.book.Size()
		if p := s.submit(ann, late)[0].Problem; p == nil || p.Code != "period" {
			s.Errorf("signed by a revoked key: %+v", p)
		}
		s.refused("key-revoked", ask{method: "POST", path: "/v1/events", body: s.submission(late), by: eve})
		if s.book.Size() != size {
			s.Errorf("%d leaves came", s.book.Size()-size)
		}
		if got := s.submit(ann, before)[0]; got.Status != wire.Logged || !got.Retried {
			s.Errorf("what was logged before: %+v", got)
		}
	})
}

// Whose clock is an hour off is told the node's, and is taken in by it: nothing but the
// request is refused. So is a request that the network held up for an hour.
func TestClocksAnHourOff(t *testing.T) {
	inBoth(t, func(s *office) {
		ann := s.enrol(evidence.RoleCollector)
		size := s.book.Size()
		e := ann.Collect(thing("a")).Events[0]
		submission := ask{method: "POST", path: "/v1/events", body: s.submission(e), by: ann}
		right := s.clock()
		for name, off := range map[string]time.Duration{"fast": time.Hour, "slow": -time.Hour} {
			s.now = right
			wrong := submission
			wrong.at = right.Add(off)
			if p := s.refused("clock", wrong); p.Now == nil || !p.Now.Equal(evidence.Instant(right)) || len(p.Do) == 0 {
				s.Errorf("the client's clock is %s: %+v", name, p)
			}
			s.now = right.Add(off) // the node's, and the client's is right
			if p := s.refused("clock", submission.signedAt(right)); p.Now == nil || !p.Now.Equal(evidence.Instant(s.now)) {
				s.Errorf("the node's clock is %s: %+v", name, p)
			}
		}
		s.now = right
		held := s.request(submission)
		s.now = right.Add(time.Hour)
		if got := s.do(held); got.status != http.StatusUnauthorized || !strings.Contains(string(got.body), `"clock"`) {
			s.Errorf("an hour late: %d %s", got.status, got.body)
		}
		if s.book.Size() != size {
			s.Errorf("%d leaves came", s.book.Size()-size)
		}
		if got := s.submit(ann, e)[0]; got.Status != wire.Logged || got.Retried {
			s.Errorf("signed anew: %+v", got)
		}
	})
}

// signedAt is the same asked at a time of the client's clock.
func (a ask) signedAt(t time.Time) ask {
	a.at = t
	return a
}
