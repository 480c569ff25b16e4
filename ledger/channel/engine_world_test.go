//go:build engines

package channel

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/ledger/channel/channeltest"
	"example.org/custody/ledger/channel/contract"
	"example.org/custody/signing/trust"
	"golang.org/x/mod/sumdb/note"
)

// real is a channel of three states that runs, with a first trust list adopted on it.
type real struct {
	t         testing.TB
	net       *channeltest.Network
	agreement *anchor.Agreement
	text      []byte // of the agreement
	list      *trust.List
	clients   map[string]*Client // by state
	logs      map[string]note.Signer
	keys      map[string]note.Verifier
	signers   []note.Signer // of trust lists

	mu  sync.Mutex
	odd map[string]int // how often a state's peer answered otherwise
}

func (w *real) heard(e *OddError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.odd[e.State]++
}

// oddOf returns how often a state's peer answered otherwise.
func (w *real) oddOf(state string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.odd[state]
}

// ledgersOfState makes thirty more ledgers in all, as many as a region of thirty states has.
const ledgersOfState = 10

func ledgerName(state string, i int) string { return fmt.Sprintf("ledger.%s.%d", state, i) }

// patience is how long a real network may take for what takes a second.
const patience = 2 * time.Minute

func start(t testing.TB) *real {
	t.Helper()
	return startOver(t, channeltest.Options{})
}

// startOver starts it on a network of which all but the first list is chosen.
func startOver(t testing.TB, o channeltest.Options) *real {
	t.Helper()
	w := &real{t: t, clients: map[string]*Client{}, logs: map[string]note.Signer{}, keys: map[string]note.Verifier{}, odd: map[string]int{}}
	o.First = w.first
	w.net = channeltest.Start(t, o)
	for _, s := range channeltest.States {
		config := w.config(s)
		config.Odd = w.heard
		c, err := Open(config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		w.clients[s] = c
	}
	w.ready()
	for _, s := range channeltest.States {
		if _, _, err := w.submit(s, contract.FuncTrust, w.list.Note()); err != nil {
			t.Fatalf("%s votes: %v", s, err)
		}
	}
	return w
}

func (w *real) config(state string) Config {
	c := Config{SDK: w.net.SDK(state), Agreement: w.agreement, Org: state, User: "User1", Peers: []string{channeltest.PeerName(state)}}
	for _, s := range channeltest.States {
		if s != state {
			c.Peers = append(c.Peers, channeltest.PeerName(s))
		}
	}
	return c
}

// ready waits until peers have heard of each other, so that endorsers can be found.
func (w *real) ready() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	for _, s := range channeltest.States {
		if err := w.clients[s].Ready(ctx); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *real) submit(state, function string, args ...[]byte) (string, []byte, error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	return w.clients[state].Submit(ctx, function, args...)
}

// first makes the agreement of the network and the trust list that pins it.
func (w *real) first(n *channeltest.Network) trust.Digest {
	w.t.Helper()
	a := anchor.Agreement{Chaincode: channeltest.Chaincode, Channel: channeltest.Channel, Endorsements: channeltest.Quorum, OrdererSignatures: 1, Version: 1}
	for _, s := range channeltest.States {
		a.States = append(a.States, anchor.Member{Authorities: [][]byte{w.der(n.Authority(s))}, MSP: s})
	}
	a.Orderers = []anchor.Member{{Authorities: [][]byte{w.der(n.Authority(channeltest.Orderers))}, MSP: channeltest.Orderers}}
	var err error
	if w.text, err = a.Marshal(); err != nil {
		w.t.Fatal(err)
	}
	if w.agreement, err = anchor.ParseAgreement(w.text); err != nil {
		w.t.Fatal(err)
	}
	w.found()
	if err := w.agreement.PinnedBy(w.list); err != nil {
		w.t.Fatal(err)
	}
	return w.list.Digest()
}

func (w *real) der(file string) []byte {
	w.t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	p, _ := pem.Decode(b)
	return p.Bytes
}

func (w *real) found() {
	w.t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	g := trust.Founding{From: now, Issued: now, NextUpdate: now.AddDate(1, 0, 0), F: trust.Tolerable(2),
		Instruments: []trust.Pin{{Name: w.agreement.Name(), Digest: w.agreement.Digest()}}}
	var all []error
	for _, code := range channeltest.States {
		m := trust.Founder{State: code, Authority: trust.DigestOf([]byte(code))}
		var list note.Signer
		list, m.Key = w.key(code)
		w.logs[code], m.Log = w.key("ledger." + code)
		v, err := m.Log.Verifier()
		w.keys[code], w.signers = v, append(w.signers, list)
		all = append(all, err)
		_, m.Witness, err = trust.GenerateCosignerKey(code + ".witness")
		all = append(all, err)
		_, m.Auditor, err = trust.GenerateCosignerKey(code + ".auditor")
		all = append(all, err)
		g.Founders = append(g.Founders, m)
	}
	l, _, err := trust.Found(g)
	if err = errors.Join(append(all, err)...); err != nil {
		w.t.Fatal(err)
	}
	for _, code := range channeltest.States {
		for i := 1; i <= ledgersOfState; i++ {
			name := ledgerName(code, i)
			key, v := w.key(name)
			w.logs[name] = key
			l.Logs = append(l.Logs, trust.Log{Origin: name, State: code, Key: v})
		}
	}
	if _, err := l.SetPolicies(trust.Tolerable(2)); err != nil {
		w.t.Fatal(err)
	}
	signed, err := l.Sign(w.signers...)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.list, err = trust.Open(signed, nil); err != nil {
		w.t.Fatal(err)
	}
}

func (w *real) key(name string) (note.Signer, trust.VKey) {
	w.t.Helper()
	skey, v, err := trust.GenerateKey(name)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		w.t.Fatal(err)
	}
	return s, v
}

// follower anchors a book as AA's ledger.
func (w *real) follower(b *book) *Follower {
	return &Follower{Origin: b.origin, Ledger: b, Channel: w.clients["AA"], Agreement: w.agreement, Trust: w.list, Dir: filepath.Join(w.t.TempDir(), "proofs")}
}

func (w *real) round(f *Follower) (*anchor.Result, error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	return f.Round(ctx)
}

// identity loads a certificate of the network with its key.
func (w *real) identity(of, who string) anchortest.Identity {
	w.t.Helper()
	i, err := anchortest.Load(of, w.net.MSP(of, who))
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}
