package channel

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/ledger/channel/contract"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/signing/trust"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// fake is a channel of three states in memory: the real rules over a map, and proofs
// signed as Fabric signs them.
type fake struct {
	t         *testing.T
	rules     contract.Contract
	state     map[string][]byte
	peers     map[string]anchortest.Identity
	clients   map[string]anchortest.Identity
	orderer   anchortest.Orderer
	agreement *anchor.Agreement
	envelopes map[string][]byte // by transaction
	log       note.Verifier     // of AA's ledger
	list      *trust.List

	submitter string
	silent    map[string]bool // peers that answer nothing
	fail      error           // of the next submission, which is committed all the same
	down      atomic.Bool     // no peer answers
	// says is what the peers that are asked say in the place of the rules; nil, or no
	// answer and no error: what the rules do
	says func(function string) ([]byte, error)
}

// lie returns what the peers say in the place of the rules.
func (f *fake) lie(function string) ([]byte, error) {
	if f.down.Load() {
		return nil, errDown
	}
	if f.says == nil {
		return nil, nil
	}
	return f.says(function)
}

var errDown = errors.New("no peer answers")

var epoch = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func newFake(t *testing.T) *fake {
	f := &fake{t: t, state: map[string][]byte{}, peers: map[string]anchortest.Identity{}, clients: map[string]anchortest.Identity{},
		envelopes: map[string][]byte{}, submitter: "AA", silent: map[string]bool{}}
	a := anchor.Agreement{Chaincode: "anchor", Channel: "anchors", Endorsements: 2, OrdererSignatures: 1, Version: 1}
	for _, msp := range []string{"AA", "BB", "CC"} {
		ca := anchortest.NewAuthority(msp)
		f.peers[msp] = ca.Issue(epoch.AddDate(-1, 0, 0), epoch.AddDate(1, 0, 0), "peer")
		f.clients[msp] = ca.Issue(epoch.AddDate(-1, 0, 0), epoch.AddDate(1, 0, 0), "client")
		a.States = append(a.States, anchor.Member{Authorities: [][]byte{ca.DER}, MSP: msp})
	}
	ca := anchortest.NewAuthority("ORD")
	f.orderer.Identity = ca.Issue(epoch.AddDate(-1, 0, 0), epoch.AddDate(1, 0, 0), "orderer")
	a.Orderers = []anchor.Member{{Authorities: [][]byte{ca.DER}, MSP: "ORD"}}
	b, err := a.Marshal()
	if err == nil {
		f.agreement, err = anchor.ParseAgreement(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// view is the state as one transaction sees it.
type view struct {
	*fake
	writes []anchortest.Write
}

func (v *view) Get(key string) ([]byte, error) { return v.state[key], nil }

func (v *view) Put(key string, value []byte) error {
	v.writes = append(v.writes, anchortest.Write{Key: key, Value: value})
	return nil
}

func (f *fake) Submit(_ context.Context, function string, args ...[]byte) (string, []byte, error) {
	if b, err := f.lie(function); b != nil || err != nil {
		return "", b, err
	}
	client := f.clients[f.submitter]
	client.Nonce = []byte{byte(len(f.envelopes))}
	v := &view{fake: f}
	id := anchortest.ID(client)
	answer, err := f.rules.Invoke(v, contract.Transaction{ID: id, Submitter: f.submitter}, function, args)
	if err != nil {
		return "", nil, err
	}
	p := anchortest.Make(anchortest.Request{Creator: client, Channel: "anchors", Chaincode: "anchor", Time: epoch, Kind: 3,
		Results: anchortest.Results(anchortest.Space{Name: "anchor", Writes: v.writes})}, f.peers["AA"], f.peers["CC"])
	f.envelopes[id] = p.Envelope(client)
	for _, w := range v.writes {
		f.state[w.Key] = w.Value
	}
	err, f.fail = f.fail, nil
	return id, answer, err
}

func (f *fake) Query(_ context.Context, function string, args ...[]byte) ([]byte, error) {
	if b, err := f.lie(function); b != nil || err != nil {
		return b, err
	}
	return f.rules.Invoke(&view{fake: f}, contract.Transaction{Submitter: f.submitter}, function, args)
}

func (f *fake) Proof(_ context.Context, id string) (anchor.Proof, error) {
	e := f.envelopes[id]
	if e == nil {
		return anchor.Proof{}, errors.New("no such transaction")
	}
	p := anchor.Proof{Block: anchortest.Block(3, [][]byte{e}, f.orderer)}
	for _, msp := range []string{"AA", "BB", "CC"} {
		if !f.silent[msp] {
			p.Answers = append(p.Answers, anchortest.Answer(f.peers[msp], "qscc", e, 0))
		}
	}
	return p, nil
}

// book is a ledger that shows what it is told to.
type book struct {
	t      testing.TB
	origin evidence.Origin
	key    note.Signer
	disk   *ledgertest.Disk
	log    *ledgertest.MemLog
	size   uint64
}

func newBook(t testing.TB, o evidence.Origin, key note.Signer, salts ...byte) *book {
	d := ledgertest.NewDisk(o)
	l, err := d.Open()
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range salts {
		d.Force(ledger.Leaf{byte(ledger.TypeAccessLog), s, byte(i)})
	}
	return &book{t, o, key, d, l, uint64(len(salts))}
}

func (b *book) tree() ledger.Checkpoint {
	c, err := ledger.CheckpointOf(b.origin, b.size, b.log.Hashes(b.t.Context(), b.size))
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *book) Checkpoint(context.Context) ([]byte, error) { return b.tree().Sign(b.key) }

func (b *book) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	return b.log.Hashes(ctx, size)
}

// found adopts a first list on the channel and returns the key of AA's ledger.
func (f *fake) found() note.Signer {
	f.t.Helper()
	signers := map[string]note.Signer{}
	key := func(name string) (note.Signer, trust.VKey) {
		skey, v, err := trust.GenerateKey(name)
		if err != nil {
			f.t.Fatal(err)
		}
		s, err := note.NewSigner(skey)
		if err != nil {
			f.t.Fatal(err)
		}
		return s, v
	}
	g := trust.Founding{From: epoch, Issued: epoch, NextUpdate: epoch.AddDate(1, 0, 0), F: trust.Tolerable(2)}
	var own note.Signer
	for _, code := range []string{"AA", "BB", "CC"} {
		m := trust.Founder{State: code, Authority: trust.DigestOf([]byte(code))}
		signers[code], m.Key = key(code)
		var log note.Signer
		log, m.Log = key("ledger." + code)
		var err, err2 error
		if code == "AA" {
			own = log
			if f.log, err = m.Log.Verifier(); err != nil {
				f.t.Fatal(err)
			}
		}
		_, m.Witness, err = trust.GenerateCosignerKey(code + ".witness")
		_, m.Auditor, err2 = trust.GenerateCosignerKey(code + ".auditor")
		if err = errors.Join(err, err2); err != nil {
			f.t.Fatal(err)
		}
		g.Founders = append(g.Founders, m)
	}
	l, _, err := trust.Found(g)
	if err != nil {
		f.t.Fatal(err)
	}
	signed, err := l.Sign(signers["AA"], signers["BB"], signers["CC"])
	if err != nil {
		f.t.Fatal(err)
	}
	f.rules.First = trust.DigestOf(signed)
	if f.list, err = trust.Open(signed, nil); err != nil {
		f.t.Fatal(err)
	}
	for _, code := range []string{"AA", "BB", "CC"} {
		f.submitter = code
		if _, _, err := f.Submit(f.t.Context(), contract.FuncTrust, signed); err != nil {
			f.t.Fatal(err)
		}
	}
	f.submitter = "AA"
	return own
}
