package s3

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// stillFor is how long a request may stand still: nothing is taken of what it sends, and
	// nothing comes of its answer. The client itself bounds the head of an answer alone.
	stillFor = time.Minute
	// joinRate is how many bytes a second a service joins at least that is silent meanwhile,
	// as one that copies the parts into a file is. Others join by a rename, or send spaces
	// until they are done.
	joinRate = 32 << 20
)

// errStill reports a request that was given up because it stood still.
var errStill = errors.New("nothing came or went for too long")

// transport returns what carries requests: none of them stands still for ever.
func transport(o Options, secure bool) (http.RoundTripper, error) {
	base := o.Transport
	if base == nil {
		t, err := minio.DefaultTransport(secure)
		if err != nil {
			return nil, err
		}
		t.ResponseHeaderTimeout = 0 // would bound how long parts are joined, too
		base = t
	}
	return bounded{base, o.Still}, nil
}

// joinTime is how long a service takes at most to join so many bytes.
func joinTime(size int64) time.Duration { return time.Duration(size/joinRate) * time.Second }

// joining returns a context in whose requests the service may be silent for longer, while it
// joins so many bytes.
func joining(ctx context.Context, size int64) context.Context {
	return context.WithValue(ctx, longerKey{}, joinTime(size))
}

// longerKey is where a context says how much longer than others a request may stand still.
type longerKey struct{}

// bounded gives up a request that stands still.
type bounded struct {
	base  http.RoundTripper
	still time.Duration
}

// RoundTrip implements [http.RoundTripper].
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	longer, _ := r.Context().Value(longerKey{}).(time.Duration)
	ctx, giveUp := context.WithCancelCause(r.Context())
	m := &motion{ctx: ctx, giveUp: giveUp, still: b.still + longer}
	m.timer = time.AfterFunc(m.still, func() { giveUp(errStill) })
	r = r.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = moving{r.Body, m, false}
	}
	answer, err := b.base.RoundTrip(r)
	if err != nil {
		m.end()
		return nil, m.why(err)
	}
	m.seen()
	answer.Body = moving{answer.Body, m, true}
	return answer, nil
}

// motion is what one request and its answer do.
type motion struct {
	ctx    context.Context
	giveUp context.CancelCauseFunc
	still  time.Duration

	mu    sync.Mutex
	timer *time.Timer
	ended bool
}

// seen says that something came or went.
func (m *motion) seen() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.ended {
		m.timer.Reset(m.still)
	}
}

func (m *motion) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = true
	m.timer.Stop()
	m.giveUp(nil)
}

// why returns errStill in the place of an error that followed from it.
func (m *motion) why(err error) error {
	if errors.Is(context.Cause(m.ctx), errStill) {
		return errStill
	}
	return err
}

// moving is the body of a request, or of its answer.
type moving struct {
	io.ReadCloser
	m      *motion
	answer bool
}

// Read implements [io.Reader].
func (b moving) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.m.seen()
	}
	if err != nil && err != io.EOF {
		err = b.m.why(err)
	}
	return n, err
}

// Close implements [io.Closer]. With the answer's body the request is over.
func (b moving) Close() error {
	if b.answer {
		defer b.m.end()
	}
	return b.ReadCloser.Close()
}
