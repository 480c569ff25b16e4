//go:build engines && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/store/s3/s3test"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/channeltest"
	"example.org/custody/ledger/channel/contract"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/trillianlog/trilliantest"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"golang.org/x/mod/sumdb/note"
)

// story is three states with their nodes and desks, and the channel that they share.
type story struct {
	t         testing.TB
	dir       string // of all files; commands run in it
	net       *channeltest.Network
	agreement *anchor.Agreement
	urls      map[string]string    // of nodes, by state
	env       []string             // of all programs, beside the test's
	engine    []string             // flags of the desks' ledgers; none: embedded
	bucket    *s3.Location         // of their evidence; nil: in folders
	servers   []server             // what can be killed
	running   map[string]*exec.Cmd // of servers that are our programs
	told      []string             // what the verdicts came to
}

// origin is the ledger whose checkpoints are anchored.
const origin = evidence.Origin("custody.aa.example/ledger")

// passphrase is that of every desk.
const passphrase = "correct horse battery"

// patience is how long anything may take that takes a second.
const patience = 2 * time.Minute

// What a state's node logs is anchored on the channel, and what the channel says of it
// holds in a package, offline. When the orderers are gone receipts go on. A fork that the
// ledger signs is recorded for good, nothing of it is anchored, and it fails in a package.
// All of it comes to the same, check by check, with the states' ledgers over Trillian and
// their evidence in a bucket, whichever server keeps it; there, every server is killed in
// the midst of it. All evidence is read back.
func TestEngineStory(t *testing.T) {
	var embedded []string
	t.Run("embedded", func(t *testing.T) { embedded = newStory(t).tell() })
	for _, kind := range s3test.Kinds() {
		t.Run("over Trillian and "+string(kind), func(t *testing.T) {
			served := newStory(t).over(trilliantest.Start(t), s3test.Start(t, kind)).tell()
			if !slices.Equal(embedded, served) {
				t.Errorf("embedded\n%s\nover servers\n%s", strings.Join(embedded, "\n"), strings.Join(served, "\n"))
			}
		})
	}
}

func newStory(t testing.TB) *story {
	return &story{t: t, dir: t.TempDir(), urls: map[string]string{}, running: map[string]*exec.Cmd{}}
}

// over has the states' desks keep ledgers and evidence at servers.
func (s *story) over(ledgers *trilliantest.Servers, objects *s3test.Server) *story {
	s.env = []string{"AWS_ACCESS_KEY_ID=" + s3test.Key, "AWS_SECRET_ACCESS_KEY=" + s3test.Secret}
	s.engine = []string{"--engine", "trillian", "--database", ledgers.URI, "--log-server", ledgers.Address}
	bucket := objects.NewBucket(s.t, true)
	s.bucket = &bucket
	s.servers = []server{
		{"the database", ledgers.Database.Kill, ledgers.Database.Start},
		{"the log server", ledgers.Log.Kill, ledgers.Log.Start},
		{"the log signer", ledgers.Signer.Kill, ledgers.Signer.Start},
		{"the object storage", objects.Kill, func() { objects.Restart(s.t) }},
	}
	return s
}

// kept are the flags of a state's desk that say where it keeps things.
func (s *story) kept(state string) []string {
	if s.bucket == nil {
		return nil
	}
	return append(slices.Clone(s.engine), "--store", s.bucket.Below(state).String())
}

// tell tells the story, and returns what the verdicts in it came to.
func (s *story) tell() []string {
	t := s.t
	s.begin()
	s.seal("E-1")
	proof := s.anchored(s.size())
	says := s.packed("E-1", proof)
	if f := finding(says, "channel.anchor"); says.Exit != verify.ExitHolds || f == nil || f.Status != verify.Holds || !strings.Contains(f.Detail, "committed, on the word of the peers of") {
		t.Fatalf("exit %d, %q: %+v", says.Exit, says.Sentence, f)
	}
	s.net.Ordering[0].Kill()
	s.seal("E-2")
	s.net.Ordering[0].Start()
	s.anchored(s.size())
	if len(s.engine) > 0 {
		s.killed()
	} else {
		s.readsBack("AA", "E-1", "E-2")
	}
	s.forked(proof)
	return s.told
}

// begin lets the states found what they share, keep their ledgers at nodes and anchor them.
func (s *story) begin() {
	s.t.Helper()
	s.build()
	s.net = channeltest.Start(s.t, channeltest.Options{First: s.found})
	s.nodes()
	for _, state := range channeltest.States {
		s.keep("custody-channel of "+state, nil, s.channel(state, s.urls[state], "1s")...)
		s.vote(state)
	}
}

