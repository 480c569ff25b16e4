package anchor_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/signing/trust"
)

// What is endorsed by q states and ordered proves that, and committed only on the word
// of q states' peers.
func TestProof(t *testing.T) {
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["CC"], n.peers["AA"])
	envelope := p.Envelope(n.client)
	for answers, committed := range map[int]bool{0: false, 1: false, 2: true} {
		var list [][]byte
		for _, msp := range []string{"AA", "BB"}[:answers] {
			list = append(list, anchortest.Answer(n.peers[msp], "qscc", envelope, 0))
		}
		r, err := n.proof(envelope, list...).Verify(n.agreed())
		if err != nil {
			t.Fatal(err)
		}
		if r.Committed() != committed || !slices.Equal(r.Endorsers, []string{"AA", "CC"}) || r.Orderers != 1 || r.Block != 7 ||
			r.Submitter != "AA" || !r.Time.Equal(when) || r.Kind != anchor.Checkpoint || r.Tree.Size != 12 || *r.Anchor.Previous != 9 {
			t.Errorf("%d answers: %+v", answers, r)
		}
	}
	// One peer's word twice is the word of one state.
	a := anchortest.Answer(n.peers["AA"], "qscc", envelope, 0)
	if r, err := n.proof(envelope, a, a).Verify(n.agreed()); err != nil || r.Committed() {
		t.Errorf("%+v, %v", r, err)
	}
}

// Each part wrong in one way, everything around it signed again by who signs it.
func TestProofHostile(t *testing.T) {
	n := newNetwork(t)
	writes := n.checkpoint()
	good := func() anchortest.Parts { return anchortest.Make(n.request(writes...), n.peers["AA"], n.peers["BB"]) }
	with := func(change func(r *anchortest.Request)) []byte {
		r := n.request(writes...)
		change(&r)
		p := anchortest.Make(r, n.peers["AA"], n.peers["BB"])
		return p.Envelope(r.Creator)
	}
	endorsed := func(change func(p *anchortest.Parts)) []byte {
		p := good()
		change(&p)
		return p.Envelope(n.client)
	}
	by := func(peers ...anchortest.Identity) []byte {
		return endorsed(func(p *anchortest.Parts) { p.Endorse(peers...) })
	}
	aa := n.authorities["AA"]
	for name, c := range map[string]struct {
		want     anchor.Check
		envelope []byte
	}{
		"no transaction":          {anchor.CheckForm, []byte("hello")},
		"two of one field":        {anchor.CheckForm, slices.Concat(by(n.peers["AA"], n.peers["BB"]), []byte{0x12, 0})},
		"no time":                 {anchor.CheckForm, with(func(r *anchortest.Request) { r.Time = time.Unix(0, 0) })},
		"another type":            {anchor.CheckChannel, with(func(r *anchortest.Request) { r.Kind = 1 })},
		"another channel":         {anchor.CheckChannel, with(func(r *anchortest.Request) { r.Channel = "other" })},
		"another chaincode":       {anchor.CheckChannel, with(func(r *anchortest.Request) { r.Chaincode = "other" })},
		"another id":              {anchor.CheckCreator, with(func(r *anchortest.Request) { r.ID = "00" })},
		"creator of no state":     {anchor.CheckCreator, with(func(r *anchortest.Request) { r.Creator = issue(n.authorities["ORD"], "client") })},
		"creator's signature":     {anchor.CheckCreator, func() []byte { p := good(); return p.Envelope(n.peers["AA"]) }()},
		"other arguments":         {anchor.CheckProposal, endorsed(func(p *anchortest.Parts) { p.Proposal[0] ^= 1 })},
		"one endorsement":         {anchor.CheckQuorum, by(n.peers["AA"])},
		"none":                    {anchor.CheckQuorum, by()},
		"one state thrice":        {anchor.CheckQuorum, by(n.peers["AA"], n.peers["AA"], issue(aa, "peer"))},
		"endorsed by a client":    {anchor.CheckEndorsement, by(n.peers["BB"], n.client)},
		"of two roles":            {anchor.CheckEndorsement, by(n.peers["BB"], issue(aa, "peer", "client"))},
		"of no role":              {anchor.CheckEndorsement, by(n.peers["BB"], issue(aa))},
		"by the ordering service": {anchor.CheckEndorsement, by(n.peers["BB"], issue(n.authorities["ORD"], "peer"))},
		"expired":                 {anchor.CheckEndorsement, by(n.peers["BB"], aa.Issue(when.AddDate(-2, 0, 0), when.Add(-time.Second), "peer"))},
		"not yet":                 {anchor.CheckEndorsement, by(n.peers["BB"], aa.Issue(when.Add(time.Second), when.AddDate(1, 0, 0), "peer"))},
		"an authority's namesake": {anchor.CheckEndorsement, by(n.peers["BB"], issue(anchortest.NewAuthority("AA"), "peer"))},
		"what was endorsed": {anchor.CheckEndorsement, endorsed(func(p *anchortest.Parts) {
			p.Response = anchortest.WithResults(p.Response, anchortest.Results(anchortest.Space{Name: "anchor"}))
		})},
		"an endorsement of another": {anchor.CheckEndorsement, endorsed(func(p *anchortest.Parts) {
			p.Endorsements[1] = anchortest.Endorsement(n.peers["BB"], []byte("another response"))
		})},
		"status 500":       {anchor.CheckWrites, with(func(r *anchortest.Request) { r.Status = 500 })},
		"by another state": {anchor.CheckWrites, with(func(r *anchortest.Request) { r.Creator = issue(n.authorities["BB"], "client") })},
	} {
		_, err := n.proof(c.envelope).Verify(n.agreed())
		if got := checkOf(t, err); got != c.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, c.want, err)
		}
	}
}

