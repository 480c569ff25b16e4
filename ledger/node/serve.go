package node

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Times of a connection. Whoever sends a request slowly is cut off, and so is who
// reads its answer slowly.
const (
	headerTime = 5 * time.Second
	bodyTime   = 15 * time.Second
	idleTime   = time.Minute
	drainTime  = 10 * time.Second // for requests under way at the end
	maxHeader  = 8 << 10
)

// Serve serves h on l until ctx ends, then finishes what is under way and closes l.
// longest is the time that one request may take. With a certificate the connections
// are TLS 1.3.
func Serve(ctx context.Context, l net.Listener, h http.Handler, cert *Certificate, longest time.Duration) error {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, IdleTimeout: idleTime,
		WriteTimeout: bodyTime + longest, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), // its lines name clients
	}
	if cert != nil {
		s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: cert.get, NextProtos: []string{"h2", "http/1.1"}}
		l = tls.NewListener(l, s.TLSConfig)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := s.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.Close() // what was signed is durable; the answer is lost
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
