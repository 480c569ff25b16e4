package verify_test

import (
	"encoding/json"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
	"golang.org/x/mod/sumdb/note"
)

// channelOf is the states' shared channel, as far as it signs: AA, BB and CC, of whom two
// must endorse.
type channelOf struct {
	peers     map[string]anchortest.Identity
	client    anchortest.Identity // of AA
	orderer   anchortest.Orderer
	agreement []byte
	name      string // under which lists pin it
	next      []byte // the agreement's next version, when it has one
}

func newChannel() *channelOf {
	c := &channelOf{peers: map[string]anchortest.Identity{}, name: "channel-anchors/1"}
	a := anchor.Agreement{Chaincode: "anchor", Channel: "anchors", Endorsements: 2, OrdererSignatures: 1, Version: 1}
	from, to := verifytest.Start.AddDate(-1, 0, 0), verifytest.Start.AddDate(1, 0, 0)
	for _, msp := range []string{"AA", "BB", "CC"} {
		ca := anchortest.NewAuthority(msp)
		c.peers[msp] = ca.Issue(from, to, "peer")
		if msp == "AA" {
			c.client = ca.Issue(from, to, "client")
		}
		a.States = append(a.States, anchor.Member{Authorities: [][]byte{ca.DER}, MSP: msp})
	}
	ca := anchortest.NewAuthority("ORD")
	c.orderer = anchortest.Orderer{Identity: ca.Issue(from, to, "orderer")}
	a.Orderers = []anchor.Member{{Authorities: [][]byte{ca.DER}, MSP: "ORD"}}
	var err error
	if c.agreement, err = a.Marshal(); err != nil {
		panic(err)
	}
	return c
}

// revoking lets the states agree on a next version, which revokes the certificates of
// peers.
func (c *channelOf) revoking(peers ...string) *channelOf {
	a, err := anchor.ParseAgreement(c.agreement)
	if err != nil {
		panic(err)
	}
	next := *a
	next.Version++
	for _, s := range peers {
		next.Revoked = append(next.Revoked, evidence.Hash(trust.DigestOf(c.peers[s].DER)))
	}
	if c.next, err = next.Marshal(); err != nil {
		panic(err)
	}
	return c
}

// pinned is a world whose list names the agreement.
func (c *channelOf) pinned() verifytest.Config {
	return verifytest.Config{Edit: func(l *trust.List) {
		l.Instruments = append(l.Instruments, trust.Pin{Name: c.name, Digest: trust.DigestOf(c.agreement)})
		if c.next != nil {
			l.Instruments = append(l.Instruments, trust.Pin{Name: "channel-anchors/2", Digest: trust.DigestOf(c.next)})
		}
	}}
}

// record is a transaction that AA submits and peers endorse, with what peers of other
// states say of it.
func (c *channelOf) record(writes []anchortest.Write, answered []string, endorsers ...string) []byte {
	var peers []anchortest.Identity
	for _, s := range endorsers {
		peers = append(peers, c.peers[s])
	}
	t := anchortest.Make(anchortest.Request{
		Creator: c.client, Channel: "anchors", Chaincode: "anchor", Time: verifytest.Start, Kind: 3,
		Results: anchortest.Results(anchortest.Space{Name: "anchor", Writes: writes}),
	}, peers...)
	envelope := t.Envelope(c.client)
	p := anchor.Proof{Block: anchortest.Block(7, [][]byte{envelope}, c.orderer)}
	for _, s := range answered {
		p.Answers = append(p.Answers, anchortest.Answer(c.peers[s], "qscc", envelope, 0))
	}
	b, err := p.Marshal()
	if err != nil {
		panic(err)
	}
	return b
}

// anchors returns the writes that anchor a checkpoint of AA's ledger.
func (c *channelOf) anchors(signed []byte) []anchortest.Write {
	tree, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		panic(err)
	}
	v, err := anchor.Anchored{Note: string(signed), State: "AA", Transaction: anchortest.ID(c.client), Trust: 1}.Marshal()
	if err != nil {
		panic(err)
	}
	return []anchortest.Write{{Key: anchor.CheckpointKey(tree.Origin, tree.Size), Value: v}, {Key: anchor.HeadKey(tree.Origin), Value: fmt.Append(nil, tree.Size)}}
}

