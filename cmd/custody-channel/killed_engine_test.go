//go:build engines && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/channel/channeltest"
	"example.org/custody/ledger/client"
	"example.org/custody/signing/trust"
)

// server is a process that can be killed as kill -9 does, and started again.
type server struct {
	name        string
	kill, start func()
}

// keep starts a program that runs until the test ends, or is killed.
func (s *story) keep(name string, socket *os.File, argv ...string) {
	s.t.Helper()
	start := func() { s.running[name] = s.startWith(socket, argv...) }
	kill := func() { _ = s.running[name].Process.Kill(); _ = s.running[name].Wait() }
	start()
	s.servers = append(s.servers, server{name, kill, start})
}

// everything is every server process of the story.
func (s *story) everything() []server {
	all := append([]server{}, s.servers...)
	for i, p := range s.net.Ordering {
		all = append(all, server{fmt.Sprintf("orderer %d", i+1), p.Kill, p.Start})
	}
	for _, state := range channeltest.States {
		all = append(all, server{"the peer of " + state, s.net.Peers[state].Kill, s.net.Peers[state].Start},
			server{"the chaincode of " + state, s.net.Chaincodes[state].Kill, s.net.Chaincodes[state].Start})
	}
	return all
}

// killed kills every server process in turn while an officer of every state seals one
// thing after another, and starts it again. Each time everybody is given receipts again
// and the channel anchors again. Then every ledger is whole by a replay of its leaves, and
// every receipt that was ever given is of it, and all that was sealed is read back.
func (s *story) killed() {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	defer stop()
	var at sync.WaitGroup
	officers, sealed := map[string]*officer{}, map[string][]string{"AA": {"E-1", "E-2"}}
	for _, state := range channeltest.States {
		o := &officer{s: s, state: state, gave: make(chan struct{}, 1)}
		officers[state] = o
		at.Go(func() { o.seal(ctx) })
	}
	for _, v := range s.everything() {
		from := time.Now()
		v.kill()
		v.start()
		for _, o := range officers {
			o.goesOn(v.name)
		}
		s.anchored(s.size())
		s.t.Logf("%s: killed, and all went on after %.1f s", v.name, time.Since(from).Seconds())
	}
	stop()
	at.Wait()
	for state, o := range officers {
		s.run("custody", "list", "--home", state) // which logs what waits
		s.whole(state, o.given)
		for _, g := range o.given {
			sealed[state] = append(sealed[state], g.exhibit)
		}
		s.readsBack(state, sealed[state]...)
	}
}

// officer seals at a state's node, and goes on with the next thing when one fails.
type officer struct {
	s     *story
	state string
	gave  chan struct{} // gets something at every receipt
	given []given
	mu    sync.Mutex
	last  string // what was said of the last thing that was not sealed
}

// given is a receipt that somebody was given, and what it is of.
type given struct {
	ledger.Receipt
	leaf    evidence.Hash
	exhibit string
}

// seal seals until ctx ends.
func (o *officer) seal(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		r, err := o.one(fmt.Sprintf("%s-%d", o.state, n))
		if err != nil {
			o.mu.Lock()
			o.last = err.Error()
			o.mu.Unlock()
			continue
		}
		o.given = append(o.given, r)
		select {
		case o.gave <- struct{}{}:
		default:
		}
	}
}

// one seals one thing and returns the receipt, which the tool writes only when it has it.
func (o *officer) one(exhibit string) (given, error) {
	if err := o.s.put(exhibit); err != nil {
		return given{}, err
	}
	out, err := o.s.try("custody", "seal", "--home", o.state, exhibit, "--case", "K", "--exhibit", exhibit, "--receipt", exhibit+".receipt", "--json")
	if err != nil {
		return given{}, err
	}
	b, err := os.ReadFile(filepath.Join(o.s.dir, exhibit+".receipt"))
	if err != nil {
		return given{}, fmt.Errorf("%w: %s", err, out)
	}
	r, err := ledger.ParseReceipt(b)
	if err != nil {
		return given{}, err
	}
	leaf, err := leafOf(out)
	return given{r, leaf, exhibit}, err
}

// leafOf returns the leaf hash of the one act in what the tool printed.
func leafOf(out []byte) (evidence.Hash, error) {
	var said struct {
		Acts []struct {
			LeafHash evidence.Hash `json:"leaf_hash"`
		}
	}
	if err := lines(out, &said); err != nil || len(said.Acts) != 1 {
		return evidence.Hash{}, fmt.Errorf("%w: %s", err, out)
	}
	return said.Acts[0].LeafHash, nil
}

// lines reads what a program printed, one value a line, into v: the last that has a member
// counts.
func lines(out []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(out))
	for d.More() {
		if err := d.Decode(v); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	return nil
}

// goesOn waits until the officer is given two more receipts: the first may have been under
// way.
func (o *officer) goesOn(killed string) {
	o.s.t.Helper()
	select {
	case <-o.gave:
	default:
	}
	for range 2 {
		select {
		case <-o.gave:
		case <-time.After(patience):
			o.mu.Lock()
			defer o.mu.Unlock()
			o.s.t.Fatalf("%s was killed: no receipt for %s any more; %s", killed, o.state, o.last)
		}
	}
}

// whole audits a state's ledger as its node serves it, and checks every receipt against it.
func (s *story) whole(state string, receipts []given) {
	s.t.Helper()
	size := s.audited(state, receipts)
	key := s.key(state)
	n, err := client.New(s.urls[state], nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer n.Close()
	var leaves []ledger.Leaf
	for l, err := range n.Log().At(size).Leaves(s.t.Context(), 0, size) {
		if err != nil {
			s.t.Fatal(err)
		}
		leaves = append(leaves, l)
	}
	v, err := key.Verifier()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range receipts {
		if _, err := r.Verify(leaves[r.Index], v); err != nil || leaves[r.Index].Hash() != r.leaf {
			s.t.Errorf("%s: a receipt for leaf %d is not of this ledger: %v", state, r.Index, err)
		}
	}
	if len(receipts) == 0 {
		s.t.Errorf("%s was given no receipt", state)
	}
	s.t.Logf("%s: %d leaves, %d receipts", state, size, len(receipts))
}

// audited returns the size of the tree that an audit of a state's node finds whole, and
// that covers these receipts.
func (s *story) audited(state string, receipts []given) (size uint64) {
	s.t.Helper()
	s.until("the audit of "+state, func() error {
		out, err := s.try("custody", "audit", s.urls[state], "--trust", "common.trust", "--json")
		if err != nil {
			return err
		}
		var got struct{ Size uint64 }
		if err := lines(out, &got); err != nil {
			return err
		}
		for _, r := range receipts {
			if r.Index >= got.Size {
				return fmt.Errorf("%d leaves, and a receipt is for leaf %d", got.Size, r.Index)
			}
		}
		size = got.Size
		return nil
	})
	return size
}

// key returns the key of a state's ledger.
func (s *story) key(state string) trust.VKey {
	s.t.Helper()
	var shown struct {
		Logs []struct{ State, Key string }
	}
	if err := lines(s.run("custody", "trust", "show", "--home", state, "--json"), &shown); err != nil {
		s.t.Fatal(err)
	}
	i := slices.IndexFunc(shown.Logs, func(l struct{ State, Key string }) bool { return l.State == state })
	if i < 0 {
		s.t.Fatalf("the list has no ledger of %s: %+v", state, shown)
	}
	k, err := trust.ParseVKey(shown.Logs[i].Key)
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}
