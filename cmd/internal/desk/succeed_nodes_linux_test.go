package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger/writer"
	"example.org/custody/verify"
)

const followsAA = evidence.Origin("custody.aa.example/ledger-2")

// quit ends the node in order, as its operator does.
func (w *working) endNode() {
	w.t.Helper()
	w.stop()
}

// succeeds ends the state's ledger and has another follow it; its node is not running.
func (w *working) succeeds(o evidence.Origin) *Succeeded {
	w.t.Helper()
	_, err := w.Freeze(w.t.Context())
	must(w.t, err)
	out, err := w.Succeed(w.t.Context(), o)
	must(w.t, err)
	w.again()
	return out
}

// next proposes a list, has every state sign it, and returns it.
func next(t *testing.T, p trustlist.Proposal, by *working) *trustlist.File {
	t.Helper()
	p.Lying = -1
	got, err := by.Propose(p)
	must(t, err)
	for _, o := range by.others {
		got, err = o.SignTrust(passed(t, got.File))
		must(t, err)
	}
	if got.Missing != "" {
		t.Fatalf("missing %s", got.Missing)
	}
	return got.File
}

// shortened is a proposal signed by this state alone, whatever its desk says of it.
func (w *working) shortened(p trustlist.Proposal) *trustlist.File {
	w.t.Helper()
	o, err := w.own()
	must(w.t, err)
	p.Logs = o.unlisted(w.trusted.List)
	f, err := p.Next(w.trusted, w.Now())
	must(w.t, err)
	l, err := f.Draft()
	must(w.t, err)
	f.Note, err = l.Sign(o.signer)
	must(w.t, err)
	return f
}

// A ledger that a node keeps ends, and another follows it at the same node. What was open
// goes on there, whoever holds it; the other states follow; and a third one verifies what
// was begun before and ended after without a network.
func TestSucceedAtNodes(t *testing.T) {
	all := workingStates(t, "AA", "BB", "CC")
	aa, bb, cc := all[0], all[1], all[2]
	old := fileOf(t, aa.seenAt(aa.Config.Origin, ".note"))
	it := aa.mustSeal(t, Sealing{Object: "phone", Fields: map[string]any{"case": "K"}})
	given := aa.offers(bb, time.Hour)
	bb.accepts(given)

	if _, err := aa.Freeze(t.Context()); err == nil {
		t.Fatal("a ledger that the node has open was ended")
	}
	aa.endNode()
	end := aa.succeeds(followsAA)
	if _, err := aa.Do(t.Context(), Act{Item: aa.mustLoad(t, it.ID), Action: evidence.Examine}); !errors.Is(err, ErrNotNamed) {
		t.Errorf("before a list names it: %v", err)
	}
	aa.back()
	if _, err := aa.Succeed(t.Context(), "custody.aa.example/ledger-3"); !errors.Is(err, ErrGoesOn) {
		t.Errorf("one that has not ended: %v", err)
	}

	early := trustlist.Proposal{Lying: -1, Retire: []trustlist.Retire{{Final: old, Successor: string(followsAA)}}}
	if _, err := aa.Propose(early); !errors.Is(err, ErrShortened) {
		t.Errorf("its own history cut short: %v", err)
	}
	cut := aa.shortened(early)
	for _, w := range []*working{bb, cc} {
		if _, err := w.SignTrust(passed(t, cut)); !errors.Is(err, ErrShortened) {
			t.Errorf("%s: AA's history cut short: %v", w.Config.State, err)
		}
	}

	list := next(t, trustlist.Proposal{Retire: []trustlist.Retire{{Final: fileOf(t, end.Final), Successor: string(followsAA)}}}, aa)
	for _, w := range []*working{bb, cc, aa} {
		got, err := w.AdoptFile(t.Context(), list)
		must(t, err)
		if got.Pending != nil || got.Leaf == "" {
			t.Errorf("%s: %+v", w.Config.State, got)
		}
	}

	done, err := aa.Do(t.Context(), Act{Item: aa.mustLoad(t, it.ID), Action: evidence.Examine})
	must(t, err)
	if done.Origin != followsAA || done.Receipt == nil {
		t.Errorf("%+v", done)
	}
	// What BB signed before the end, and did not bring, is lost; what it signs now counts.
	if done, _, err := aa.LogAnswers(t.Context(), given.answer); len(done) != 0 || err == nil || !strings.Contains(err.Error(), writer.ErrFrozen.Error()) {
		t.Errorf("an accept for the ended ledger: %+v, %v", done, err)
	}
	bb.accepts(given)
	if !given.ends(aa, bb) {
		t.Error("the accept of what was offered before did not land")
	}
	for _, w := range []*working{aa, bb} {
		id := it.ID
		if w == bb {
			id = given.id
		}
		out := filepath.Join(t.TempDir(), "p.asice")
		_, err := w.Pack(t.Context(), Packing{Items: []*Item{w.mustLoad(t, id)}, Out: out})
		must(t, err)
		v, err := (&Toured{Package: out, Trust: cc.TrustFile()}).Check(t.Context())
		must(t, err)
		if v.Exit != verify.ExitHolds {
			t.Errorf("%s: exit %d: %s\n%s", w.Config.State, v.Exit, v.Sentence, failing(v))
		}
	}
}

// failing lists what does not hold in a verdict.
func failing(v *verify.Verdict) (out string) {
	for _, it := range v.Items {
		for _, q := range it.Questions {
			for _, f := range q.Findings {
				if f.Status != verify.Holds && f.Status != verify.NotApplicable {
					out += fmt.Sprintf("%d %s %s: %s\n", q.N, f.Check, f.Status, f.Detail)
				}
			}
		}
	}
	return out
}

func fileOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}
