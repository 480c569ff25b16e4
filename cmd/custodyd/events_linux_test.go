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

	"golang.org/x/sys/unix"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/node"
)

const passphrase = "correct horse battery staple"

// land is a member state: a home, its node, and an officer.
type land struct {
	t      *testing.T
	dir    string
	code   string
	origin evidence.Origin
	url    string
	socket *os.File // listens
	stop   context.CancelFunc
	ended  chan error
	out    *said
	others []*land
}

// found makes states that know one another, with one officer each and nodes made.
func found(t *testing.T, codes ...string) []*land {
	t.Helper()
	return foundOver(t, nil, codes...)
}

// foundOver is found with engines of their own for the ledgers of some states.
func foundOver(t *testing.T, engines map[string]engine.Choice, codes ...string) []*land {
	t.Helper()
	var all []*land
	var made []*desk.Created
	for _, code := range codes {
		l := &land{t: t, dir: filepath.Join(ledgertest.Folder(t), strings.ToLower(code)), code: code}
		c, err := desk.Create(t.Context(), desk.CreateOptions{Dir: l.dir, State: code, Engine: engines[code]})
		if err != nil {
			t.Fatal(err)
		}
		l.origin = c.Config.Origin
		l.listen()
		all, made = append(all, l), append(made, c)
	}
	if _, err := desk.Found(t.Context(), made[0].Now(), made...); err != nil {
		t.Fatal(err)
	}
	for i, c := range made {
		for j, other := range all {
			if i != j {
				all[i].others = append(all[i].others, other)
			}
		}
		if err := errors.Join(c.UseCosigners(all[i].urls()...), c.MakeNode()); err != nil {
			t.Fatal(err)
		}
		all[i].start()
		all[i].out.wait(t, "serving") // command lines of one process share a flag, --help, while they are read
	}
	for _, l := range all {
		l.out.wait(t, "taking events")
	}
	// The nodes keep the ledgers from the first enrolment on.
	for i, c := range made {
		c.Node = all[i].url
		_, err := c.AddOfficer(t.Context(), desk.NewOfficer{Alias: "ann", Role: evidence.RoleCustodian, Passphrase: passphrase})
		if err := errors.Join(err, c.Close()); err != nil {
			t.Fatalf("%v\n%s", err, &all[i].out.b)
		}
	}
	return all
}

func (l *land) urls() (all []string) {
	for _, o := range l.others {
		all = append(all, o.url)
	}
	return all
}

// listen takes a port, which the node inherits.
func (l *land) listen() {
	l.t.Helper()
	at, err := new(net.ListenConfig).Listen(l.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	l.url = "http://" + at.Addr().String()
	if l.socket, err = at.(*net.TCPListener).File(); err != nil {
		l.t.Fatal(err)
	}
	if err := at.Close(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { l.socket.Close() })
}

// serve starts the node and waits until it takes events.
func (l *land) serve() {
	l.t.Helper()
	l.start()
	l.out.wait(l.t, "taking events")
}

func (l *land) start() {
	l.t.Helper()
	fd, err := unix.Dup(int(l.socket.Fd()))
	if err != nil {
		l.t.Fatal(err)
	}
	args := []string{"custodyd", "serve", "--home", l.dir, "--listen", fmt.Sprintf("fd:%d", fd)}
	for _, o := range l.others {
		args = append(args, "--ledger", string(o.origin)+"="+o.url)
	}
	ctx, stop := context.WithCancel(l.t.Context())
	l.stop, l.ended, l.out = stop, make(chan error, 1), newSaid()
	go func() { l.ended <- newApp(ui.Streams{Out: io.Discard, Err: l.out}).RunContext(ctx, args) }()
}

// end stops the node and waits for it.
func (l *land) end() {
	l.t.Helper()
	l.stop()
	if err := <-l.ended; err != nil {
		l.t.Errorf("%s: %v\n%s", l.code, err, &l.out.b)
	}
}

// ready returns what the node says of itself.
func (l *land) ready() string {
	l.t.Helper()
	r, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, l.url+"/readyz", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, b)
}

