//go:build engines && linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/audit"
	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/evidence/servertest"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog"
	"example.org/custody/ledger/trillianlog/trilliantest"
	"example.org/custody/verify"
)

// shared is a state AA whose ledger two nodes keep over Trillian, cosigned by BB: the
// officers of AA's first desk log at the first node, those of its laboratory at the
// second.
type shared struct {
	t       *testing.T
	servers *trilliantest.Servers
	nodes   [2]*process // of AA
	bb      *process
	desks   [2]*land // what the officers of each node open
	gave    [2]chan struct{}
	given   [2][]given
	failed  [2]error         // valid when the officer has ended
	ended   [2]chan struct{} // closed then
}

func newShared(t *testing.T) *shared {
	t.Helper()
	s := &shared{t: t, servers: trilliantest.Start(t)}
	dir := ledgertest.Folder(t)
	for _, program := range []string{"custody", "custodyd"} {
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, program), "../"+program).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	over := engine.Choice{Engine: engine.Trillian, Config: trillianlog.Config{Database: s.servers.URI, LogServer: s.servers.Address}}
	all := foundOver(t, map[string]engine.Choice{"AA": over}, "AA", "BB")
	aa, bb := all[0], all[1]
	lab := &land{t: t, dir: filepath.Join(dir, "lab"), code: "AA", origin: aa.origin}
	s.laboratory(dir, aa, bb, lab)
	aa.end()
	bb.end()
	second := &land{t: t, dir: filepath.Join(dir, "second"), code: "AA", origin: aa.origin}
	second.listen()
	for range 2 { // again it brings nothing new
		if exit, _, errs := typed(t, "", "join", "--of", aa.dir, "--home", second.dir); exit != 0 {
			t.Fatalf("exit %d\n%s", exit, errs)
		}
	}
	if exit, _, _ := typed(t, "", "join", "--of", bb.dir, "--home", filepath.Join(dir, "third")); exit == 0 {
		t.Error("a second node for a ledger that the embedded engine keeps")
	}
	lab.url = second.url
	s.desks = [2]*land{aa, lab}
	binary := filepath.Join(dir, "custodyd")
	s.nodes = [2]*process{{land: aa, binary: binary}, {land: second, binary: binary}}
	s.bb = &process{land: bb, binary: binary}
	for _, p := range []*process{s.bb, s.nodes[0], s.nodes[1]} {
		p.start()
		t.Cleanup(p.kill)
	}
	for _, p := range s.nodes {
		p.log.wait(t, "taking events")
	}
	return s
}

