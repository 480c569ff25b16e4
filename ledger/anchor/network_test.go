package anchor_test

import (
	"errors"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"golang.org/x/mod/sumdb/note"
)

var when = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// network is three states and an ordering service, as far as it signs.
type network struct {
	t           *testing.T
	authorities map[string]*anchortest.Authority
	peers       map[string]anchortest.Identity
	client      anchortest.Identity // of AA
	orderers    []anchortest.Orderer
	agreement   anchor.Agreement
}

func newNetwork(t *testing.T) *network {
	n := &network{t: t, authorities: map[string]*anchortest.Authority{}, peers: map[string]anchortest.Identity{}}
	n.agreement = anchor.Agreement{Chaincode: "anchor", Channel: "anchors", Endorsements: 2, OrdererSignatures: 1, Version: 1}
	for _, msp := range []string{"AA", "BB", "CC"} {
		a := anchortest.NewAuthority(msp)
		n.authorities[msp], n.peers[msp] = a, issue(a, "peer")
		n.agreement.States = append(n.agreement.States, anchor.Member{Authorities: [][]byte{a.DER}, MSP: msp})
	}
	n.client = issue(n.authorities["AA"], "client")
	a := anchortest.NewAuthority("ORD")
	n.authorities["ORD"] = a
	for range 3 {
		n.orderers = append(n.orderers, anchortest.Orderer{Identity: issue(a, "orderer")})
	}
	n.agreement.Orderers = []anchor.Member{{Authorities: [][]byte{a.DER}, MSP: "ORD"}}
	return n
}

func issue(a *anchortest.Authority, units ...string) anchortest.Identity {
	return a.Issue(when.AddDate(-1, 0, 0), when.AddDate(1, 0, 0), units...)
}

// agreed returns the agreement as a reader has it.
func (n *network) agreed() *anchor.Agreement {
	n.t.Helper()
	b, err := n.agreement.Marshal()
	if err != nil {
		n.t.Fatal(err)
	}
	a, err := anchor.ParseAgreement(b)
	if err != nil {
		n.t.Fatal(err)
	}
	return a
}

func (n *network) request(writes ...anchortest.Write) anchortest.Request {
	return anchortest.Request{Creator: n.client, Channel: "anchors", Chaincode: "anchor", Time: when, Kind: 3,
		Results: anchortest.Results(anchortest.Space{Name: "_lifecycle"}, anchortest.Space{Name: "anchor", Writes: writes})}
}

// proof has the transaction between two others.
func (n *network) proof(envelope []byte, answers ...[]byte) anchor.Proof {
	b := anchortest.Block(7, [][]byte{[]byte("x"), envelope, []byte("y")}, n.orderers[0])
	return anchor.Proof{Block: b, Transaction: 1, Answers: answers}
}

// checkpoint returns the writes of an anchor of AA's ledger.
func (n *network) checkpoint() []anchortest.Write {
	t := n.t
	t.Helper()
	skey, _, err := note.GenerateKey(nil, "ledger.AA")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.Checkpoint{Origin: "ledger.AA", Size: 12, Root: [32]byte{1}}.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	before := uint64(9)
	v, err := anchor.Anchored{Note: string(signed), Previous: &before, State: "AA", Transaction: anchortest.ID(n.client), Trust: 1}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return []anchortest.Write{{Key: "checkpoint/ledger.AA/12", Value: v}, {Key: "head/ledger.AA", Value: []byte("12")}}
}

// checkOf returns the check that does not hold, "" when all do.
func checkOf(t *testing.T, err error) anchor.Check {
	t.Helper()
	var p *anchor.ProofError
	if err != nil && !errors.As(err, &p) {
		t.Fatalf("an error that names no check: %v", err)
	}
	if err == nil {
		return ""
	}
	return p.Check
}
