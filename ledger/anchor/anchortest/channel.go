package anchortest

import (
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
)

// Channel is the states' shared channel, as far as it signs: AA, BB and CC, of whom two
// must endorse, and an orderer. It keeps to no rule: what it is given it records.
type Channel struct {
	Agreement []byte // what the states agree about it
	Next      []byte // the agreement's next version; nil when it has none

	name    string
	at      time.Time           // of its transactions
	peers   map[string]Identity // by state
	client  Identity            // of AA
	orderer Orderer
}

// NewChannel makes a channel of that name, whose certificates hold for a year before and
// after the time of its transactions.
func NewChannel(name string, at time.Time) *Channel {
	c := &Channel{name: name, at: at, peers: map[string]Identity{}}
	a := anchor.Agreement{Chaincode: "anchor", Channel: name, Endorsements: 2, OrdererSignatures: 1, Version: 1}
	from, to := at.AddDate(-1, 0, 0), at.AddDate(1, 0, 0)
	for _, msp := range []string{"AA", "BB", "CC"} {
		ca := NewAuthority(msp)
		c.peers[msp] = ca.Issue(from, to, "peer")
		if msp == "AA" {
			c.client = ca.Issue(from, to, "client")
		}
		a.States = append(a.States, anchor.Member{Authorities: [][]byte{ca.DER}, MSP: msp})
	}
	ca := NewAuthority("ORD")
	c.orderer = Orderer{Identity: ca.Issue(from, to, "orderer")}
	a.Orderers = []anchor.Member{{Authorities: [][]byte{ca.DER}, MSP: "ORD"}}
	c.Agreement = must(a.Marshal())
	return c
}

// Pins are what a trust list names for the channel.
func (c *Channel) Pins() (all []trust.Pin) {
	for i, text := range [][]byte{c.Agreement, c.Next} {
		if text != nil {
			all = append(all, trust.Pin{Name: fmt.Sprintf("channel-%s/%d", c.name, i+1), Digest: trust.DigestOf(text)})
		}
	}
	return all
}

// Revoking lets the states agree on a next version, which revokes the certificates of the
// peers of these states.
func (c *Channel) Revoking(states ...string) *Channel {
	next := *must(anchor.ParseAgreement(c.Agreement))
	next.Version++
	for _, s := range states {
		next.Revoked = append(next.Revoked, evidence.Hash(trust.DigestOf(c.peers[s].DER)))
	}
	c.Next = must(next.Marshal())
	return c
}

// Record returns the anchor proof of a transaction that AA submits and the peers of the
// endorsers endorse, with what the peers of other states say of it.
func (c *Channel) Record(writes []Write, answered []string, endorsers ...string) []byte {
	var peers []Identity
	for _, s := range endorsers {
		peers = append(peers, c.peers[s])
	}
	t := Make(Request{
		Creator: c.client, Channel: c.name, Chaincode: "anchor", Time: c.at, Kind: 3,
		Results: Results(Space{Name: "anchor", Writes: writes}),
	}, peers...)
	envelope := t.Envelope(c.client)
	p := anchor.Proof{Block: Block(7, [][]byte{envelope}, c.orderer)}
	for _, s := range answered {
		p.Answers = append(p.Answers, Answer(c.peers[s], "qscc", envelope, 0))
	}
	return must(p.Marshal())
}

// Anchors returns the writes that anchor a signed checkpoint.
func (c *Channel) Anchors(signed []byte) []Write {
	tree := must(ledger.ReadCheckpoint(signed))
	v := must(anchor.Anchored{Note: string(signed), State: "AA", Transaction: ID(c.client), Trust: 1}.Marshal())
	return []Write{{Key: anchor.CheckpointKey(tree.Origin, tree.Size), Value: v}, {Key: anchor.HeadKey(tree.Origin), Value: fmt.Append(nil, tree.Size)}}
}

// Alarm returns the writes that record that a ledger signed two trees of one size.
func (c *Channel) Alarm(o evidence.Origin, notes ...[]byte) []Write {
	v := must(witness.Alarm{Kind: witness.Split, Notes: notes}.Marshal())
	d := trust.DigestOf(v)
	return []Write{{Key: anchor.AlarmKey(o, d), Value: v}, {Key: anchor.CaughtKey(o), Value: []byte(d.Hex())}}
}