// The write set is exactly one of those that the rules make.
func TestWrites(t *testing.T) {
	n := newNetwork(t)
	cp := n.checkpoint()
	d := trust.DigestOf([]byte("list")).Hex()
	own := func(w ...anchortest.Write) []anchortest.Space {
		return []anchortest.Space{{Name: "_lifecycle"}, {Name: "anchor", Writes: w}}
	}
	w := func(key, value string) anchortest.Write { return anchortest.Write{Key: key, Value: []byte(value)} }
	for name, c := range map[string]struct {
		kind   anchor.Kind
		spaces []anchortest.Space
	}{
		"checkpoint":             {anchor.Checkpoint, own(cp...)},
		"vote":                   {anchor.Trust, own(w("trust-vote/2/AA", d))},
		"adoption":               {anchor.Trust, own(w("trust", "2"), w("trust-vote/2/AA", d), w("trust/2", "list"))},
		"standard vote":          {anchor.Standard, own(w("standard-vote/iso/1/AA", d))},
		"standard":               {anchor.Standard, own(w("standard-vote/iso/1/AA", d), w("standard/iso/1", d))},
		"nothing":                {"", own()},
		"no namespace":           {"", nil},
		"head alone":             {"", own(cp[1])},
		"checkpoint alone":       {"", own(cp[0])},
		"another head":           {"", own(cp[0], w("head/ledger.AA", "13"))},
		"another place":          {"", own(w("checkpoint/ledger.AA/13", string(cp[0].Value)), cp[1])},
		"another ledger's place": {"", own(w("checkpoint/ledger.BB/12", string(cp[0].Value)), cp[1])},
		"one key more":           {"", own(append(cp, w("x", "y"))...)},
		"a vote beside":          {"", own(append(cp, w("trust-vote/2/AA", d))...)},
		"twice":                  {"", own(append(cp, cp[1])...)},
		"deleted":                {"", own(cp[0], anchortest.Write{Key: cp[1].Key, Deleted: true})},
		"vote for another":       {"", own(w("trust-vote/2/BB", d))},
		"adoption of another":    {"", own(w("trust", "2"), w("trust-vote/2/AA", d), w("trust/2", "other"))},
		"another version":        {"", own(w("trust", "3"), w("trust-vote/2/AA", d), w("trust/2", "list"))},
		"another digest":         {"", own(w("standard-vote/iso/1/AA", d), w("standard/iso/1", d[1:]+"0"))},
		"no digest":              {"", own(w("standard-vote/iso/1/AA", "x"))},
		"another namespace":      {"", append(own(cp...), anchortest.Space{Name: "other"})},
		"a lifecycle write":      {"", []anchortest.Space{{Name: "_lifecycle", Writes: cp}, {Name: "anchor", Writes: cp}}},
		"namespace twice":        {"", append(own(cp...), own(cp...)...)},
		"private data":           {"", []anchortest.Space{{Name: "anchor", Writes: cp, Private: true}}},
		"metadata":               {"", []anchortest.Space{{Name: "anchor", Writes: cp, Metadata: true}}},
	} {
		r := n.request()
		r.Results = anchortest.Results(c.spaces...)
		p := anchortest.Make(r, n.peers["AA"], n.peers["BB"])
		got, err := n.proof(p.Envelope(n.client)).Verify(n.agreed())
		if check := checkOf(t, err); (check == "") != (c.kind != "") || check != "" && check != anchor.CheckWrites {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && got.Kind != c.kind {
			t.Errorf("%s: %s", name, got.Kind)
		}
	}
}

// A block is whole, and signed by orderers alone.
func TestBlock(t *testing.T) {
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"])
	list := [][]byte{p.Envelope(n.client)}
	sign := func(o ...anchortest.Orderer) []byte { return anchortest.Block(1, list, o...) }
	as := func(i anchortest.Identity) anchortest.Orderer { return anchortest.Orderer{Identity: i} }
	other := anchortest.Block(1, [][]byte{p.Envelope(n.client)}, n.orderers[0]) // signed anew, so other bytes
	header, transactions := anchortest.Field(sign(n.orderers[0]), 1), anchortest.Field(other, 2)
	two := n.agreement
	two.OrdererSignatures = 2
	for name, c := range map[string]struct {
		want      anchor.Check
		block     []byte
		agreement anchor.Agreement
	}{
		"one":               {"", sign(n.orderers[0]), n.agreement},
		"two":               {"", sign(n.orderers[:2]...), two},
		"none":              {anchor.CheckOrderer, sign(), n.agreement},
		"one of two":        {anchor.CheckOrderer, sign(n.orderers[0]), two},
		"one twice":         {anchor.CheckOrderer, sign(n.orderers[0], n.orderers[0]), two},
		"a peer":            {anchor.CheckOrderer, sign(as(n.peers["AA"])), n.agreement},
		"an orderer's peer": {anchor.CheckOrderer, sign(as(issue(n.authorities["ORD"], "peer"))), n.agreement},
		"expired":           {anchor.CheckOrderer, sign(as(n.authorities["ORD"].Issue(when.AddDate(-2, 0, 0), when.AddDate(-1, 0, 0), "orderer"))), n.agreement},
		"a consenter":       {anchor.CheckOrderer, sign(anchortest.Orderer{Identity: n.orderers[0].Identity, ID: 1}), n.agreement},
		"another block's":   {anchor.CheckBlock, anchortest.Message(1, header, 2, transactions, 3, anchortest.Field(other, 3)), n.agreement},
		"another signature": {anchor.CheckOrderer, anchortest.Message(1, header, 2, anchortest.Field(sign(n.orderers[0]), 2), 3, anchortest.Field(other, 3)), n.agreement},
		"no block":          {anchor.CheckForm, []byte("hello"), n.agreement},
	} {
		n.agreement = c.agreement
		_, err := anchor.Proof{Block: c.block}.Verify(n.agreed())
		if got := checkOf(t, err); got != c.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, c.want, err)
		}
	}
	n.agreement = two
	if _, err := (anchor.Proof{Block: sign(n.orderers...), Transaction: 1}).Verify(n.agreed()); checkOf(t, err) != anchor.CheckForm {
		t.Errorf("a transaction that is not there: %v", err)
	}
}