// note keeps what a verdict came to, without what differs from run to run.
func (s *story) note(v *verify.Verdict) {
	s.told = append(s.told, fmt.Sprintf("exit %d", v.Exit))
	for _, i := range v.Items {
		for _, q := range i.Questions {
			for _, f := range q.Findings {
				s.told = append(s.told, fmt.Sprintf("question %d, %s: %s", q.N, f.Check, f.Status))
			}
		}
	}
}

// build builds the programs.
func (s *story) build() {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), "go", "build", "-o", s.dir+"/", "../custody", "../custodyd", ".")
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
}

// command is one of the programs, in the story's folder.
func (s *story) command(argv ...string) *exec.Cmd {
	c := exec.CommandContext(s.t.Context(), filepath.Join(s.dir, argv[0]), argv[1:]...)
	c.Dir = s.dir
	c.Env = append(append(os.Environ(), "CUSTODY_PASSPHRASE_COMMAND=echo "+passphrase), s.env...)
	return c
}

// run runs a program to its end and returns what it says on standard output.
func (s *story) run(argv ...string) []byte {
	s.t.Helper()
	out, err := s.try(argv...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// try is run of what may fail.
func (s *story) try(argv ...string) ([]byte, error) {
	c := s.command(argv...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("%v: %w\n%s%s", argv, err, out, errs.Bytes())
	}
	return out, err
}

// start starts a program that runs until the test ends.
func (s *story) start(argv ...string) *exec.Cmd { return s.startWith(nil, argv...) }

func (s *story) startWith(socket *os.File, argv ...string) *exec.Cmd {
	s.t.Helper()
	c := s.command(argv...)
	said, err := os.CreateTemp(s.dir, argv[0]+"-*.log")
	if err != nil {
		s.t.Fatal(err)
	}
	defer said.Close()
	c.Stderr = said
	if socket != nil {
		c.ExtraFiles = []*os.File{socket}
	}
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if s.t.Failed() {
			b, _ := os.ReadFile(said.Name())
			s.t.Logf("%v\n%s", argv, b[max(0, len(b)-3000):])
		}
	})
	return c
}

// found lets the states make their desks and agree on a list that pins the agreement
// about the channel.
func (s *story) found(n *channeltest.Network) trust.Digest {
	s.t.Helper()
	agree := []string{"custody-channel", "agreement", "--channel", channeltest.Channel, "--chaincode", channeltest.Chaincode, "--out", "channel.json",
		"--orderer", channeltest.Orderers + "=" + n.Authority(channeltest.Orderers)}
	for _, state := range channeltest.States {
		agree = append(agree, "--state", state+"="+n.Authority(state))
	}
	instrument := strings.TrimSpace(string(s.run(agree...)))
	text, err := os.ReadFile(filepath.Join(s.dir, "channel.json"))
	if err == nil {
		s.agreement, err = anchor.ParseAgreement(text)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	propose := []string{"custody", "trust", "propose", "--home", "AA", "--out", "common.trust", "--instrument", instrument}
	for _, state := range channeltest.States {
		s.run(append([]string{"custody", "init", "--home", state, "--state", state, "--officer", "ann", "--role", "collector", "--no-recovery"}, s.kept(state)...)...)
		if state != "AA" {
			s.run("custody", "trust", "founder", "--home", state, "--out", state+".founder")
			propose = append(propose, "--founder", state+".founder")
		}
	}
	s.run(propose...)
	for _, state := range channeltest.States[1:] {
		s.run("custody", "trust", "sign", "common.trust", "--home", state)
	}
	for _, round := range [][]string{channeltest.States, channeltest.States} { // the first has nobody to cosign yet
		for _, state := range round {
			s.run(append([]string{"custody", "trust", "cosigners", "--home", state}, s.others(state, func(o string) string { return filepath.Join(o, "cosigner") })...)...)
			s.run("custody", "trust", "adopt", "common.trust", "--home", state)
		}
	}
	list, err := os.ReadFile(s.list())
	if err != nil {
		s.t.Fatal(err)
	}
	return trust.DigestOf(list)
}

// list is the list that AA has pinned.
func (s *story) list() string { return filepath.Join(s.dir, "AA", "trust", "list.note") }

func (s *story) others(than string, as func(string) string) (all []string) {
	for _, state := range channeltest.States {
		if state != than {
			all = append(all, as(state))
		}
	}
	return all
}

// nodes lets every state's ledger be kept by a node, which the two others cosign.
func (s *story) nodes() {
	s.t.Helper()
	sockets := map[string]*os.File{}
	for _, state := range channeltest.States {
		at, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		s.urls[state] = "http://" + at.Addr().String()
		if sockets[state], err = at.(*net.TCPListener).File(); err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() { sockets[state].Close() })
		if err := at.Close(); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, state := range channeltest.States {
		s.run("custodyd", "init", "--home", state, "--address", s.urls[state])
		s.run(append([]string{"custody", "trust", "cosigners", "--home", state}, s.others(state, func(o string) string { return s.urls[o] })...)...)
		argv := []string{"custodyd", "serve", "--home", state, "--listen", "fd:3"}
		for _, o := range s.others(state, func(o string) string { return o }) {
			argv = append(argv, "--ledger", "custody."+strings.ToLower(o)+".example/ledger="+s.urls[o])
		}
		s.keep("the node of "+state, sockets[state], argv...)
	}
	for _, state := range channeltest.States {
		s.until("the node of "+state+" to answer", func() error {
			_, err := get(http.DefaultClient, s.urls[state]+"/checkpoint")
			return err
		})
	}
}

// channel is the command line that anchors AA's ledger as a state.
func (s *story) channel(state, node, every string) []string {
	argv := []string{"custody-channel", "serve", "--agreement", "channel.json", "--trust", s.list(), "--sdk", s.net.SDK(state), "--org", state,
		"--node", node, "--origin", "custody." + strings.ToLower(state) + ".example/ledger",
		"--proofs", "proofs-" + state, "--socket", state + ".sock", "--every", every}
	for _, p := range channeltest.States {
		argv = append(argv, "--peer", channeltest.PeerName(p))
	}
	return argv
}

// ask asks at the socket that a state's process answers at.
func (s *story) ask(state, method, path string, body []byte) ([]byte, error) {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(s.dir, state+".sock"))
	}}}
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://channel"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return answer(c.Do(r))
}