// alarm returns the writes that record that a ledger signed two trees of one size.
func (c *channelOf) alarm(o evidence.Origin, notes ...[]byte) []anchortest.Write {
	v, err := witness.Alarm{Kind: witness.Split, Notes: notes}.Marshal()
	if err != nil {
		panic(err)
	}
	d := trust.DigestOf(v)
	return []anchortest.Write{{Key: anchor.AlarmKey(o, d), Value: v}, {Key: anchor.CaughtKey(o), Value: []byte(d.Hex())}}
}

// carrying puts an anchor proof into a dossier as a packer does who ties it to nothing.
func (o outcome) carrying(c *channelOf, proof []byte) outcome {
	digest := pack.NoteDigest(c.agreement)
	if o.d.Agreements == nil {
		o.d.Agreements = map[evidence.Hash][]byte{}
	}
	o.d.Agreements[digest] = c.agreement
	if c.next != nil {
		o.d.Agreements[pack.NoteDigest(c.next)] = c.next
	}
	o.d.Anchors = append(o.d.Anchors, pack.AnchorLine{Agreement: digest, Proof: json.RawMessage(proof)})
	return o
}

// channelCases are about what the states recorded on their shared channel
// (spec/anchor.md, "In a package").
func channelCases() []testCase {
	all := []string{"AA", "BB", "CC"}
	// given is a dossier that was built with an anchor of AA's checkpoint from before its
	// item was collected.
	given := func(answered []string, endorsers ...string) (*stage, *channelOf, outcome) {
		c := newChannel()
		s := newStage(c.pinned())
		before := s.logA().Latest()
		s.item = s.ann.Collect(oneFile)
		s.w.Anchors = []pack.Anchor{{Agreement: c.agreement, Proof: c.record(c.anchors(before), answered, endorsers...)}}
		return s, c, s.out()
	}
	// plain is a dossier without anchors, and the channel.
	plain := func() (*stage, *channelOf, outcome) {
		c := newChannel()
		s := newStage(c.pinned())
		s.item = s.ann.Collect(oneFile)
		return s, c, s.out()
	}
	// next is a dossier without anchors, and the channel whose agreement has a next version.
	next := func(revoked ...string) (*channelOf, outcome) {
		c := newChannel().revoking(revoked...)
		s := newStage(c.pinned())
		s.item = s.ann.Collect(oneFile)
		return c, s.out()
	}
	other := func(s *stage, d *pack.Dossier) []byte {
		tree, err := ledger.ReadCheckpoint(shared(d, originA))
		if err != nil {
			panic(err)
		}
		tree.Root[0] ^= 1
		return s.logA().Sign(tree)
	}
	return []testCase{
		{"x-channel-committed", holding, "An earlier checkpoint of the ledger is anchored on the states' channel, and peers of two states say that it was committed.", func() outcome {
			_, _, o := given([]string{"BB", "CC"}, "AA", "BB")
			return o.holds(6, "channel.anchor", "endorsed on the channel anchors by peers of AA, BB, 2 needed; committed, on the word of the peers of BB, CC")
		}},
		{"x-channel-shared", holding, "The shared checkpoint itself is anchored.", func() outcome {
			_, c, o := plain()
			return o.carrying(c, c.record(c.anchors(shared(o.d, originA)), all, all...)).holds(6, "channel.anchor", "committed, on the word of the peers of AA, BB, CC")
		}},
		{"x-channel-endorsed", holding, "An anchor that is endorsed and ordered; one state's peer alone says that it was committed, which is too few.", func() outcome {
			_, _, o := given([]string{"AA"}, all...)
			return o.holds(6, "channel.anchor", "by peers of AA, BB, CC, 2 needed; not shown to be committed")
		}},
		{"x-channel-not-needed", holding, "The list names no agreement about a channel: the anchor is shown and says nothing.", func() outcome {
			c := newChannel()
			s := collected()
			o := s.out()
			return o.carrying(c, c.record(c.anchors(shared(o.d, originA)), all, all...)).holds(6, "checkpoint.court", "the court policy is met").
				shows(0, "not applicable", "channel.anchor", "does not name this agreement")
		}},
		{"x-channel-no-quorum", breaking, "An anchor that one state's peer endorsed: it proves nothing, and nothing needs it.", func() outcome {
			_, c, o := plain()
			return o.carrying(c, c.record(c.anchors(shared(o.d, originA)), all, "AA")).shows(0, "not applicable", "channel.anchor", "2 states must").but(0)
		}},
		{"x-channel-not-tied", breaking, "An anchored checkpoint of another size, and nothing shows that the one here goes on from it.", func() outcome {
			s, c, _ := plain()
			before := s.logA().Latest()
			s.examine(s.ann)
			return s.out().carrying(c, c.record(c.anchors(before), all, all...)).shows(6, "not applicable", "channel.anchor", "of one history").but(0)
		}},
		{"x-channel-other-ledger", breaking, "An anchor of a ledger that is not here.", func() outcome {
			s, c, o := plain()
			return o.carrying(c, c.record(c.anchors(s.w.State("BB").Log.Latest()), all, all...)).shows(0, "not applicable", "channel.anchor", "no ledger that is here").but(0)
		}},
		{"x-channel-agreement-missing", breaking, "The agreement under which an anchor is checked is not in the package.", func() outcome {
			_, _, o := given(all, all...)
			o.d.Agreements = nil
			return o.shows(0, "not applicable", "channel.anchor", "is not in the package").but(0)
		}},
		{"x-channel-next-version", holding, "The list names two versions of the agreement; the second revokes a peer that has no part in this anchor.", func() outcome {
			c, o := next("CC")
			return o.carrying(c, c.record(c.anchors(shared(o.d, originA)), nil, "AA", "BB")).holds(6, "channel.anchor", "by peers of AA, BB, 2 needed")
		}},
		{"x-channel-revoked-by-next", breaking, "An anchor under the first version of the agreement, endorsed by a peer whose certificate the second one revokes.", func() outcome {
			c, o := next("BB")
			return o.carrying(c, c.record(c.anchors(shared(o.d, originA)), nil, "AA", "BB")).shows(0, "not applicable", "channel.anchor", "a certificate of BB is revoked").but(0)
		}},
		{"x-channel-next-missing", breaking, "The package leaves out the version of the agreement that revokes.", func() outcome {
			c, o := next("BB")
			o = o.carrying(c, c.record(c.anchors(shared(o.d, originA)), nil, "AA", "BB"))
			delete(o.d.Agreements, pack.NoteDigest(c.next))
			return o.shows(0, "not applicable", "channel.anchor", "is not in the package").but(0)
		}},
		{"x-channel-strangers-key", breaking, "An anchored checkpoint that another key has signed in the ledger's name.", func() outcome {
			_, c, o := plain()
			return o.carrying(c, c.record(c.anchors(byStranger(shared(o.d, originA))), all, all...)).shows(6, "not applicable", "channel.anchor", "the anchored checkpoint is not counted").but(0)
		}},
		{"x-channel-equivocation", breaking, "The channel has another tree of the very size, signed by the ledger: it shows the court what it does not show the states.", func() outcome {
			s, c, o := plain()
			return o.carrying(c, c.record(c.anchors(other(s, o.d)), all, all...)).fails(6, "channel.anchor", "the ledger has signed another tree")
		}},
		{"x-channel-caught", breaking, "The states have recorded on the channel that the ledger signed two trees of one size.", func() outcome {
			s, c, o := plain()
			return o.carrying(c, c.record(c.alarm(originA, shared(o.d, originA), other(s, o.d)), nil, "BB", "CC")).fails(6, "channel.alarm", "endorsed on the channel anchors by peers of BB, CC, 2 needed; not shown to be committed")
		}},
		{"x-channel-alarm-of-nothing", breaking, "An alarm on the channel that proves nothing by the keys which the list has for the ledger.", func() outcome {
			_, c, o := plain()
			n := shared(o.d, originA)
			return o.carrying(c, c.record(c.alarm(originA, n, n), nil, "BB", "CC")).shows(6, "not applicable", "channel.alarm", "the alarm on the channel is not counted").but(0)
		}},
		{"x-channel-malformed", breaking, "A line of anchors.jsonl with what is no anchor proof.", func() outcome {
			_, _, o := given(all, all...)
			o.files = func(files map[string][]byte) { files[pack.AnchorsName] = []byte("{}\n") }
			return o.undecided(0, "dossier.form", "anchors.jsonl")
		}},
	}
}

