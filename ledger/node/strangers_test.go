package node

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client/wire"
)

// stalled is a body of which one byte comes and then nothing more until it is over.
type stalled struct {
	waits chan<- struct{} // is told once somebody waits for the second byte
	over  <-chan struct{}
	begun bool
}

// Read implements [io.Reader].
func (s *stalled) Read(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		return copy(p, "{"), nil
	}
	s.waits <- struct{}{}
	<-s.over
	return 0, io.ErrUnexpectedEOF
}

// However many strangers say that they will send much, and then send next to nothing,
// somebody new is heard.
func TestSlowStrangers(t *testing.T) {
	const strangers = 3 * mostStranger / maxIntroduction
	s := newSilentOffice(t)
	bob := s.w.State("BB").Enrol(evidence.RoleCustodian)
	dossier := must[map[string][]byte](t)(s.w.Dossier(bob.Enrolment).Encode())
	body := must[[]byte](t)(evidence.Canonical(wire.Introduction{Dossier: dossier, Format: wire.IntroductionFormat}))
	whole := s.request(ask{method: "POST", path: "/v1/keys", body: body, by: bob})
	whole.RemoteAddr = "127.0.0.1:1"
	waits, over, ended := make(chan struct{}), make(chan struct{}), make(chan string, strangers)
	var all sync.WaitGroup
	defer all.Wait()
	defer close(over)
	for range strangers {
		r := whole.Clone(t.Context())
		r.Body, r.ContentLength = io.NopCloser(&stalled{waits: waits, over: over}), maxIntroduction
		all.Go(func() {
			got := httptest.NewRecorder()
			s.n.ServeHTTP(got, r)
			ended <- fmt.Sprint(got.Code, " ", got.Body)
		})
		select {
		case <-waits:
		case answer := <-ended:
			t.Fatalf("%s before all was sent, %d bytes are held", answer, s.n.memory.held())
		}
	}
	if held := s.n.memory.held(); held != strangers*firstRead {
		t.Errorf("%d bytes are held for %d strangers", held, strangers)
	}
	got := httptest.NewRecorder()
	if s.n.ServeHTTP(got, whole); got.Code != http.StatusOK {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}

func (m *memory) held() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ofStrangers
}

// deadlined is an answer that knows until when the request must have come.
type deadlined struct {
	recorder
	until time.Time
}

// SetReadDeadline is what [http.ResponseController] calls.
func (d *deadlined) SetReadDeadline(at time.Time) error { d.until = at; return nil }

// What a stranger sends has to come soon, is counted as it comes, and is given back.
func TestReadStranger(t *testing.T) {
	s := newOffice(t)
	for _, c := range []struct {
		size int64
		code string
	}{{0, ""}, {firstRead, ""}, {maxIntroduction, ""}, {maxIntroduction + 1, "too-large"}} {
		for _, length := range []int64{c.size, -1} {
			r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), "POST", "/v1/keys", io.LimitReader(zeros{}, c.size)))
			r.ContentLength, r.RemoteAddr = length, "192.0.2.1:1"
			w := &deadlined{recorder: recorder{header: http.Header{}}}
			b, free, err := s.n.readStranger(w, r, maxIntroduction)
			code := ""
			if err != nil {
				t, _ := troubleOf(err)
				code = t.code
			}
			if code != c.code || err == nil && (int64(len(b)) != c.size || s.n.memory.held() < c.size) {
				t.Errorf("%d bytes of %d, %d held: %v", len(b), c.size, s.n.memory.held(), err)
			}
			if length <= maxIntroduction && (w.until.IsZero() || time.Until(w.until) > strangerTime) {
				t.Errorf("it may take until %v", w.until)
			}
			if free(); s.n.memory.held() != 0 {
				t.Errorf("%d bytes are still held", s.n.memory.held())
			}
		}
	}
}