func get(c *http.Client, url string) ([]byte, error) { return answer(c.Get(url)) }

func answer(resp *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, b)
	}
	return b, err
}

// until tries again until do succeeds.
func (s *story) until(what string, do func() error) {
	s.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		err := do()
		if err == nil {
			return
		}
		if time.Now().After(deadline) || s.t.Context().Err() != nil {
			s.t.Fatalf("waiting for %s: %v", what, err)
		}
	}
}

// vote votes for the first list as a state.
func (s *story) vote(state string) {
	s.t.Helper()
	list, err := os.ReadFile(s.list())
	if err != nil {
		s.t.Fatal(err)
	}
	s.until(state+"'s vote", func() error {
		_, err := s.ask(state, http.MethodPost, "/v1/trust", list)
		if err != nil && strings.Contains(err.Error(), string(contract.Already)) {
			return nil // the answer to an earlier try was lost
		}
		return err
	})
}

// seal seals something at AA's node, and wants the receipt.
func (s *story) seal(exhibit string) {
	s.t.Helper()
	if err := s.put(exhibit); err != nil {
		s.t.Fatal(err)
	}
	out := s.run("custody", "seal", "--home", "AA", exhibit, "--case", "K", "--exhibit", exhibit, "--json")
	if !bytes.Contains(out, []byte(`"receipt":`)) || bytes.Contains(out, []byte(`"pending"`)) {
		s.t.Fatalf("no receipt for %s: %s", exhibit, out)
	}
}

// size is how many leaves AA's node shows.
func (s *story) size() uint64 {
	s.t.Helper()
	signed, err := get(http.DefaultClient, s.urls["AA"]+"/checkpoint")
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.Size
}

// head returns the newest anchor of AA's ledger, as a state sees it.
func (s *story) head(state string) (anchor.Anchored, ledger.Checkpoint, error) {
	b, err := s.ask(state, http.MethodGet, "/v1/head?origin="+string(origin), nil)
	if err != nil {
		return anchor.Anchored{}, ledger.Checkpoint{}, err
	}
	return anchor.ParseAnchored(b)
}

// anchored waits until another state sees a tree of at least size leaves anchored, and
// returns the file with its proof, after checking it.
func (s *story) anchored(size uint64) string {
	s.t.Helper()
	return s.anchoredAs("BB", size)
}

