package s3test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/minio/minio-go/v7/pkg/signer"

	"example.org/custody/evidence/store/s3"
)

// Fault is what a [Proxy] does with a request.
type Fault int

// Faults.
const (
	None     Fault = iota
	HangUp         // the server does it, the answer never comes
	Stall          // the same, and the connection stays until the client gives it up
	Refuse         // the connection ends, the server hears nothing
	Busy           // 503, the server hears nothing
	Pretend        // success, as the server would say it, and it hears nothing
	Lie            // the server does it, and is said to have seen another checksum
	Gullible       // the checksum is taken away, so that the server compares none
	Late           // the client is told nothing, and the server does it at [Proxy.Release]
	Unknown        // 404, no such upload, and the server hears nothing
)

// Proxy stands before a server and does what faulty ones do.
type Proxy struct {
	Endpoint string

	server *Server
	mu     sync.Mutex
	rule   func(op string, n int) Fault
	seen   map[string]int
	done   map[string]int
	late   []func()
}

// NewProxy starts a proxy without faults, until the test ends.
func NewProxy(t testing.TB, server *Server) *Proxy {
	p := &Proxy{server: server}
	p.Set(nil)
	h := httptest.NewServer(p)
	t.Cleanup(h.Close)
	p.Endpoint = h.URL
	return p
}

// Before returns the location as it is seen through the proxy.
func (p *Proxy) Before(l s3.Location) s3.Location {
	l.Endpoint = p.Endpoint
	return l
}

// Set makes rule decide about every request from here on: op is what [Op] says, n
// how often that was asked since Set, from 1. Nil is no faults.
func (p *Proxy) Set(rule func(op string, n int) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule, p.seen, p.done = rule, map[string]int{}, map[string]int{}
}

// Seen returns how often op was asked since [Proxy.Set].
func (p *Proxy) Seen(op string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[op]
}

// Done returns how many of them the server has done, whatever became of its answer.
func (p *Proxy) Done(op string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done[op]
}

func (p *Proxy) count(op string, answer *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answer.StatusCode < http.StatusMultipleChoices {
		p.done[op]++
	}
}

// decide asks the rule, which may call the proxy.
func (p *Proxy) decide(op string) Fault {
	p.mu.Lock()
	p.seen[op]++
	rule, n := p.rule, p.seen[op]
	p.mu.Unlock()
	if rule == nil {
		return None
	}
	return rule(op, n)
}

// Release has the server do what met [Late].
func (p *Proxy) Release() {
	p.mu.Lock()
	late := p.late
	p.late = nil
	p.mu.Unlock()
	for _, do := range late {
		do()
	}
}

// hold keeps a request until [Proxy.Release].
func (p *Proxy) hold(r *http.Request, op string) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r = r.Clone(context.WithoutCancel(r.Context()))
	r.Body = io.NopCloser(bytes.NewReader(b))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = append(p.late, func() {
		answer, err := p.forward(r, false)
		if err != nil {
			return
		}
		defer answer.Body.Close()
		io.Copy(io.Discard, answer.Body)
		p.count(op, answer)
	})
}

// Op names a request, as "PUT part", "POST complete", "DELETE object".
func Op(r *http.Request) string {
	what := "object"
	q := r.URL.Query()
	for _, name := range []string{"versions", "retention", "legal-hold", "object-lock", "versioning", "uploads"} {
		if q.Has(name) {
			what = name
		}
	}
	if q.Has("uploadId") {
		what = "complete"
	}
	if q.Has("partNumber") {
		what = "part"
	}
	return r.Method + " " + what
}

// ServeHTTP implements [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := Op(r)
	fault := p.decide(op)
	switch fault {
	case Refuse:
		panic(http.ErrAbortHandler)
	case Busy:
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, `<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`)
		return
	case Pretend:
		pretend(w, r)
		return
	case Late:
		p.hold(r, op)
		panic(http.ErrAbortHandler)
	case Unknown:
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `<?xml version="1.0"?><Error><Code>NoSuchUpload</Code><Message>The specified upload does not exist.</Message></Error>`)
		return
	}
	answer, err := p.forward(r, fault == Gullible)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close()
	p.count(op, answer)
	switch fault {
	case Stall:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case HangUp:
		panic(http.ErrAbortHandler)
	case Lie:
		err = lie(answer)
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	io.Copy(w, answer.Body)
}

// forward asks the server. The host stays the proxy's, because it is signed.
func (p *Proxy) forward(r *http.Request, gullible bool) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.RequestURI, out.URL.Scheme, out.URL.Host = "", "http", strings.TrimPrefix(p.server.Endpoint, "http://")
	if gullible && out.Header.Get("X-Amz-Checksum-Sha256") != "" {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		return p.gullible(out, b)
	}
	return http.DefaultTransport.RoundTrip(out)
}

// gullible stores the bytes with the checksum that they have.
func (p *Proxy) gullible(r *http.Request, b []byte) (*http.Response, error) {
	sum := sha256.Sum256(b)
	r.Header.Set("X-Amz-Checksum-Sha256", base64.StdEncoding.EncodeToString(sum[:]))
	r.Body = io.NopCloser(bytes.NewReader(b))
	for _, name := range []string{"Authorization", "X-Amz-Date"} {
		r.Header.Del(name)
	}
	return http.DefaultTransport.RoundTrip(signer.SignV4(*r, Key, Secret, "", region))
}

// pretend answers as a server that has done it.
func pretend(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	if r.Method == http.MethodDelete {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
	w.Header().Set("X-Amz-Checksum-Sha256", r.Header.Get("X-Amz-Checksum-Sha256"))
	w.WriteHeader(http.StatusOK)
	if Op(r) == "POST complete" {
		io.WriteString(w, `<?xml version="1.0"?><CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>key</Key></CompleteMultipartUploadResult>`)
	}
}
