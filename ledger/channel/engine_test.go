//go:build engines

package channel

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/ledger/channel/channeltest"
	"example.org/custody/ledger/channel/contract"
	"example.org/custody/signing/trust"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the vectors of anchor proofs, from the network that is started")

// On a real channel of three states: checkpoints are anchored and their proofs hold
// offline, what the rules refuse is refused, trust list and standards are adopted, and a
// fork is recorded for good.
func TestEngineChannel(t *testing.T) {
	w := start(t)
	b := newBook(t, "ledger.AA", w.logs["AA"], 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	f := w.follower(b)
	b.size = 3
	first := w.anchors(f, b)
	b.size = 7
	second := w.anchors(f, b)
	if *second.Anchor.Previous != 3 || first.Anchor.Previous != nil {
		t.Errorf("previous %v and %v", first.Anchor.Previous, second.Anchor.Previous)
	}
	w.refusals(b)
	w.adopts()
	good, _, err := f.Kept(second.ID)
	if err != nil {
		t.Fatal(err)
	}
	record, caught := w.forks(f, b)
	if *update {
		w.vectors(good, second, record, caught)
	}
}

// anchors makes a round and checks that every state sees the anchor.
func (w *real) anchors(f *Follower, b *book) *anchor.Result {
	w.t.Helper()
	r, err := w.round(f)
	if err != nil {
		w.t.Fatal(err)
	}
	if r.Kind != anchor.Checkpoint || r.Tree != b.tree() || len(r.Endorsers) < channeltest.Quorum || !r.Committed() || r.Submitter != "AA" {
		w.t.Errorf("%+v", r)
	}
	again, err := w.round(f)
	if err != nil || again.ID != r.ID {
		w.t.Errorf("anchored twice: %+v, %v", again, err)
	}
	return r
}

func (w *real) refusals(b *book) {
	w.t.Helper()
	b.size = 9
	signed, err := b.Checkpoint(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	stranger, _ := w.key("ledger.AA")
	forged, err := b.tree().Sign(stranger)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range []struct {
		state string
		note  []byte
		want  contract.Code
	}{
		{"BB", signed, contract.NotOwn},
		{"AA", forged, contract.WrongKey},
		{"AA", signed, contract.Inconsistent}, // without its proof
	} {
		if _, _, err := w.submit(c.state, contract.FuncAnchor, c.note, []byte("[]")); !contract.IsRefused(err, c.want) {
			w.t.Errorf("%s: %v, want %s", c.state, err, c.want)
		}
	}
	b.size = 7
}

// adopts lets the states vote for a standard, and for the next trust list.
func (w *real) adopts() {
	w.t.Helper()
	pack := []byte(trust.DigestOf([]byte("a pack")).Hex())
	next := w.list.Next(w.list.Issued.Add(time.Hour), w.list.NextUpdate.Add(time.Hour))
	signed, err := next.Sign(w.signers...)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, s := range channeltest.States {
		for _, c := range []struct {
			function string
			args     [][]byte
			kind     anchor.Kind
		}{
			{contract.FuncStandard, [][]byte{[]byte("iso-27037/1"), pack}, anchor.Standard},
			{contract.FuncTrust, [][]byte{signed}, anchor.Trust},
		} {
			id, _, err := w.submit(s, c.function, c.args...)
			if err != nil {
				w.t.Fatalf("%s, %s: %v", s, c.function, err)
			}
			r, _, err := Fetch(w.t.Context(), w.clients[s], w.agreement, id)
			if err != nil || r.Kind != c.kind || r.State != s || r.Adopted != (i == len(channeltest.States)-1) {
				w.t.Errorf("%s, %s: %+v, %v", s, c.function, r, err)
			}
		}
	}
	if got, err := w.clients["BB"].Query(w.t.Context(), contract.FuncAdopted); err != nil || !bytes.Equal(got, signed) {
		w.t.Errorf("adopted list: %v", err)
	}
}

// forks shows the channel a tree that does not continue what is anchored, and returns
// the proof of the record.
func (w *real) forks(f *Follower, b *book) ([]byte, *anchor.Result) {
	w.t.Helper()
	f.Ledger = newBook(w.t, b.origin, b.key, 1, 1, 1, 2, 2, 2, 2, 2, 2)
	r, err := w.round(f)
	if !errors.Is(err, ErrCaught) || r == nil || r.Kind != anchor.Alarm || !r.First || !r.Committed() {
		w.t.Fatalf("%+v, %v", r, err)
	}
	if what, err := r.Alarm.Verify(w.keys["AA"]); err != nil {
		w.t.Errorf("the alarm: %s, %v", what, err)
	}
	for _, s := range channeltest.States {
		head, err := w.clients[s].Query(w.t.Context(), contract.FuncHead, []byte(b.origin))
		if err != nil {
			w.t.Fatal(err)
		}
		if _, tree, err := anchor.ParseAnchored(head); err != nil || tree != b.tree() {
			w.t.Errorf("%s has %+v, %v", s, tree, err)
		}
	}
	b.size, f.Ledger = 12, b
	if _, err := w.round(f); !errors.Is(err, ErrCaught) {
		w.t.Errorf("anchored after the fork: %v", err)
	}
	proof, _, err := f.Kept(r.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return proof, r
}

// vectors writes a real proof, and the same taken apart and signed again by the
// network's own keys, with one thing wrong in each.
func (w *real) vectors(good []byte, of *anchor.Result, record []byte, caught *anchor.Result) {
	w.t.Helper()
	p, err := anchor.ParseProof(good)
	if err != nil {
		w.t.Fatal(err)
	}
	client := w.identity("AA", "User1")
	orderer := anchortest.Orderer{Identity: w.identity(channeltest.Orderers, "orderer")}
	envelope := anchortest.Transactions(p.Block)[p.Transaction]
	sign := func(change func(t *anchortest.Parts)) anchor.Proof {
		t := anchortest.Split(envelope)
		change(t)
		return anchor.Proof{Block: anchortest.Block(of.Block, [][]byte{t.Envelope(client)}, orderer)}
	}
	ca, err := anchortest.LoadAuthority("AA", w.net.CA("AA"))
	if err != nil {
		w.t.Fatal(err)
	}
	peers := map[string]anchortest.Identity{}
	for _, s := range channeltest.States {
		peers[s] = w.identity(s, "peer")
	}
	expired := ca.Issue(of.Time.AddDate(-2, 0, 0), of.Time.Add(-time.Hour), "peer")
	alone := p
	alone.Answers = nil
	write := func(name, want, says string, p anchor.Proof, r *anchor.Result) {
		file, err := p.Marshal()
		if err != nil {
			w.t.Fatal(err)
		}
		w.vector(name, want, says, file, r)
	}
	// anchor-committed is of an earlier writer, which kept answers whole, and stays.
	w.vector("committed-cut", "holds", "A checkpoint, anchored; peers of all states say that it was committed.", good, of)
	w.vector("fork", "holds", "A fork that a ledger signed, recorded for good.", record, caught)
	endorsed := *of
	endorsed.Answered = nil
	write("endorsed", "holds", "Endorsed and ordered; nothing says that it was committed.", alone, &endorsed)
	for i := range anchortest.Split(envelope).Endorsements {
		write(fmt.Sprintf("bad-endorsement-%d-dropped", i+1), "fails:quorum", "One endorsement fewer.", sign(func(t *anchortest.Parts) {
			t.Endorsements = slices.Delete(t.Endorsements, i, i+1)
		}), nil)
	}
	write("bad-one-state-thrice", "fails:quorum", "Three endorsements of one state's peers count as one.", sign(func(t *anchortest.Parts) {
		t.Endorse(peers["AA"], peers["AA"], ca.Issue(of.Time.AddDate(0, 0, -1), of.Time.AddDate(1, 0, 0), "peer"))
	}), nil)
	write("bad-writes", "fails:endorsement", "Another write set than was endorsed.", sign(func(t *anchortest.Parts) {
		t.Response = anchortest.WithResults(t.Response, bytes.Replace(anchortest.ResultsOf(t.Response), []byte("ledger.AA"), []byte("ledger.BB"), 1))
	}), nil)
	write("bad-writes-endorsed", "fails:writes", "A write set that the rules do not make, endorsed by peers that keep to none.", sign(func(t *anchortest.Parts) {
		t.Response = anchortest.WithResults(t.Response, anchortest.Results(anchortest.Space{Name: channeltest.Chaincode, Writes: []anchortest.Write{{Key: "head/ledger.AA", Value: []byte("1")}}}))
		t.Endorse(peers["AA"], peers["BB"])
	}), nil)
	write("bad-expired", "fails:endorsement", "An endorsement under a certificate that had ended.", sign(func(t *anchortest.Parts) { t.Endorse(peers["BB"], expired) }), nil)
	write("bad-client", "fails:endorsement", "An endorsement by a client's certificate.", sign(func(t *anchortest.Parts) { t.Endorse(peers["BB"], client) }), nil)
	write("bad-arguments", "fails:proposal", "Other arguments than were endorsed.", sign(func(t *anchortest.Parts) { t.Proposal = slices.Concat(t.Proposal, []byte{0x12, 0}) }), nil)
	other := sign(func(t *anchortest.Parts) {}) // signed anew, so another block
	write("bad-signature-of-another-block", "fails:orderer", "The orderer's signature is of another block.",
		anchor.Proof{Block: anchortest.Message(1, anchortest.Field(p.Block, 1), 2, anchortest.Field(p.Block, 2), 3, anchortest.Field(other.Block, 3)), Transaction: p.Transaction}, nil)
	write("bad-peer-as-orderer", "fails:orderer", "A peer signed the block.",
		anchor.Proof{Block: anchortest.Block(of.Block, [][]byte{envelope}, anchortest.Orderer{Identity: peers["AA"]})}, nil)
	write("bad-transaction", "fails:block", "The transaction is not the one that the block was signed with.",
		anchor.Proof{Block: anchortest.Message(1, anchortest.Field(p.Block, 1), 2, anchortest.Field(other.Block, 2), 3, anchortest.Field(p.Block, 3))}, nil)
	write("bad-answer-invalid", "fails:answer", "A peer says that the transaction was not valid.",
		anchor.Proof{Block: p.Block, Transaction: p.Transaction, Answers: [][]byte{anchortest.Answer(peers["CC"], "qscc", envelope, 11)}}, nil)
	write("bad-answer-other", "fails:answer", "A peer's answer about another transaction.",
		anchor.Proof{Block: p.Block, Transaction: p.Transaction, Answers: [][]byte{anchortest.Answer(peers["CC"], "qscc", anchortest.Transactions(other.Block)[0], 0)}}, nil)
}

// vector writes one file of spec/vectors.
func (w *real) vector(name, want, says string, proof []byte, r *anchor.Result) {
	w.t.Helper()
	a := &txtar.Archive{Comment: fmt.Appendf(nil, "expect: %s\n%s\n", want, says)}
	a.Files = []txtar.File{{Name: "agreement.json", Data: append(bytes.Clone(w.text), '\n')}, {Name: "proof.json", Data: append(bytes.Clone(proof), '\n')}}
	if r != nil {
		result, err := evidence.Canonical(map[string]any{"answered": append([]string{}, r.Answered...), "endorsers": r.Endorsers, "kind": r.Kind, "origin": r.Origin, "transaction": r.ID})
		if err != nil {
			w.t.Fatal(err)
		}
		a.Files = append(a.Files, txtar.File{Name: "result.json", Data: append(result, '\n')})
	}
	if err := os.WriteFile(filepath.Join("..", "..", "spec", "vectors", "anchor-"+name+".txtar"), txtar.Format(a), 0o644); err != nil {
		w.t.Fatal(err)
	}
}