// channelPackageCases are about ledgers that no item speaks of: the packer's key was
// enrolled in BB's, and nothing else stands there.
func channelPackageCases() []packageCase {
	var o outcome
	packedBy := func(write func(c *channelOf, b *verifytest.Log) []anchortest.Write) packed {
		c := newChannel()
		s := newStage(c.pinned())
		s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
		s.w.Anchors = []pack.Anchor{{Agreement: c.agreement, Proof: c.record(write(c, s.w.State("BB").Log), []string{"BB", "CC"}, "BB", "CC")}}
		b := s.w.Package(verifytest.Packing{By: s.bob, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{twoFiles}})
		return (&delivery{s, verifytest.Files(b)}).as()
	}
	other := func(b *verifytest.Log) []byte {
		tree, err := ledger.ReadCheckpoint(b.Latest())
		if err != nil {
			panic(err)
		}
		tree.Root[0] ^= 1
		return b.Sign(tree)
	}
	return []packageCase{
		{"x-channel-packers-ledger", holding, "The ledger in which the packer's key was enrolled is anchored; no item speaks of it.", func() packed {
			return packedBy(func(c *channelOf, b *verifytest.Log) []anchortest.Write { return c.anchors(b.Latest()) }).wants(o.holds(0, "channel.anchor", "committed, on the word of the peers of BB, CC"))
		}},
		{"x-channel-sender-counted", holding, "A package of an earlier program: the sender counted an anchor under the one version of the agreement that it packed. That it does not count any more is no difference that speaks against the sender.", func() packed {
			return senderCounted("as it counted").wants(o.holds(0, "sender.verdict", "every finding has the same status").shows(0, "not applicable", "channel.anchor", "is not in the package"))
		}},
		{"x-channel-sender-invented", breaking, "The sender counts two anchors, and the package has one.", func() packed {
			return senderCounted("as it counted", "as it never did").wants(o.fails(0, "sender.verdict", "channel.anchor"))
		}},
		{"x-channel-packers-ledger-caught", breaking, "The ledger in which the packer's key was enrolled was caught: the packer's signature rests on it.", func() packed {
			return packedBy(func(c *channelOf, b *verifytest.Log) []anchortest.Write {
				return c.alarm(b.Origin, b.Latest(), other(b))
			}).wants(o.fails(0, "channel.alarm", "the ledger was caught, by its own signatures"))
		}},
	}
}