// Under SmartBFT a quorum of consenters signs, each under the id of the agreement.
func TestConsenters(t *testing.T) {
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"])
	list := [][]byte{p.Envelope(n.client)}
	for i := range n.orderers {
		n.orderers[i].ID = uint64(i + 1)
		n.agreement.Consenters = append(n.agreement.Consenters, anchor.Consenter{Certificate: n.orderers[i].DER, ID: uint32(i + 1), MSP: "ORD"})
	}
	n.agreement.OrdererSignatures = 3
	swapped := anchortest.Orderer{Identity: n.orderers[0].Identity, ID: 2}
	unknown := anchortest.Orderer{Identity: n.orderers[0].Identity, ID: 9}
	for name, c := range map[string]struct {
		want     anchor.Check
		orderers []anchortest.Orderer
	}{
		"three":        {"", n.orderers},
		"two":          {anchor.CheckOrderer, n.orderers[:2]},
		"two of one":   {anchor.CheckOrderer, []anchortest.Orderer{n.orderers[0], n.orderers[0], n.orderers[1]}},
		"another's id": {anchor.CheckOrderer, []anchortest.Orderer{n.orderers[0], swapped, n.orderers[2]}},
		"unknown id":   {anchor.CheckOrderer, append(slices.Clone(n.orderers), unknown)},
	} {
		_, err := anchor.Proof{Block: anchortest.Block(1, list, c.orderers...)}.Verify(n.agreed())
		if got := checkOf(t, err); got != c.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, c.want, err)
		}
	}
}