// anchoredAs is anchored as a state sees it.
func (s *story) anchoredAs(state string, size uint64) string {
	s.t.Helper()
	var file string
	s.until(fmt.Sprintf("an anchor of %d leaves", size), func() error {
		a, tree, err := s.head(state)
		if err == nil && tree.Size < size {
			err = fmt.Errorf("%d leaves are anchored", tree.Size)
		}
		if err != nil {
			return err
		}
		file = filepath.Join(s.dir, "proofs-AA", a.Transaction+".anchor")
		r, err := s.proves(file)
		if err == nil && (!r.Committed() || r.Tree != tree) {
			err = fmt.Errorf("%+v", r)
		}
		return err
	})
	return file
}

// proves checks a file with a proof, as anybody may.
func (s *story) proves(file string) (*anchor.Result, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p, err := anchor.ParseProof(b)
	if err != nil {
		return nil, err
	}
	return p.Verify(s.agreement)
}

// packed packs an item with an anchor proof and verifies the package.
func (s *story) packed(exhibit, proof string) *verify.Verdict {
	s.t.Helper()
	s.run("custody", "pack", "--home", "AA", exhibit, "--out", "p.asice", "--force", "--anchor", proof, "--agreement", "channel.json")
	out, err := s.command("custody", "verify", "--trust", s.list(), "p.asice", "--json").Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	var v verify.Verdict
	if err := json.Unmarshal(out, &v); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	s.note(&v)
	return &v
}

// finding returns the finding of a check about the vouching states, nil when there is none.
func finding(v *verify.Verdict, check string) *verify.Finding {
	for _, i := range v.Items {
		for _, f := range i.Questions[5].Findings {
			if f.Check == check {
				return &f
			}
		}
	}
	return nil
}

// forked shows AA's process a ledger that AA's key has signed and that does not go on
// from what is anchored.
func (s *story) forked(last string) {
	s.t.Helper()
	before, tree, err := s.head("CC")
	if err != nil {
		s.t.Fatal(err)
	}
	lies := httptest.NewServer(http.FileServer(http.Dir(s.fork(tree.Size + 5))))
	s.t.Cleanup(lies.Close)
	argv := s.channel("AA", lies.URL, "1s")
	for i := range argv {
		if argv[i] == "AA.sock" {
			argv[i] = "fork.sock"
		}
	}
	s.start(argv...)
	var caught []byte
	s.until("the alarm", func() (err error) {
		caught, err = s.ask("fork", http.MethodPost, "/v1/anchor", nil)
		if err != nil && strings.Contains(err.Error(), "an alarm about the ledger is recorded") {
			return nil
		}
		return errors.Join(err, errors.New("nothing was caught"))
	})
	for _, state := range channeltest.States {
		if a, now, err := s.head(state); err != nil || now.Size < tree.Size || a.State != "AA" || now.Size == tree.Size && a.Note != before.Note {
			s.t.Errorf("%s has %+v, %v; %s", state, a, err, caught)
		}
	}
	alarm := s.alarm()
	says := s.packed("E-1", alarm)
	if f := finding(says, "channel.alarm"); says.Exit != verify.ExitFails || f == nil || f.Status != verify.Fails {
		s.t.Errorf("exit %d, %q: %+v", says.Exit, says.Sentence, f)
	}
	if says := s.packed("E-2", last); says.Exit != verify.ExitHolds { // what was anchored before is as good as it was
		s.t.Errorf("exit %d, %q", says.Exit, says.Sentence)
	}
}

// fork makes a ledger of other leaves under AA's key, and returns its tiles.
func (s *story) fork(size uint64) string {
	s.t.Helper()
	key, err := os.ReadFile(filepath.Join(s.dir, "AA", "node", "ledger.key"))
	if err != nil {
		s.t.Fatal(err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(key)))
	if err != nil {
		s.t.Fatal(err)
	}
	dir := filepath.Join(s.dir, "fork")
	if err := tesseralog.Create(s.t.Context(), dir, signer); err != nil {
		s.t.Fatal(err)
	}
	l, err := tesseralog.Open(s.t.Context(), dir, signer)
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = l.Append(s.t.Context(), ledgertest.Events(1000, 1000+size))
	if err = errors.Join(err, l.Close()); err != nil {
		s.t.Fatal(err)
	}
	return filepath.Join(dir, "log")
}

// alarm returns the file with the proof that the fork was recorded.
func (s *story) alarm() string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "proofs-AA", "*.anchor"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range files {
		if r, err := s.proves(f); err == nil && r.Kind == anchor.Alarm && r.First && r.Committed() {
			return f
		}
	}
	s.t.Fatalf("none of %d proofs is of an alarm that was committed", len(files))
	return ""
}
