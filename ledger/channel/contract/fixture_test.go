package contract

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
	"golang.org/x/mod/sumdb/note"
)

// channel is the state of the channel, with the writes of one transaction apart until
// it is committed: a chaincode does not see its own.
type channel map[string][]byte

type transaction struct {
	channel
	writes map[string][]byte
}

func (t transaction) Put(key string, value []byte) error {
	t.writes[key] = bytes.Clone(value)
	return nil
}

func (c channel) Get(key string) ([]byte, error) { return bytes.Clone(c[key]), nil }

// fataler is a test, or one run of a property.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// state is a member state with its log; fork is a second log that begins like it.
type state struct {
	code       string
	origin     evidence.Origin
	log, list  note.Signer
	logKey     trust.VKey
	log1, log2 *history
}

// history is one log, of which some other may share the first leaves.
type history struct {
	origin evidence.Origin
	disk   *ledgertest.Disk
	log    *ledgertest.MemLog
}

type world struct {
	t      fataler
	rules  Contract
	on     channel
	states map[string]*state
	list   *trust.List
}

// txID is in the form of Fabric's ids.
const txID = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

var day = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)

func must[T any](t fataler, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newState(t fataler, code string) (*state, trust.Founder) {
	s := &state{code: code, origin: evidence.Origin("ledger." + code)}
	key := func(name string, cosigner bool) (note.Signer, trust.VKey) {
		if cosigner {
			_, v, err := trust.GenerateCosignerKey(name)
			return nil, must(t, v, err)
		}
		skey, v, err := trust.GenerateKey(name)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := note.NewSigner(skey)
		return must(t, signer, err), v
	}
	f := trust.Founder{State: code, Authority: trust.DigestOf([]byte(code))}
	s.list, f.Key = key(code, false)
	s.log, f.Log = key(string(s.origin), false)
	_, f.Witness = key(code+".witness", true)
	_, f.Auditor = key(code+".auditor", true)
	s.logKey = f.Log
	s.log1, s.log2 = newHistory(t, s.origin), newHistory(t, s.origin)
	return s, f
}

// newWorld is a channel of three states on which nothing is adopted.
func newWorld(t fataler) *world {
	w := &world{t: t, on: channel{}, states: map[string]*state{}}
	f := trust.Founding{From: day, Issued: day, NextUpdate: day.AddDate(1, 0, 0), F: -1}
	for _, code := range []string{"AA", "BB", "CC"} {
		s, founder := newState(t, code)
		w.states[code], f.Founders = s, append(f.Founders, founder)
	}
	f.F = trust.Tolerable(2)
	l, _, err := trust.Found(f)
	w.list = w.sign(must(t, l, err), nil)
	w.rules.First = w.list.Digest()
	return w
}

// adopt lets every state vote for the first list.
func (w *world) adopt() *world {
	for _, code := range []string{"AA", "BB", "CC"} {
		w.do(code, FuncTrust, w.list.Note())
	}
	return w
}

func (w *world) sign(l, previous *trust.List) *trust.List {
	w.t.Helper()
	var signers []note.Signer
	for _, code := range []string{"AA", "BB", "CC"} {
		signers = append(signers, w.states[code].list)
	}
	b, err := l.Sign(signers...)
	opened, err := trust.Open(must(w.t, b, err), previous)
	return must(w.t, opened, err)
}

// try runs one transaction on a copy; it commits only what it does without an error.
func (w *world) try(submitter, function string, args ...[]byte) ([]byte, map[string][]byte, error) {
	tx := transaction{w.on, map[string][]byte{}}
	answer, err := w.rules.Invoke(tx, Transaction{ID: txID, Submitter: submitter}, function, args)
	if err != nil {
		return nil, nil, err
	}
	maps.Copy(w.on, tx.writes)
	return answer, tx.writes, nil
}

func (w *world) do(submitter, function string, args ...[]byte) map[string][]byte {
	w.t.Helper()
	_, writes, err := w.try(submitter, function, args...)
	return must(w.t, writes, err)
}

func newHistory(t fataler, o evidence.Origin) *history {
	d := ledgertest.NewDisk(o)
	l, err := d.Open()
	return &history{o, d, must(t, l, err)}
}

// grow adds n leaves that are those of every history grown with the same salt.
func (h *history) grow(n int, salt byte) {
	size, _ := h.log.Size(context.Background())
	for i := range n {
		leaf := ledger.Leaf{byte(ledger.TypeAccessLog), salt, byte(int(size) + i), byte((int(size) + i) >> 8)}
		h.disk.Force(leaf)
	}
}

func (w *world) tree(h *history, size uint64) ledger.Checkpoint {
	w.t.Helper()
	c, err := ledger.CheckpointOf(h.origin, size, h.log.Hashes(context.Background(), size))
	return must(w.t, c, err)
}

func (w *world) note(s *state, h *history, size uint64) []byte {
	w.t.Helper()
	b, err := w.tree(h, size).Sign(s.log)
	return must(w.t, b, err)
}

func (w *world) proof(h *history, from, to uint64) []byte {
	w.t.Helper()
	p, err := w.tree(h, to).ProveConsistency(h.log.Hashes(context.Background(), to), w.tree(h, from))
	return encode(w.t, must(w.t, p, err))
}

func encode(t fataler, p []evidence.Hash) []byte {
	b, err := evidence.Canonical(append([]evidence.Hash{}, p...))
	return must(t, b, err)
}

// forkAlarm proves that the larger tree of h2 does not begin with h1's smaller one.
func (w *world) forkAlarm(s *state, h1, h2 *history, small, large uint64) []byte {
	w.t.Helper()
	p, err := ledger.ProveRange(h2.log.Hashes(context.Background(), large), small, small, large)
	a := witness.Alarm{Kind: witness.Fork, Notes: [][]byte{w.note(s, h1, small), w.note(s, h2, large)},
		Ranges: []witness.Range{{First: small, Proof: must(w.t, p, err)}}}
	b, err := a.Marshal()
	return must(w.t, b, err)
}

func (w *world) head(o evidence.Origin) (ledger.Checkpoint, bool) {
	w.t.Helper()
	b, _, err := w.try("AA", FuncHead, []byte(o))
	if IsRefused(err, Absent) {
		return ledger.Checkpoint{}, false
	}
	_, c, err := anchor.ParseAnchored(must(w.t, b, err))
	return must(w.t, c, err), true
}

func digest(b []byte) []byte { d := trust.DigestOf(b); return []byte(hex.EncodeToString(d[:])) }

func wantRefused(t *testing.T, err error, c Code) {
	t.Helper()
	if !IsRefused(err, c) {
		t.Errorf("%v, want %s", err, c)
	}
	if err != nil {
		if got := CodeOf(fmt.Sprintf("chaincode response 500, %s", err.(*RefusedError).Answer())); got != c {
			t.Errorf("code %q in the answer, want %q", got, c)
		}
	}
}

// wrongKey is a checkpoint of s that another key of the same name signed.
func wrongKey(t fataler, w *world, s *state, size uint64) []byte {
	b, err := w.tree(s.log1, size).Sign(signer(t, string(s.origin)))
	return must(t, b, err)
}

func wrongName(t fataler, w *world, s *state) []byte {
	c := w.tree(s.log1, 5)
	c.Origin = "ledger.ZZ"
	b, err := c.Sign(signer(t, "ledger.ZZ"))
	return must(t, b, err)
}

// strangers is an alarm whose checkpoints another key signed.
func strangers(t fataler, w *world, s *state) []byte {
	other := *s
	other.log = signer(t, string(s.origin))
	return w.forkAlarm(&other, s.log1, s.log2, 5, 9)
}

func signer(t fataler, name string) note.Signer {
	skey, _, err := trust.GenerateKey(name)
	s, err2 := note.NewSigner(must(t, skey, err))
	return must(t, s, err2)
}
