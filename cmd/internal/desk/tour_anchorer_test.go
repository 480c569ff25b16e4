package desk

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	channelanchor "example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
)

// anchorerAt returns an anchorer whose program is these answers, one after the other,
// of which the last one stays.
func anchorerAt(t *testing.T, answers ...func(http.ResponseWriter)) *anchorer {
	t.Helper()
	dir, err := os.MkdirTemp("", "custody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	a := &anchorer{state: "FR", socket: filepath.Join(dir, "fr")}
	a.taking, a.ended = make(chan struct{}), make(chan struct{})
	close(a.taking)
	l, err := net.Listen("unix", a.socket)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answers[min(asked, len(answers)-1)](w)
		asked++
	})}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return a
}

func says(status int, code, what string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"code": code, "what": what})
	}
}

// A channel that does not answer is asked again; what its rules refuse ends the tour,
// but for what an earlier request has done already.
func TestTourAsksTheChannel(t *testing.T) {
	proof := func(w http.ResponseWriter) { _, _ = w.Write([]byte("proof")) }
	silent := says(http.StatusBadGateway, "unanswered", "no peer answers")
	already := says(http.StatusConflict, "already", "it is")
	for _, c := range []struct {
		name, path, want string
		err              error
		answers          []func(http.ResponseWriter)
	}{
		{"an anchor", "/v1/anchor", "proof", nil, []func(http.ResponseWriter){proof}},
		{"silent at first", "/v1/anchor", "proof", nil, []func(http.ResponseWriter){silent, proof}},
		{"anchored meanwhile", "/v1/anchor", "proof", nil, []func(http.ResponseWriter){already, proof}},
		{"voted already", "/v1/trust", "", nil, []func(http.ResponseWriter){already}},
		{"refused", "/v1/trust", "", ErrChannel, []func(http.ResponseWriter){says(http.StatusConflict, "not-adopted", "another first list"), proof}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := anchorerAt(t, c.answers...).ask(t.Context(), http.MethodPost, c.path, nil, time.Minute)
			if string(got) != c.want || !errors.Is(err, c.err) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	if _, err := anchorerAt(t, silent).ask(t.Context(), http.MethodPost, "/v1/anchor", nil, time.Millisecond); !errors.Is(err, ErrChannel) {
		t.Errorf("silent for good: %v", err)
	}
	gone := anchorerAt(t, silent)
	close(gone.ended)
	if _, err := gone.ask(t.Context(), http.MethodPost, "/v1/anchor", nil, time.Minute); !errors.Is(err, ErrDaemon) {
		t.Errorf("the program has ended: %v", err)
	}
}

// A tour that cannot use the channel makes nothing.
func TestTourChannelFolder(t *testing.T) {
	program := Daemon(t) // any that is there
	above := t.TempDir()
	empty, strange := filepath.Join(above, "empty"), filepath.Join(above, "strange")
	for _, dir := range []string{empty, strange} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(strange, agreementFile), newAgreement(t, "AA", "BB", "CC"), 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, c := range map[string]struct {
		program string
		err     error
	}{empty: {program, ErrChannel}, strange: {program, ErrChannel}, above: {filepath.Join(above, "absent"), ErrNoAnchorer}} {
		to := filepath.Join(above, "tour")
		in := Touring{Dir: to, Daemon: program, Channel: &Sharing{Dir: dir, Program: c.program}, Say: func(string, string) {}}
		if _, err := Tour(t.Context(), in); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", dir, err)
		}
		if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: left over", dir)
		}
	}
}

// newAgreement is an agreement of these states about a channel.
func newAgreement(t *testing.T, states ...string) []byte {
	t.Helper()
	a := channelanchor.Agreement{Chaincode: "anchor", Channel: "anchors", Endorsements: len(states)/2 + 1, OrdererSignatures: 1, Version: 1,
		Orderers: []channelanchor.Member{{Authorities: [][]byte{anchortest.NewAuthority("ORD").DER}, MSP: "ORD"}}}
	for _, s := range states {
		a.States = append(a.States, channelanchor.Member{Authorities: [][]byte{anchortest.NewAuthority(s).DER}, MSP: s})
	}
	b, err := a.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