// An answer is a peer's, of qscc, about this transaction, and says that it is valid.
func TestAnswers(t *testing.T) {
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"])
	envelope := p.Envelope(n.client)
	for name, answer := range map[string][]byte{
		"invalid":             anchortest.Answer(n.peers["AA"], "qscc", envelope, 11),
		"another transaction": anchortest.Answer(n.peers["AA"], "qscc", p.Envelope(n.client), 0),
		"another chaincode":   anchortest.Answer(n.peers["AA"], "anchor", envelope, 0),
		"a client's":          anchortest.Answer(n.client, "qscc", envelope, 0),
		"no peer's":           anchortest.Answer(issue(anchortest.NewAuthority("AA"), "peer"), "qscc", envelope, 0),
		"garbage":             []byte("hello"),
	} {
		_, err := n.proof(envelope, answer).Verify(n.agreed())
		if got := checkOf(t, err); got != anchor.CheckAnswer {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
}

func TestHighS(t *testing.T) {
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"])
	b := n.peers["BB"]
	p.Endorsements = append(p.Endorsements, anchortest.Message(1, b.Serialized, 2, b.SignHigh(p.Response, b.Serialized)))
	_, err := n.proof(p.Envelope(n.client)).Verify(n.agreed())
	if got := checkOf(t, err); got != anchor.CheckEndorsement {
		t.Errorf("%q (%v)", got, err)
	}
}

func TestRevoked(t *testing.T) {
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"])
	n.agreement.Revoked = []evidence.Hash{evidence.Hash(trust.DigestOf(n.peers["BB"].DER))}
	_, err := n.proof(p.Envelope(n.client)).Verify(n.agreed())
	if got := checkOf(t, err); got != anchor.CheckEndorsement {
		t.Errorf("%q (%v)", got, err)
	}
}

func TestProofFile(t *testing.T) {
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"])
	b, err := n.proof(p.Envelope(n.client)).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := anchor.ParseProof(b)
	if err != nil || again.Transaction != 1 {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "{}", " " + string(b), string(b[:len(b)-1]) + `,"x":1}`} {
		if _, err := anchor.ParseProof([]byte(bad)); checkOf(t, err) != anchor.CheckForm {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

// A benchmark of what a court waits for.
func BenchmarkVerify(b *testing.B) {
	t := &testing.T{}
	n := newNetwork(t)
	p := anchortest.Make(n.request(n.checkpoint()...), n.peers["AA"], n.peers["BB"], n.peers["CC"])
	envelope := p.Envelope(n.client)
	proof := n.proof(envelope, anchortest.Answer(n.peers["AA"], "qscc", envelope, 0), anchortest.Answer(n.peers["BB"], "qscc", envelope, 0))
	a := n.agreed()
	for b.Loop() {
		if _, err := proof.Verify(a); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/anchor-proof")
}

func TestAgreement(t *testing.T) {
	n := newNetwork(t)
	a := n.agreed()
	list := &trust.List{Version: 3, Instruments: []trust.Pin{{Name: "channel-anchors/1", Digest: a.Digest()}}}
	if err := a.PinnedBy(list); err != nil {
		t.Error(err)
	}
	for _, other := range []trust.Pin{{Name: "channel-anchors/2", Digest: a.Digest()}, {Name: a.Name(), Digest: trust.DigestOf(nil)}} {
		list.Instruments = []trust.Pin{other}
		if err := a.PinnedBy(list); err == nil {
			t.Errorf("pinned by %+v", other)
		}
	}
	for name, change := range map[string]func(a *anchor.Agreement){
		"q of half":        func(a *anchor.Agreement) { a.Endorsements = 1 },
		"q above all":      func(a *anchor.Agreement) { a.Endorsements = 4 },
		"no orderer signs": func(a *anchor.Agreement) { a.OrdererSignatures = 0 },
		"version 0":        func(a *anchor.Agreement) { a.Version = 0 },
		"a name":           func(a *anchor.Agreement) { a.Channel = "A B" },
		"states out of order": func(a *anchor.Agreement) {
			a.States = []anchor.Member{a.States[1], a.States[0], a.States[2]}
		},
		"a state twice":      func(a *anchor.Agreement) { a.States = append(a.States, a.States[2]) },
		"no authority":       func(a *anchor.Agreement) { a.States[0].Authorities = nil },
		"no orderers":        func(a *anchor.Agreement) { a.Orderers = nil },
		"revoked not rising": func(a *anchor.Agreement) { a.Revoked = make([]evidence.Hash, 2) },
	} {
		changed := newNetwork(t).agreement
		change(&changed)
		if _, err := changed.Marshal(); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	leaf := newNetwork(t)
	leaf.agreement.States[0].Authorities[0] = leaf.peers["AA"].DER
	b, err := leaf.agreement.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := anchor.ParseAgreement(b); err == nil || !reflect.DeepEqual(got, (*anchor.Agreement)(nil)) {
		t.Error("an authority that is no CA")
	}
}