// byStranger signs a checkpoint anew, by a key that only bears its ledger's name.
func byStranger(signed []byte) []byte {
	tree, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		panic(err)
	}
	skey, _, err := trust.GenerateKey(string(tree.Origin))
	if err != nil {
		panic(err)
	}
	key, err := note.NewSigner(skey)
	if err != nil {
		panic(err)
	}
	if signed, err = tree.Sign(key); err != nil {
		panic(err)
	}
	return signed
}

// senderCounted is a package with one anchor, which does not count here, and with anchors
// that its sender says count.
func senderCounted(details ...string) packed {
	c := newChannel().revoking("BB")
	s := newStage(c.pinned())
	before := s.logA().Latest()
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	s.w.Anchors = []pack.Anchor{{Agreement: c.agreement, Proof: c.record(c.anchors(before), nil, "AA", "BB")}}
	b := s.w.Package(verifytest.Packing{By: s.bob, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{twoFiles}})
	d := &delivery{s, verifytest.Files(b)}
	d.files[pack.VerdictName] = edited(d.files[pack.VerdictName], func(item map[string]any) {
		q := item["questions"].([]any)[5].(map[string]any)
		for _, detail := range details {
			q["findings"] = append(q["findings"].([]any), map[string]any{"check": "channel.anchor", "detail": detail, "spec": "spec/anchor.md", "status": "holds", "subject": string(originA)})
		}
	})
	return d.signed(nil, nil)
}
