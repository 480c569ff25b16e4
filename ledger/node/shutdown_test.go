package node

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/ledger/writer"
)

// held is a writer that says when a leaf has come, and goes on when it is told to.
type held struct {
	intake.Writer
	came, goOn chan struct{}
}

// Submit implements intake.Writer.
func (h held) Submit(ctx context.Context, leaves ...ledger.Leaf) ([]writer.Result, error) {
	close(h.came)
	<-h.goOn
	return h.Writer.Submit(ctx, leaves...)
}

// A node that is told to end answers what is under way, with its receipt, and takes
// nothing more.
func TestShutdownOfSubmission(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	h := held{s.book, make(chan struct{}), make(chan struct{})}
	s.n.writing().Intake.Writer = h
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, s.n, nil, time.Minute) }()
	s.url = "http://" + l.Addr().String()
	r := s.request(ask{method: http.MethodPost, path: "/v1/events", body: s.submission(ann.Collect(thing("a")).Events[0]), by: ann})
	answered := make(chan reply, 1)
	go func() { answered <- s.do(r) }()
	<-h.came
	stop()
	for { // until nothing more is taken
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			break
		}
		c.Close()
	}
	close(h.goOn)
	got := <-answered
	if out, err := wire.ParseSubmitted(got.body, 1); err != nil || out.Results[0].Status != wire.Logged {
		t.Errorf("%d %s", got.status, got.body)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
