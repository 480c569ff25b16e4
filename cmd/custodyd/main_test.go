package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/signing/keyfile/keyfiletest"
)

func TestMain(m *testing.M) {
	os.Unsetenv("CUSTODY_HOME")
	keyfiletest.Cheap()
	os.Exit(m.Run())
}

func home(t *testing.T) *desk.Created {
	t.Helper()
	c, err := desk.Create(t.Context(), desk.CreateOptions{Dir: filepath.Join(ledgertest.Folder(t), "aa"), State: "AA"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// said waits for log lines, and keeps all of them.
type said struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{}
}

func newSaid() *said { return &said{more: make(chan struct{}, 1)} }

// Write implements io.Writer.
func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.b.Write(b)
}

// wait returns the attribute address of the first line that says msg.
func (s *said) wait(t *testing.T, msg string) string {
	t.Helper()
	for {
		s.mu.Lock()
		lines := strings.Split(s.b.String(), "\n")
		s.mu.Unlock()
		for _, l := range lines {
			var line struct{ Msg, Address string }
			if json.Unmarshal([]byte(l), &line) == nil && line.Msg == msg {
				return line.Address
			}
		}
		select {
		case <-s.more:
		case <-t.Context().Done():
			t.Fatalf("never said %q: %s", msg, strings.Join(lines, "\n"))
		}
	}
}

// The node serves a home in which a desk is at work, tells its metrics apart, and
// ends when it is told to, with everything given back.
func TestServe(t *testing.T) {
	aa := home(t)
	out := newSaid()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	args := []string{"custodyd", "serve", "--home", aa.Dir, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"}
	go func() { ended <- newApp(ui.Streams{Out: io.Discard, Err: out}).RunContext(ctx, args) }()
	base, metrics := "http://"+out.wait(t, "serving"), "http://"+out.wait(t, "metrics")
	for _, c := range []struct{ url, want string }{ // in order: a request is counted after the first
		{base + "/checkpoint", string(aa.Config.Origin)}, {base + "/readyz", "ready"}, {metrics + "/metrics", "custody_node_requests_total"},
	} {
		if body := get(t, c.url, 200); !strings.Contains(body, c.want) {
			t.Errorf("%s: %s", c.url, body)
		}
	}
	for _, path := range []string{"/metrics", "/custody.json", "/cosigner/witness.key", "/tile/../../cosigner/witness.key", "/debug/pprof/"} {
		get(t, base+path, 404)
	}
	get(t, metrics+"/checkpoint", 404)
	if c, err := ledger.ReadCheckpoint([]byte(get(t, base+"/checkpoint", 200))); err != nil || c.Size != 0 {
		t.Errorf("checkpoint %v, %v", c, err)
	}
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	again, err := desk.OpenServed(aa.Dir)
	if err != nil {
		t.Fatalf("the home is not given back: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(filepath.Join(aa.Dir, "cosigner", "witness.key")); err != nil || strings.Contains(out.b.String(), strings.TrimSpace(string(b))) {
		t.Error("the log has a key")
	}
}

func get(t *testing.T, url string, status int) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		t.Errorf("%s: %d, %v", url, resp.StatusCode, err)
	}
	return string(b)
}

// What keeps a node from starting is said in three lines, with the right exit code.
func TestRefused(t *testing.T) {
	aa := home(t).Dir
	served, err := desk.OpenServed(aa)
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	free := home(t).Dir
	none := filepath.Join(t.TempDir(), "absent.pem")
	for _, c := range []struct {
		args string
		exit int
		says string
	}{
		{"serve", ui.ExitUsage, "no home is named"},
		{"sevre --home " + free, ui.ExitUsage, `"sevre" is not a verb`},
		{"serve --home " + free + " now --listen 127.0.0.1:0", ui.ExitUsage, `"now" is one`},
		{"serve --home " + free + " --port 80", ui.ExitUsage, "port"},
		{"serve --home " + free + " --listen 0.0.0.0:0", ui.ExitUsage, "would not be encrypted"},
		{"serve --home " + free + " --listen 127.0.0.1:0 --metrics 0.0.0.0:0", ui.ExitUsage, "would not be encrypted"},
		{"serve --home " + free + " --tls-cert " + none, ui.ExitUsage, "go together"},
		{"serve --home " + free + " --tls-cert " + none + " --tls-key " + none, ui.ExitFailed, "absent.pem"},
		{"serve --home " + free + " --ledger bb.example/ledger", ui.ExitUsage, "not the address of a node"},
		{"serve --home " + free + " --ledger bb.example/ledger=http://bb.example", ui.ExitUsage, "https, or http on loopback"},
		{"serve --home " + free + " --ledger bb.example/ledger=http://[::1] --ledger bb.example/ledger=http://[::1]:2", ui.ExitUsage, "twice"},
		{"serve --home " + t.TempDir(), ui.ExitFailed, "there is no ledger to serve"},
		{"serve --home " + aa, ui.ExitFailed, "another node serves this home"},
	} {
		var errs bytes.Buffer
		exit := run(append([]string{"custodyd"}, strings.Fields(c.args)...), ui.Streams{Out: io.Discard, Err: &errs})
		if exit != c.exit || !strings.Contains(errs.String(), c.says) || strings.Count(errs.String(), "\n") != 3 {
			t.Errorf("custodyd %s: exit %d\n%s", c.args, exit, &errs)
		}
	}
}

// Times in the log are UTC.
func TestLogTimes(t *testing.T) {
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: inUTC})).Info("x")
	var line struct{ Time string }
	if err := json.Unmarshal(b.Bytes(), &line); err != nil || !strings.HasSuffix(line.Time, "Z") {
		t.Errorf("%s, %v", &b, err)
	}
}