// unlock opens the home at its node.
func (l *land) unlock() *desk.Session {
	l.t.Helper()
	h, err := desk.Open(l.dir)
	if err != nil {
		l.t.Fatal(err)
	}
	h.Node = l.url
	s, err := h.Unlock(l.t.Context(), "ann", passphrase)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

// Two states with a node each: an officer's desk logs its acts at its node, with
// receipts that the other state cosigned; after a restart the node goes on, and its
// access log holds under the ledger's leaves.
func TestServeEvents(t *testing.T) {
	all := found(t, "AA", "BB")
	aa := all[0]
	s := aa.unlock()
	done, err := s.Seal(t.Context(), desk.Sealing{Object: "phone", Fields: map[string]any{"exhibit": "E-1"}})
	if err != nil || done.Receipt == nil {
		t.Fatalf("%+v, %v\n%s", done, err, &aa.out.b)
	}
	it, err := s.Find(t.Context(), "E-1")
	if err != nil {
		t.Fatal(err)
	}
	aa.end()
	aa.serve()
	if _, err := s.Do(t.Context(), desk.Act{Item: it, Action: evidence.Examine}); err != nil {
		t.Fatalf("after a restart: %v\n%s", err, &aa.out.b)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, l := range all {
		l.end()
	}
	checkAccessLog(t, aa, it)
}

// checkAccessLog looks at an item once more, and finds that in the log, for which the
// ledger vouches; and that it cannot be taken out.
func checkAccessLog(t *testing.T, l *land, it *desk.Item) {
	t.Helper()
	for _, o := range l.others {
		o.serve()
		defer o.end()
	}
	l.serve()
	s := l.unlock()
	_, as := s.Acting()
	look := access.Line{Answer: access.Given, At: evidence.Instant(s.Now()), Call: access.Item, Key: as.Key, Reason: "custody K-1", Subject: it.ID.String()}
	l.end()
	path := filepath.Join(l.dir, "node", "access.jsonl")
	log, err := node.OpenAccessLog(path, durable.Files{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(log.Add(t.Context(), look), log.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	l.serve()
	l.end() // puts the log's hash into the ledger
	exit, out, errs := typed(t, "", "access-log", "--home", l.dir)
	if exit != 0 || !strings.Contains(out, it.ID.String()) || !strings.Contains(errs, "lines: 1, one chain; the ledger vouches for the first 1") {
		t.Errorf("exit %d\n%s%s", exit, out, errs)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if exit, out, errs := typed(t, "", "access-log", "--home", l.dir); exit != ui.ExitNotAuthentic || out != "" || !strings.Contains(errs, "vouches for") {
		t.Errorf("cut: exit %d\n%s%s", exit, out, errs)
	}
}

// Two nodes on one ledger: the second does not begin.
func TestServeTwice(t *testing.T) {
	all := found(t, "AA", "BB")
	if _, err := desk.OpenServed(all[0].dir); !errors.Is(err, cosigner.ErrServed) {
		t.Errorf("the home is served twice: %v", err)
	}
	// Nor does one that has the ledger in another way.
	if _, err := nodehome.OpenHome(t.Context(), nodehome.Options{Home: all[0].dir}); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("the ledger is open twice: %v", err)
	}
	for _, l := range all {
		l.end()
	}
}

// With the other state's node down an act is logged and has no receipt; when it is back
// the same act gets its receipt, and nothing is logged twice.
func TestWitnessDown(t *testing.T) {
	all := found(t, "AA", "BB")
	aa, bb := all[0], all[1]
	bb.end()
	s := aa.unlock()
	done, err := s.Seal(t.Context(), desk.Sealing{Object: "phone", Fields: map[string]any{"exhibit": "E-1"}})
	if err == nil && done.Receipt != nil {
		t.Fatalf("a receipt without the quorum: %+v", done)
	}
	if got := aa.ready(); got != "503 not ready: below the quorum\n" {
		t.Errorf("below the quorum it answers %q", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	bb.serve()
	s = aa.unlock() // takes up what waits
	it, err := s.Find(t.Context(), "E-1")
	if err != nil {
		t.Fatal(err)
	}
	if len(it.Entries) != 1 || it.Last().Body.Receipt == "" {
		t.Errorf("%d events, receipt %q", len(it.Entries), it.Last().Body.Receipt)
	}
	if got := aa.ready(); got != "200 ready\n" {
		t.Errorf("with the quorum it answers %q", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, l := range all {
		l.end()
	}
	if b, err := os.ReadFile(filepath.Join(aa.dir, "ledger", "cosigned.json")); err != nil || strings.Count(string(b), "\u2014 ") < 3 {
		t.Errorf("cosigners' newest notes are not kept: %s, %v", b, err)
	}
}
