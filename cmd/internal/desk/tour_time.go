package desk

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"example.org/custody/signing"
	"example.org/custody/signing/trust"
	"example.org/custody/signing/tsa"
)

// timeService is the timestamp authority of a tour: it answers on loopback for as long
// as the tour takes, and its key dies with it.
type timeService struct {
	url    string
	listed trust.TSA // as the trust list names it
	server *http.Server
}

// queryTime is how long a timestamp query may take to arrive.
const queryTime = 10 * time.Second

// newTimeService starts an authority that the trust list calls a state's.
func newTimeService(state string, now func() time.Time) (*timeService, error) {
	a, err := tsa.NewAuthority(state, now)
	if err != nil {
		return nil, err
	}
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(ErrNoLoopback, err)
	}
	cert := a.Certificate()
	s := &timeService{
		url:    "http://" + at.Addr().String(),
		listed: trust.TSA{State: state, Digest: trust.Digest(signing.CertificateDigest(cert)), From: cert.NotBefore, To: cert.NotAfter},
		server: &http.Server{Handler: a, ReadTimeout: queryTime, WriteTimeout: queryTime},
	}
	go s.server.Serve(at) // until it is closed; what it says then is of no use
	return s, nil
}

// client asks the authority.
func (s *timeService) client(now func() time.Time) Stamper { return tsa.Client{URL: s.url, Now: now} }

func (s *timeService) close() error {
	if s == nil {
		return nil
	}
	return s.server.Close()
}

// clock starts the timestamp authority that the three states agree on.
func (t *tour) clock(context.Context) (err error) {
	t.Say("time", "a timestamp authority of AT starts on this machine; all three states will let it count")
	t.time, err = newTimeService("AT", clock)
	return err
}
