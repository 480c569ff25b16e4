package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ErrTooLarge reports an answer over its size limit.
var ErrTooLarge = errors.New("answer is too large")

// errSigning reports a request that could not be signed: no other try would be.
var errSigning = errors.New("the request could not be signed")

// StatusError reports an answer that the protocol does not provide for.
type StatusError struct {
	URL    string
	Status int
}

// Error implements error.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answered %d %s", e.URL, e.Status, http.StatusText(e.Status))
}

// Is reports 404 as [fs.ErrNotExist].
func (e *StatusError) Is(target error) bool {
	return e.Status == http.StatusNotFound && target == fs.ErrNotExist
}

const (
	tries      = 3                      // of one request
	firstPause = 100 * time.Millisecond // before the second try; four times as long before the third
	longPause  = 2 * time.Second        // the longest Retry-After that is obeyed; a longer one is an error now
	wholeTime  = time.Minute            // of one try, answer included
)

// newHTTP returns the HTTP client for one node. It follows no redirect, because
// the other side is named by whoever operates this one, and by nobody else; and it
// takes no compressed answer, because its size is not known before it is read.
func newHTTP() *http.Client {
	return &http.Client{
		Timeout:       wholeTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout:    5 * time.Second,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			MaxIdleConnsPerHost:    2 * ahead,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
		},
	}
}

// answer is what came back, read whole.
type answer struct {
	status int
	kind   string // Content-Type
	body   []byte
	pause  time.Duration // Retry-After
}

// request is what is asked of a node.
type request struct {
	method string
	u      *url.URL
	body   []byte
	kind   string                      // Content-Type of the body; "" leaves it out
	sign   func(r *http.Request) error // signs one try; nil: the request is not signed
	limit  int64                       // bytes of the answer
}

// exchange sends a request and reads the answer, at most limit bytes of it. It
// tries again when the network fails, or the other side says that it is busy.
func exchange(ctx context.Context, c *http.Client, q request) (answer, error) {
	pause := firstPause
	for n := 1; ; n++ {
		a, err := once(ctx, c, q)
		busy := err == nil && (a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable)
		if n == tries || ctx.Err() != nil || errors.Is(err, ErrTooLarge) || errors.Is(err, errSigning) || err == nil && !busy || a.pause > longPause {
			return a, err
		}
		select {
		case <-time.After(max(pause, a.pause)):
		case <-ctx.Done():
			return a, errors.Join(err, ctx.Err())
		}
		pause *= 4
	}
}

func once(ctx context.Context, c *http.Client, q request) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, q.method, q.u.String(), bytes.NewReader(q.body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("User-Agent", "custody")
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	if q.sign != nil {
		if err := q.sign(r); err != nil {
			return answer{}, fmt.Errorf("%w: %w", errSigning, err)
		}
	}
	resp, err := c.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, q.limit+1))
	switch {
	case err != nil:
		return answer{}, fmt.Errorf("answer of %s: %w", q.u, err)
	case int64(len(b)) > q.limit:
		return answer{}, fmt.Errorf("%s: over %d bytes: %w", q.u, q.limit, ErrTooLarge)
	}
	seconds, _ := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 16)
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), b, time.Duration(seconds) * time.Second}, nil
}

// get returns the body of an answer 200.
func get(ctx context.Context, c *http.Client, u *url.URL, limit int64) ([]byte, error) {
	a, err := exchange(ctx, c, request{method: http.MethodGet, u: u, limit: limit})
	if err == nil && a.status != http.StatusOK {
		err = &StatusError{u.String(), a.status}
	}
	return a.body, err
}
