package desk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/ledgertest"
)

// line is the network between everybody and one node: what is asked of the node goes
// through it, and what a test wants becomes of it there.
type line struct {
	url string

	mu     sync.Mutex
	target string                                     // where the node is; "" while it is nowhere
	cut    func(r *http.Request, body []byte) trouble // what becomes of a request; nil: it arrives
	held   []func()                                   // deliver requests that are late
}

// trouble is what a network does to one request.
type trouble struct {
	lostThere bool // the request does not arrive
	lostBack  bool // the answer does not arrive
	twice     bool // the request arrives twice
	late      bool // the request arrives behind the next submission, and its answer does not
}

func newLine(t *testing.T) *line {
	l := new(line)
	srv := httptest.NewServer(l)
	t.Cleanup(srv.Close)
	l.url = srv.URL
	return l
}

// ServeHTTP implements [http.Handler].
func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	l.mu.Lock()
	to, bad := l.target, trouble{}
	if l.cut != nil {
		bad = l.cut(r, body)
	}
	if bad.late && to != "" {
		l.held = append(l.held, func() { l.discard(to, r, body) })
	}
	l.mu.Unlock()
	if to == "" || bad.lostThere || bad.late {
		panic(http.ErrAbortHandler) // as when nobody listens
	}
	if bad.twice {
		l.discard(to, r, body)
	}
	resp := l.pass(to, r, body)
	if submits(r) {
		l.deliver()
	}
	if resp == nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	if bad.lostBack {
		panic(http.ErrAbortHandler)
	}
	for name, all := range resp.Header {
		w.Header()[name] = all
	}
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body) // who asked is gone when this fails
}

// deliver delivers what is late.
func (l *line) deliver() {
	l.mu.Lock()
	held := l.held
	l.held = nil
	l.mu.Unlock()
	for _, arrives := range held {
		arrives()
	}
}

// discard hands a request to the node, for whose answer nobody waits.
func (l *line) discard(to string, r *http.Request, body []byte) {
	if resp := l.pass(to, r, body); resp != nil {
		resp.Body.Close()
	}
}

// pass hands a request to the node; nil when it does not answer.
func (l *line) pass(to string, r *http.Request, body []byte) *http.Response {
	again, err := http.NewRequest(r.Method, to+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil
	}
	again.Header = r.Header.Clone()
	again.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultClient.Do(again)
	if err != nil {
		return nil
	}
	return resp
}

// submits reports whether a request is a submission of events.
func submits(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/v1/events" }

func (l *line) set(change func(l *line)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// working is a state whose node is a process of its own, and its desk.
type working struct {
	*Created
	whole  *testing.T // as long as which the state is
	t      *testing.T // of what is under way
	line   *line
	others []*working
	cmd    *exec.Cmd
	taking chan struct{}
}

// workingStates founds states whose ledgers are kept by custodyd, with one officer each.
func workingStates(t *testing.T, codes ...string) []*working {
	t.Helper()
	var all []*working
	var made []*Created
	for _, code := range codes {
		c, err := Create(t.Context(), CreateOptions{Dir: filepath.Join(ledgertest.Folder(t), strings.ToLower(code)), State: code})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		all, made = append(all, &working{Created: c, whole: t, t: t, line: newLine(t)}), append(made, c)
	}
	if _, err := Found(t.Context(), made[0].Now().Truncate(time.Second), made...); err != nil {
		t.Fatal(err)
	}
	for _, w := range all {
		var at []string
		for _, o := range all {
			if o != w {
				w.others, at = append(w.others, o), append(at, o.line.url)
			}
		}
		must(t, w.UseCosigners(at...))
		must(t, w.MakeNode())
		w.Node = w.line.url
		w.start()
	}
	for _, w := range all {
		w.takes()
		if _, err := w.AddOfficer(t.Context(), NewOfficer{Alias: "officer", Role: evidence.RoleCustodian, Passphrase: testPassphrase}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// start starts the node and connects the line to it once it listens.
func (w *working) start() {
	w.t.Helper()
	args := []string{"serve", "--home", w.Dir, "--listen", "127.0.0.1:0"}
	for _, o := range w.others {
		args = append(args, "--ledger", string(o.Config.Origin)+"="+o.line.url)
	}
	w.cmd = exec.Command(Daemon(w.whole), args...)
	out, err := w.cmd.StderrPipe()
	must(w.t, err)
	must(w.t, w.cmd.Start())
	w.whole.Cleanup(w.stop)
	serving := make(chan string, 1)
	w.taking = make(chan struct{})
	go w.listenTo(out, serving, w.taking)
	at, ok := <-serving
	if !ok {
		w.t.Fatal("custodyd did not start")
	}
	w.line.set(func(l *line) { l.target = "http://" + at })
}

// listenTo reads what the node says until it ends.
func (w *working) listenTo(out io.Reader, serving chan<- string, taking chan<- struct{}) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch line.Msg {
		case "serving":
			serving <- line.Address
		case "taking events":
			close(taking)
		}
	}
	close(serving)
}

// takes waits until the node takes events.
func (w *working) takes() {
	w.t.Helper()
	select {
	case <-w.taking:
	case <-w.t.Context().Done():
		w.t.Fatal("the node takes no events")
	}
}

// stop ends the node without a word, as kill -9 does; nobody is at its address then.
func (w *working) stop() {
	w.line.set(func(l *line) { l.target = "" })
	w.cmd.Process.Kill()
	w.cmd.Wait()
}

// back starts the node again, and waits until it takes events.
func (w *working) back() {
	w.t.Helper()
	w.start()
	w.takes()
}

// again ends the session and begins the next one, as a later command does.
func (w *working) again() {
	w.t.Helper()
	must(w.t, w.Close())
	h, err := Open(w.Dir)
	must(w.t, err)
	h.Node = w.line.url
	s, err := h.Unlock(w.t.Context(), "officer", testPassphrase)
	if err != nil {
		h.Close()
		w.t.Fatal(err)
	}
	w.whole.Cleanup(func() { s.Close() })
	w.Created = &Created{Session: s}
}
