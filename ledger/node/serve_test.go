package node

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in memory, so that time can be.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.conns <- there
	return here
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// served runs Serve in a bubble; no goroutine may be left when it has ended.
func served(t *testing.T, h http.Handler, do func(p *pipes, stop func() error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- Serve(ctx, p, h, nil, 50*time.Second) }()
		do(p, func() error { cancel(); return <-ended })
	})
}

// Who sends a header, a body or nothing, and slowly, is cut off in time.
func TestSlowClients(t *testing.T) {
	body := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "not whole", http.StatusBadRequest)
		}
	}
	for _, c := range []struct {
		name, first, drip string
		within            time.Duration
	}{
		{"silence", "", "", headerTime},
		{"a header, byte by byte", "GET /checkpoint HTTP/1.1\r\nHost: x\r\nX-Slow: ", "a", headerTime},
		{"a body, byte by byte", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", "a", bodyTime},
	} {
		t.Run(c.name, func(t *testing.T) {
			served(t, http.HandlerFunc(body), func(p *pipes, stop func() error) {
				begun, conn := time.Now(), p.dial()
				go io.Copy(io.Discard, conn)
				_, err := io.WriteString(conn, c.first)
				for err == nil && time.Since(begun) < time.Hour {
					time.Sleep(time.Second)
					_, err = io.WriteString(conn, c.drip)
					if c.drip == "" { // a write of nothing never fails
						_, err = conn.Write([]byte("\r"))
					}
				}
				if took := time.Since(begun); err == nil || took > c.within+2*time.Second {
					t.Errorf("cut off after %s: %v", took, err)
				}
				conn.Close()
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// What is under way at the end is answered; what takes too long is not waited for.
func TestShutdown(t *testing.T) {
	for _, c := range []struct {
		takes time.Duration
		whole bool
	}{{drainTime / 2, true}, {2 * drainTime, false}} {
		began := make(chan struct{}, 1)
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began <- struct{}{}
			select {
			case <-time.After(c.takes):
				io.WriteString(w, "done")
			case <-r.Context().Done():
			}
		})
		served(t, h, func(p *pipes, stop func() error) {
			answer := make(chan string, 1)
			go func() {
				conn := p.dial()
				defer conn.Close()
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
				resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					answer <- ""
					return
				}
				b, _ := io.ReadAll(resp.Body)
				answer <- string(b)
			}()
			<-began
			begun := time.Now()
			if err := stop(); err != nil {
				t.Errorf("stopping: %v", err)
			}
			if took := time.Since(begun); took > drainTime+time.Second {
				t.Errorf("stopped after %s", took)
			}
			if got := <-answer; (got == "done") != c.whole {
				t.Errorf("a request of %s: %q", c.takes, got)
			}
		})
	}
}

// A new certificate takes effect without a restart; half of one, or none, does not.
func TestCertificate(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewCertificate(certFile, keyFile, slog.New(slog.DiscardHandler)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no files: %v", err)
	}
	firstCert, firstKey, first := selfSigned(t, 1)
	secondCert, secondKey, second := selfSigned(t, 2)
	write(certFile, firstCert)
	write(keyFile, firstKey)
	cert, err := NewCertificate(certFile, keyFile, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), cert, time.Second)
	}()
	roots := x509.NewCertPool()
	roots.AddCert(first)
	roots.AddCert(second)
	serial := func() int64 {
		t.Helper()
		cert.mu.Lock()
		cert.looked = time.Time{} // as if a second had passed
		cert.mu.Unlock()
		conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "node.example"})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	later := time.Now().Add(time.Hour)
	for _, c := range []struct {
		name string
		do   func()
		want int64
	}{
		{"as it was", func() {}, 1},
		{"the certificate only", func() { write(certFile, secondCert); os.Chtimes(certFile, later, later) }, 1},
		{"both", func() { write(keyFile, secondKey); os.Chtimes(keyFile, later, later) }, 2},
		{"gone", func() { os.Remove(certFile) }, 2},
	} {
		c.do()
		if got := serial(); got != c.want {
			t.Errorf("%s: certificate %d", c.name, got)
		}
	}
	if _, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "node.example", MaxVersion: tls.VersionTLS12}); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("TLS 1.2: %v", err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func selfSigned(t *testing.T, serial int64) (cert, key []byte, parsed *x509.Certificate) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"node.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	raw, errK := x509.MarshalPKCS8PrivateKey(k)
	parsed, errC := x509.ParseCertificate(der)
	if err := errors.Join(errK, errC); err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), parsed
}

// Metrics count by route and status, and know how far each ledger is cosigned.
func TestMetrics(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	n := s.node
	b.add(0, 10)
	s.mustCosign(t, b, "witness", s.witness, 0)
	s.get(t, "GET", "/tile/0/zzz")
	s.get(t, "GET", "/checkpoint")
	out := httptest.NewRecorder()
	n.Metrics().ServeHTTP(out, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`custody_node_requests_total{route="GET /tile/",status="404"} 1`,
		`custody_node_requests_total{route="GET /checkpoint",status="200"} 1`,
		`custody_node_cosigned_size{origin="aa.example/ledger",role="witness"} 11`,
		"go_goroutines",
	} {
		if !strings.Contains(out.Body.String(), want) {
			t.Errorf("no %s in\n%s", want, out.Body)
		}
	}
}
