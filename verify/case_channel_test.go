package verify_test

import (
	"encoding/json"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
	"golang.org/x/mod/sumdb/note"
)

// newChannel is the states' shared channel at the start of a world.
func newChannel() *anchortest.Channel { return anchortest.NewChannel("anchors", verifytest.Start) }

// pinning is a world whose list names the agreement about the channel.
func pinning(c *anchortest.Channel) verifytest.Config {
	return verifytest.Config{Edit: func(l *trust.List) { l.Instruments = append(l.Instruments, c.Pins()...) }}
}

// carrying puts an anchor proof into a dossier as a packer does who ties it to nothing.
func (o outcome) carrying(c *anchortest.Channel, proof []byte) outcome {
	digest := pack.NoteDigest(c.Agreement)
	if o.d.Agreements == nil {
		o.d.Agreements = map[evidence.Hash][]byte{}
	}
	o.d.Agreements[digest] = c.Agreement
	if c.Next != nil {
		o.d.Agreements[pack.NoteDigest(c.Next)] = c.Next
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
	given := func(answered []string, endorsers ...string) (*stage, *anchortest.Channel, outcome) {
		c := newChannel()
		s := newStage(pinning(c))
		before := s.logA().Latest()
		s.item = s.ann.Collect(oneFile)
		s.w.Anchors = []pack.Anchor{{Agreement: c.Agreement, Proof: c.Record(c.Anchors(before), answered, endorsers...)}}
		return s, c, s.out()
	}
	// plain is a dossier without anchors, and the channel.
	plain := func() (*stage, *anchortest.Channel, outcome) {
		c := newChannel()
		s := newStage(pinning(c))
		s.item = s.ann.Collect(oneFile)
		return s, c, s.out()
	}
	// next is a dossier without anchors, and the channel whose agreement has a next version.
	next := func(revoked ...string) (*anchortest.Channel, outcome) {
		c := newChannel().Revoking(revoked...)
		s := newStage(pinning(c))
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
			return o.carrying(c, c.Record(c.Anchors(shared(o.d, originA)), all, all...)).holds(6, "channel.anchor", "committed, on the word of the peers of AA, BB, CC")
		}},
		{"x-channel-endorsed", holding, "An anchor that is endorsed and ordered; one state's peer alone says that it was committed, which is too few.", func() outcome {
			_, _, o := given([]string{"AA"}, all...)
			return o.holds(6, "channel.anchor", "by peers of AA, BB, CC, 2 needed; not shown to be committed")
		}},
		{"x-channel-not-needed", holding, "The list names no agreement about a channel: the anchor is shown and says nothing.", func() outcome {
			c := newChannel()
			s := collected()
			o := s.out()
			return o.carrying(c, c.Record(c.Anchors(shared(o.d, originA)), all, all...)).holds(6, "checkpoint.court", "the court policy is met").
				shows(0, "not applicable", "channel.anchor", "does not name this agreement")
		}},
		{"x-channel-no-quorum", breaking, "An anchor that one state's peer endorsed: it proves nothing, and nothing needs it.", func() outcome {
			_, c, o := plain()
			return o.carrying(c, c.Record(c.Anchors(shared(o.d, originA)), all, "AA")).shows(0, "not applicable", "channel.anchor", "2 states must").but(0)
		}},
		{"x-channel-not-tied", breaking, "An anchored checkpoint of another size, and nothing shows that the one here goes on from it.", func() outcome {
			s, c, _ := plain()
			before := s.logA().Latest()
			s.examine(s.ann)
			return s.out().carrying(c, c.Record(c.Anchors(before), all, all...)).shows(6, "not applicable", "channel.anchor", "of one history").but(0)
		}},
		{"x-channel-other-ledger", breaking, "An anchor of a ledger that is not here.", func() outcome {
			s, c, o := plain()
			return o.carrying(c, c.Record(c.Anchors(s.w.State("BB").Log.Latest()), all, all...)).shows(0, "not applicable", "channel.anchor", "no ledger that is here").but(0)
		}},
		{"x-channel-agreement-missing", breaking, "The agreement under which an anchor is checked is not in the package.", func() outcome {
			_, _, o := given(all, all...)
			o.d.Agreements = nil
			return o.shows(0, "not applicable", "channel.anchor", "is not in the package").but(0)
		}},
		{"x-channel-next-version", holding, "The list names two versions of the agreement; the second revokes a peer that has no part in this anchor.", func() outcome {
			c, o := next("CC")
			return o.carrying(c, c.Record(c.Anchors(shared(o.d, originA)), nil, "AA", "BB")).holds(6, "channel.anchor", "by peers of AA, BB, 2 needed")
		}},
		{"x-channel-revoked-by-next", breaking, "An anchor under the first version of the agreement, endorsed by a peer whose certificate the second one revokes.", func() outcome {
			c, o := next("BB")
			return o.carrying(c, c.Record(c.Anchors(shared(o.d, originA)), nil, "AA", "BB")).shows(0, "not applicable", "channel.anchor", "a certificate of BB is revoked").but(0)
		}},
		{"x-channel-next-missing", breaking, "The package leaves out the version of the agreement that revokes.", func() outcome {
			c, o := next("BB")
			o = o.carrying(c, c.Record(c.Anchors(shared(o.d, originA)), nil, "AA", "BB"))
			delete(o.d.Agreements, pack.NoteDigest(c.Next))
			return o.shows(0, "not applicable", "channel.anchor", "is not in the package").but(0)
		}},
		{"x-channel-strangers-key", breaking, "An anchored checkpoint that another key has signed in the ledger's name.", func() outcome {
			_, c, o := plain()
			return o.carrying(c, c.Record(c.Anchors(byStranger(shared(o.d, originA))), all, all...)).shows(6, "not applicable", "channel.anchor", "the anchored checkpoint is not counted").but(0)
		}},
		{"x-channel-equivocation", breaking, "The channel has another tree of the very size, signed by the ledger: it shows the court what it does not show the states.", func() outcome {
			s, c, o := plain()
			return o.carrying(c, c.Record(c.Anchors(other(s, o.d)), all, all...)).fails(6, "channel.anchor", "the ledger has signed another tree")
		}},
		{"x-channel-caught", breaking, "The states have recorded on the channel that the ledger signed two trees of one size.", func() outcome {
			s, c, o := plain()
			return o.carrying(c, c.Record(c.Alarm(originA, shared(o.d, originA), other(s, o.d)), nil, "BB", "CC")).fails(6, "channel.alarm", "endorsed on the channel anchors by peers of BB, CC, 2 needed; not shown to be committed")
		}},
		{"x-channel-alarm-of-nothing", breaking, "An alarm on the channel that proves nothing by the keys which the list has for the ledger.", func() outcome {
			_, c, o := plain()
			n := shared(o.d, originA)
			return o.carrying(c, c.Record(c.Alarm(originA, n, n), nil, "BB", "CC")).shows(6, "not applicable", "channel.alarm", "the alarm on the channel is not counted").but(0)
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
	packedBy := func(write func(c *anchortest.Channel, b *verifytest.Log) []anchortest.Write) packed {
		c := newChannel()
		s := newStage(pinning(c))
		s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
		s.w.Anchors = []pack.Anchor{{Agreement: c.Agreement, Proof: c.Record(write(c, s.w.State("BB").Log), []string{"BB", "CC"}, "BB", "CC")}}
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
			return packedBy(func(c *anchortest.Channel, b *verifytest.Log) []anchortest.Write { return c.Anchors(b.Latest()) }).wants(o.holds(0, "channel.anchor", "committed, on the word of the peers of BB, CC"))
		}},
		{"x-channel-sender-counted", holding, "A package of an earlier program: the sender counted an anchor under the one version of the agreement that it packed. That it does not count any more is no difference that speaks against the sender.", func() packed {
			return senderCounted("as it counted").wants(o.holds(0, "sender.verdict", "every finding has the same status").shows(0, "not applicable", "channel.anchor", "is not in the package"))
		}},
		{"x-channel-sender-invented", breaking, "The sender counts two anchors, and the package has one.", func() packed {
			return senderCounted("as it counted", "as it never did").wants(o.fails(0, "sender.verdict", "channel.anchor"))
		}},
		{"x-channel-packers-ledger-caught", breaking, "The ledger in which the packer's key was enrolled was caught: the packer's signature rests on it.", func() packed {
			return packedBy(func(c *anchortest.Channel, b *verifytest.Log) []anchortest.Write {
				return c.Alarm(b.Origin, b.Latest(), other(b))
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
	c := newChannel().Revoking("BB")
	s := newStage(pinning(c))
	before := s.logA().Latest()
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	s.w.Anchors = []pack.Anchor{{Agreement: c.Agreement, Proof: c.Record(c.Anchors(before), nil, "AA", "BB")}}
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
