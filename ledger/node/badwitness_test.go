package node

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/witness"
	"example.org/custody/ledger/writer"
	"example.org/custody/verify/verifytest"
)

// mood is what a witness's server makes of a request for a cosignature.
type mood func(w http.ResponseWriter, r *http.Request)

// witnessed is an office whose checkpoints the nodes of two states witness over loopback
// HTTP: CC is always honest, BB as the test says.
type witnessed struct {
	*office
	feeder *feeder.Feeder
	known  []note.Verifier
	mood   atomic.Pointer[mood] // of BB; nil: honest
}

// newWitnessed returns an office whose receipts need so many of the two witnesses.
func newWitnessed(t *testing.T, need int) *witnessed {
	t.Helper()
	s := &witnessed{office: &office{T: t, w: verifytest.New(verifytest.Config{}), dir: t.TempDir()}}
	s.disk = ledgertest.NewDisk(s.origin())
	s.skey, s.vkey = logKey(t, string(s.origin()))
	peers := []feeder.Peer{s.witness("BB", &s.mood), s.witness("CC", new(atomic.Pointer[mood]))}
	known := note.VerifierList(s.known...)
	s.edit = func(c *writer.Config) {
		c.Enough = func(signed []byte) bool {
			found, err := ledger.Cosignatures(signed, known)
			return err == nil && len(found) >= need
		}
		s.feeder = feeder.New(feeder.Config{
			Log: c.Log, Origin: s.origin(), Verifier: s.vkey, Known: known, Enough: c.Enough, Peers: peers,
			Liars: 1, Timeout: 4 * time.Second, Grace: time.Millisecond,
		})
		c.Feeder = s.feeder
	}
	s.serve()
	return s
}

// witness serves the witness of a state.
func (s *witnessed) witness(state string, now *atomic.Pointer[mood]) feeder.Peer {
	s.Helper()
	signer, vkey := cosignerKey(s.T, state+"-witness")
	s.known = append(s.known, must[note.Verifier](s.T)(vkey.Verifier()))
	n := must[*Node](s.T)(New(Config{
		Tiles: s.dir, Log: slog.New(slog.DiscardHandler),
		Followed: func() ([]evidence.Origin, error) { return []evidence.Origin{s.origin()}, nil },
		Witness: must[*witness.Witness](s.T)(witness.New(witness.Config{
			Signers: []note.Signer{signer}, State: new(witness.Memory), Logs: follow(s.origin(), s.vkey),
		})),
	}))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := now.Load(); m != nil && r.Method == http.MethodPost {
			(*m)(w, r)
			return
		}
		n.ServeHTTP(w, r)
	}))
	s.Cleanup(srv.Close)
	return feeder.Peer{State: state, Cosigner: dial(s.T, srv.URL).Cosigner(client.Witness, s.vkey)}
}

// A witness that is down, slow, lying or answers 409: where another one is enough the
// receipt has that one's cosignature alone; where both are needed there is none. What is
// wrong is named, and once it is right both sign, also what had to wait.
func TestBadWitness(t *testing.T) {
	var network *url.Error
	says := func(status int, kind, body string) mood {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for _, c := range []struct {
		name  string
		mood  mood
		named func(err error) bool // of its lag
	}{
		{"down", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, func(err error) bool { return errors.As(err, &network) }},
		{"slow", func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body) // only then the server sees that who asked has left
			<-r.Context().Done()
		}, nil},
		{"words", says(http.StatusOK, "text/plain", "yes, of course\n"), func(err error) bool { return errors.Is(err, ledger.ErrNote) }},
		{"another's signature", says(http.StatusOK, "text/plain", "\u2014 BB-witness "+strings.Repeat("A", 100)+"\n"), func(err error) bool { return err != nil }},
		{"409 of more than there is", says(http.StatusConflict, client.SizeType, "999999\n"), func(err error) bool { return errors.Is(err, feeder.ErrClaim) }},
		{"422 without a proof", says(http.StatusUnprocessableEntity, "text/plain", "no\n"), func(err error) bool { return errors.Is(err, ledger.ErrProof) }},
		{"busy", says(http.StatusServiceUnavailable, "text/plain", "later\n"), func(err error) bool { return errors.Is(err, client.ErrUnavailable) }},
	} {
		for _, need := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d needed", c.name, need), func(t *testing.T) {
				t.Parallel()
				s := newWitnessed(t, need)
				ann := s.enrol(evidence.RoleCollector)
				s.mood.Store(&c.mood)
				e := ann.Collect(thing("a")).Events[0]
				got := s.submit(ann, e)[0]
				if want := map[int]string{1: wire.Logged, 2: wire.Pending}[need]; got.Status != want || s.signers(got) != 2-need {
					t.Errorf("%+v, want it %s", got, want)
				}
				lag := s.feeder.Lags()[0]
				if lag.Behind == 0 || need == 2 && c.named != nil && !c.named(lag.Err) {
					t.Errorf("%+v", lag)
				}
				if err := s.book.ReadOnly(); err != nil {
					t.Errorf("one witness stops the ledger: %v", err)
				}
				s.mood.Store(nil)
				next := ann.Collect(thing("b")).Events[0]
				if got := s.submit(ann, next)[0]; got.Status != wire.Logged || need == 2 && s.signers(got) != 2 {
					t.Errorf("once it is right: %+v", got)
				}
				if got := s.submit(ann, e)[0]; got.Status != wire.Logged || !got.Retried {
					t.Errorf("what waited: %+v", got)
				}
			})
		}
	}
}

// signers counts the witnesses in a receipt; 0 without one.
func (s *witnessed) signers(r wire.Result) int {
	s.Helper()
	if r.Receipt == "" {
		return 0
	}
	parsed := must[ledger.Receipt](s.T)(ledger.ParseReceipt([]byte(r.Receipt)))
	return len(must[[]ledger.Cosignature](s.T)(ledger.Cosignatures(parsed.Note, note.VerifierList(s.known...))))
}
