package desk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
)

// daemon is a custodyd that serves a home.
type daemon struct {
	t       *testing.T
	binary  string
	home    string
	address string
	ledger  string // --ledger
	cmd     *exec.Cmd
}

// States that reach each other through custodyd alone.
func TestNodes(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "custodyd")
	if out, err := exec.Command("go", "build", "-o", binary, "example.org/custody/cmd/custodyd").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, test := range map[string]func(*testing.T, string){
		"cosign": testNodesCosign, "killed": testNodeKilled, "answers lost": testNodeAnswersLost, "knows more": testNodeKnowsMore,
	} {
		t.Run(name, func(t *testing.T) { test(t, binary) })
	}
}

// nodes founds two states whose desks reach each other through custodyd alone. What
// stands before BB's node sees everything that AA asks of it.
func nodes(t *testing.T, binary string) (aa, bb *Created, a, b *daemon, before *tap) {
	t.Helper()
	aa, bb = create(t, "AA"), create(t, "BB")
	a = &daemon{t: t, binary: binary, home: aa.Dir, address: free(t)}
	b = &daemon{t: t, binary: binary, home: bb.Dir, address: free(t)}
	a.ledger, b.ledger = string(bb.Config.Origin)+"="+b.url(), string(aa.Config.Origin)+"="+a.url()
	before = newTap(t, b.url())
	if err := errors.Join(aa.UseCosigners(before.url), bb.UseCosigners(a.url())); err != nil {
		t.Fatal(err)
	}
	if _, err := Found(t.Context(), aa.Now().Truncate(time.Second), aa, bb); err != nil {
		t.Fatal(err)
	}
	a.start()
	b.start()
	return aa, bb, a, b, before
}

func create(t *testing.T, code string) *Created {
	t.Helper()
	c, err := Create(t.Context(), CreateOptions{Dir: filepath.Join(ledgertest.Folder(t), code), State: code})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// free returns an address that nobody listens at: a node must be at one before it
// is started, and again after it was killed.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (d *daemon) url() string { return "http://" + d.address }

// start starts the node and waits until it listens.
func (d *daemon) start() {
	d.t.Helper()
	d.cmd = exec.Command(d.binary, "serve", "--home", d.home, "--listen", d.address, "--ledger", d.ledger)
	out, err := d.cmd.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(d.kill)
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var line struct{ Msg string }
		said = append(said, lines.Text())
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			go io.Copy(io.Discard, out)
			return
		}
	}
	d.t.Fatalf("custodyd did not start: %q", said)
}

// kill ends the node without a word, as kill -9 does.
func (d *daemon) kill() {
	d.cmd.Process.Kill()
	d.cmd.Wait()
}

// tap stands before a node, and keeps what it has signed.
type tap struct {
	url  string
	mu   sync.Mutex
	sent []cosigned
	down bool // answers are lost
}

// cosigned is a note and the lines that a role answered with.
type cosigned struct {
	path        string
	note, lines []byte
}

func newTap(t *testing.T, behind string) *tap {
	p := new(tap)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		again, err := http.NewRequestWithContext(r.Context(), r.Method, behind+r.URL.Path, bytes.NewReader(body))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		resp, err := http.DefaultClient.Do(again)
		if err != nil {
			panic(http.ErrAbortHandler) // as when nobody listens
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if p.lost(r, resp, body, answer) {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		w.WriteHeader(resp.StatusCode)
		w.Write(answer)
	}))
	t.Cleanup(srv.Close)
	p.url = srv.URL
	return p
}

// lost keeps a signature, whether it arrives or not.
func (p *tap) lost(r *http.Request, resp *http.Response, body, answer []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodPost && resp.StatusCode == http.StatusOK {
		req, err := client.ParseRequest(body)
		if err == nil {
			p.sent = append(p.sent, cosigned{r.URL.Path, req.Note, answer})
		}
	}
	return p.down
}

func (p *tap) lose(answers bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = answers
}

// check holds everything that was signed against the ledger: the signatures are
// good, the sizes of a role do not fall, and each is of the one history.
func (p *tap) check(t *testing.T, s *Session, keys note.Verifiers) map[string]uint64 {
	t.Helper()
	w, err := s.ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]uint64{}
	for _, c := range p.sent {
		signed, err := ledger.AddCosignatures(c.note, c.lines, keys)
		if err != nil {
			t.Fatalf("%s: %v", c.path, err)
		}
		got, err := ledger.ReadCheckpoint(signed)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ledger.CheckpointOf(got.Origin, got.Size, w.Log.Hashes(t.Context(), got.Size))
		if err != nil || got != want {
			t.Errorf("%s signed a tree of %d leaves that is not the ledger's, %v", c.path, got.Size, err)
		}
		if got.Size < last[c.path] {
			t.Errorf("%s signed size %d after %d", c.path, got.Size, last[c.path])
		}
		last[c.path] = got.Size
	}
	return last
}

func (s *Session) reopenBook(t *testing.T) {
	t.Helper()
	if err := s.book.close(); err != nil {
		t.Fatal(err)
	}
	s.book = nil
}

