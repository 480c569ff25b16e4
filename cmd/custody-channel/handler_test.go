package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel"
	"example.org/custody/ledger/channel/contract"
)

// deaf is a channel that refuses, or does not answer.
type deaf struct{ err error }

func (d deaf) Submit(context.Context, string, ...[]byte) (string, []byte, error) {
	return "", nil, d.err
}
func (d deaf) Query(context.Context, string, ...[]byte) ([]byte, error) {
	return []byte("{}"), d.err
}
func (d deaf) Proof(context.Context, string) (anchor.Proof, error) { return anchor.Proof{}, d.err }

// ask sends one request over a Unix socket.
func ask(t *testing.T, d deaf, method, path, body string) (int, string) {
	t.Helper()
	at := filepath.Join(t.TempDir(), "s")
	l, err := listen(at)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(at); err != nil || i.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", i, err)
	}
	s := &http.Server{Handler: handler(&channel.Follower{Channel: d, Dir: t.TempDir(), Agreement: new(anchor.Agreement)})}
	go s.Serve(l)
	defer s.Close()
	c := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", at)
	}}}
	defer c.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://channel"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

// A refusal of the rules and a channel that does not answer are told apart; a proof that
// proves nothing is not handed on.
func TestSocket(t *testing.T) {
	refused := deaf{&contract.RefusedError{Code: contract.NoProof, Err: errors.New("x")}}
	away := deaf{errors.New("no peer answers")}
	claimed := deaf{fmt.Errorf("%w: %w", channel.ErrClaimed, &contract.RefusedError{Code: contract.Caught, Err: errors.New("x")})}
	id := strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		on                 deaf
		method, path, body string
		status             int
		says               string
	}{
		"refused":        {refused, "POST", "/v1/alarm", "{}", 409, `"code":"no-proof"`},
		"claimed":        {claimed, "POST", "/v1/alarm", "{}", 502, `"code":"claimed"`},
		"away":           {away, "POST", "/v1/trust", "x", 502, `"code":"unanswered"`},
		"too large":      {deaf{}, "POST", "/v1/alarm", strings.Repeat("x", anchor.MaxAlarm+1), 502, `"code"`},
		"no proof":       {deaf{}, "POST", "/v1/standard/a/1", "x", 502, `"code":"proof-form"`},
		"no transaction": {deaf{}, "GET", "/v1/proof/abc", "", 409, `"code":"malformed"`},
		"unproven":       {deaf{}, "GET", "/v1/proof/" + id, "", 502, `"code":"proof-form"`},
		"head":           {deaf{}, "GET", "/v1/head?origin=a", "", 200, `{}`},
		"no such thing":  {deaf{}, "DELETE", "/v1/head", "", 405, ``},
	} {
		status, body := ask(t, c.on, c.method, c.path, c.body)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// A socket left over is taken; one at which somebody answers is not.
func TestListen(t *testing.T) {
	at := filepath.Join(t.TempDir(), "s")
	first, err := listen(at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listen(at); !errors.Is(err, errAnswers) {
		t.Errorf("%v", err)
	}
	first.(*net.UnixListener).SetUnlinkOnClose(false)
	first.Close()
	second, err := listen(at)
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}