// laboratory makes AA's second desk, whose authority the states list.
func (s *shared) laboratory(dir string, aa, bb, lab *land) {
	s.t.Helper()
	run := func(at *land, argv ...string) {
		c := exec.CommandContext(s.t.Context(), filepath.Join(dir, "custody"), argv...)
		c.Dir = dir
		c.Env = append(os.Environ(), "CUSTODY_PASSPHRASE_COMMAND=echo "+passphrase, "CUSTODY_NODE="+at.url)
		if out, err := c.CombinedOutput(); err != nil {
			s.t.Fatalf("%v: %v\n%s", argv, err, out)
		}
	}
	run(aa, "init", "--home", lab.dir, "--trust", filepath.Join(aa.dir, "trust", "list.note"), "--state", "AA", "--officer", "ann", "--role", "custodian", "--no-recovery")
	h, err := desk.Open(lab.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	authority := h.AuthorityFile()
	if err := h.Close(); err != nil {
		s.t.Fatal(err)
	}
	run(aa, "trust", "propose", "--home", aa.dir, "--authority", "AA="+authority, "--out", "next.trust")
	run(bb, "trust", "sign", "--home", bb.dir, "next.trust")
	run(aa, "trust", "adopt", "--home", aa.dir, "next.trust")
	run(bb, "trust", "adopt", "--home", bb.dir, "next.trust")
	run(aa, "trust", "adopt", "--home", lab.dir, "next.trust")
}

// load lets an officer at each node seal one thing after another until stop is called,
// which returns when both have ended.
func (s *shared) load() (stop func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var officers sync.WaitGroup
	for i := range s.desks {
		s.gave[i], s.ended[i] = make(chan struct{}, 1), make(chan struct{})
		p := &process{land: s.desks[i], gave: s.gave[i]}
		officers.Go(func() {
			defer close(s.ended[i])
			s.given[i], s.failed[i] = p.officer(ctx, fmt.Sprint("E", i))
		})
	}
	return func() { cancel(); officers.Wait() }
}

// goOn waits until the officers at these nodes are given two more receipts each: the
// first may have been under way.
func (s *shared) goOn(what string, nodes ...int) {
	s.t.Helper()
	for _, i := range nodes {
		select {
		case <-s.gave[i]:
		default:
		}
		for range 2 {
			select {
			case <-s.gave[i]:
			case <-s.ended[i]:
				s.t.Fatalf("%s: the officer at node %d gave up: %v\n%s", what, i, s.failed[i], &s.nodes[i].log.b)
			case <-time.After(2 * time.Minute):
				s.t.Fatalf("%s: no receipt at node %d any more\n%s", what, i, &s.nodes[i].log.b)
			}
		}
	}
}

// Two nodes keep one ledger under load. Either may be killed, and the other goes on; so
// may the database, the log server and the signer, and a second signer may run. Then the
// ledger is whole at both nodes, and every receipt that was ever given is of it.
func TestEngineTwoNodesKilled(t *testing.T) {
	s := newShared(t)
	stop := s.load()
	s.goOn("at first", 0, 1)
	for i, p := range s.nodes {
		p.kill()
		s.goOn("the other one is killed", 1-i)
		p.start()
		s.goOn("it is back", 0, 1)
	}
	for _, server := range []*servertest.Process{s.servers.Database, s.servers.Log, s.servers.Signer} {
		server.Kill()
		server.Start()
		s.goOn("a server was killed", 0, 1)
	}
	s.signerAway()
	s.servers.NewSigner().Start()
	s.goOn("two signers", 0, 1)
	stop()
	if err := errors.Join(s.failed[:]...); err != nil {
		t.Fatal(err)
	}
	for i, d := range s.desks {
		// Opening it logs what waits; and a node shows what the other one has logged when it
		// next has something of its own cosigned.
		session := d.unlock()
		done, err := session.Seal(t.Context(), desk.Sealing{Object: "phone", Fields: map[string]any{"exhibit": "the last"}})
		if err := errors.Join(err, session.Unreached(), session.Close()); err != nil || done.Receipt == nil {
			t.Errorf("desk %d: %+v, %v", i, done, err)
		}
	}
	for i, p := range s.nodes {
		s.whole(p, append(s.given[0], s.given[1]...))
		if len(s.given[i]) == 0 {
			t.Errorf("no receipt from node %d", i)
		}
	}
	t.Logf("%d and %d receipts", len(s.given[0]), len(s.given[1]))
}

// signerAway leaves the ledger without a signer until each node says that it is not ready,
// and why. When the signer is back they are ready again, and go on.
func (s *shared) signerAway() {
	s.t.Helper()
	s.servers.Signer.Kill()
	s.until("not ready", func(p *process) bool { return p.ready() == "503 not ready\n" })
	s.until("saying why", func(p *process) bool { return p.log.has(`"msg":"not ready"`, trillianlog.ErrSigner.Error()) })
	s.servers.Signer.Start()
	s.until("ready", func(p *process) bool { return p.ready() == "200 ready\n" })
	s.goOn("the signer was away", 0, 1)
}

// has reports whether a line has every one of the words.
func (s *said) has(words ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(strings.Split(s.b.String(), "\n"), func(line string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) })
	})
}

// until waits until each node is so.
func (s *shared) until(what string, is func(*process) bool) {
	s.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for i, p := range s.nodes {
		for !is(p) {
			select {
			case <-tick.C:
			case <-deadline:
				s.t.Fatalf("node %d is not %s\n%s", i, what, &p.log.b)
			}
		}
	}
}

// whole audits the ledger as a node serves it, and checks every receipt against it.
func (s *shared) whole(p *process, receipts []given) {
	s.t.Helper()
	list, err := audit.RootOfHome(s.nodes[0].dir)
	if err != nil {
		s.t.Fatal(err)
	}
	newest := receipts[0]
	for _, r := range receipts {
		if r.Index > newest.Index {
			newest = r
		}
	}
	deadline := time.Now().Add(time.Minute)
	for tick := time.NewTicker(100 * time.Millisecond); ; <-tick.C { // it publishes once a second
		got, err := audit.Ledger(s.t.Context(), audit.Task{Dir: p.url, Root: list})
		if err == nil && got.Status == verify.Holds && got.Alarm == nil && got.Size > newest.Index {
			p.hold(receipts, got.Size)
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%+v, %v\n%s", got, err, &p.log.b)
		}
	}
}