// Two desks on two machines cosign and audit each other through their nodes, while
// both work in the homes that the nodes serve; what is published then carries it.
func testNodesCosign(t *testing.T, binary string) {
	aa, bb, a, b, _ := nodes(t, binary)
	for n := uint64(0); n < 600; n += 200 {
		for _, s := range []*Session{aa.Session, bb.Session} {
			got, err := s.append(t.Context(), ledgertest.Events(n, n+200))
			if err != nil {
				t.Fatal(err)
			}
			last := got[len(got)-1]
			if last.pending != nil || !s.trusted.Meets(last.receipt.Note, s.Config.Origin, trust.Court) {
				t.Fatalf("no witness and auditor of the other state: %v", last.pending)
			}
		}
	}
	for _, of := range []struct {
		s    *Session
		node *daemon
	}{{aa.Session, a}, {bb.Session, b}} {
		size, err := of.s.size(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		of.s.reopenBook(t)
		n, err := client.New(of.node.url(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		signed, err := n.Log().Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c, err := ledger.ReadCheckpoint(signed)
		if err != nil || c.Size != size || !of.s.trusted.Meets(signed, c.Origin, trust.Court) {
			t.Errorf("%s publishes %d of %d leaves, cosigned or not: %v\n%s", c.Origin, c.Size, size, err, signed)
		}
	}
	checks := map[string]string{}
	for _, c := range aa.Doctor() {
		checks[c.Name] = string(c.Status)
	}
	if checks["cosigners"] != "holds" {
		t.Errorf("doctor says of the cosigners: %s", checks["cosigners"])
	}
}

// Whenever a node is killed, it never signs less than before or something else; and
// the receipts come when it is back.
func testNodeKilled(t *testing.T, binary string) {
	aa, _, a, b, before := nodes(t, binary)
	n := uint64(0)
	for round := range 12 {
		victim := b
		if round%3 == 2 {
			victim = a // which BB's auditor reads
		}
		killed := make(chan struct{})
		go func() {
			defer close(killed)
			<-time.After(time.Duration(rand.IntN(30)) * time.Millisecond)
			victim.kill()
		}()
		got, err := aa.append(t.Context(), ledgertest.Events(n, n+20))
		if err != nil {
			t.Fatal(err)
		}
		<-killed
		victim.start()
		again, err := aa.append(t.Context(), ledgertest.Events(n, n+20))
		if err != nil {
			t.Fatal(err)
		}
		for i := range again {
			if again[i].pending != nil || !again[i].retried || again[i].index != got[i].index {
				t.Fatalf("round %d, leaf %d: %+v after %+v", round, i, again[i], got[i])
			}
		}
		n += 20
	}
	last := before.check(t, aa.Session, knownCosigners{aa.Session})
	node, err := client.New(b.url(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	for _, role := range []string{client.Witness, client.Auditor} {
		signed, err := node.Cosigner(role).Latest(t.Context(), aa.Config.Origin)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ledger.ReadCheckpoint(signed); err != nil || c.Size < last["/"+role+"/add-checkpoint"] || c.Size == 0 {
			t.Errorf("%s knows %d leaves and has signed %d: %v", role, c.Size, last["/"+role+"/add-checkpoint"], err)
		}
	}
}

// Answers that are lost on the way, after they were signed, are asked for again.
func testNodeAnswersLost(t *testing.T, binary string) {
	aa, _, _, _, before := nodes(t, binary)
	before.lose(true)
	got, err := aa.append(t.Context(), ledgertest.Events(0, 1))
	if err != nil || !errors.Is(got[0].pending, writer.ErrQuorum) {
		t.Fatalf("%+v, %v", got, err)
	}
	before.lose(false)
	if got, err = aa.append(t.Context(), ledgertest.Events(0, 2)); err != nil || got[0].pending != nil || got[1].pending != nil {
		t.Fatalf("%+v, %v", got, err)
	}
	before.check(t, aa.Session, knownCosigners{aa.Session})
}

// A ledger put back to an old state learns it from the other state's node, and stays
// read-only (rule P21).
func testNodeKnowsMore(t *testing.T, binary string) {
	aa, _, _, _, _ := nodes(t, binary)
	if _, err := aa.append(t.Context(), ledgertest.Events(0, 1)); err != nil {
		t.Fatal(err)
	}
	aa.reopenBook(t)
	old := t.TempDir()
	if err := os.CopyFS(old, os.DirFS(aa.path("ledger"))); err != nil {
		t.Fatal(err)
	}
	if _, err := aa.append(t.Context(), ledgertest.Events(1, 2)); err != nil {
		t.Fatal(err)
	}
	aa.reopenBook(t)
	if err := errors.Join(ledgertest.Remove(aa.path("ledger")), os.CopyFS(aa.path("ledger"), os.DirFS(old))); err != nil {
		t.Fatal(err)
	}
	if _, err := aa.append(t.Context(), ledgertest.Events(5, 6)); !errors.Is(err, writer.ErrReadOnly) || !errors.Is(err, writer.ErrBehind) {
		t.Fatalf("%v, want a read-only ledger", err)
	}
}

// A home is served by one node at a time; what is no home is served by none.
func TestOpenServed(t *testing.T) {
	aa := create(t, "AA")
	first, err := OpenServed(aa.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenServed(aa.Dir); !errors.Is(err, cosigner.ErrServed) {
		t.Errorf("a second node: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenServed(aa.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if followed, err := again.Followed(); err != nil || len(followed) != 0 {
		t.Errorf("without a trust list it follows %v, %v", followed, err)
	}
	if o := again.Origin; o != aa.Config.Origin || o == evidence.Origin("") {
		t.Errorf("origin %q", o)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if _, err := OpenServed(t.TempDir()); !errors.Is(err, ErrNoHome) {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.Rename(aa.path("cosigner"), aa.path("away")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenServed(aa.Dir); !errors.Is(err, cosigner.ErrDamaged) {
		t.Errorf("without its cosigner: %v", err)
	}
}
