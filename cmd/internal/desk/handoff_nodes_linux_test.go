package desk

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/verify"
)

// handed is one item on its way from one state to another.
type handed struct {
	id     evidence.ItemID
	offer  string // file
	answer string // file
}

// offers seals a thing and offers it to the other state's officer.
func (w *working) offers(to *working, due time.Duration) *handed {
	w.t.Helper()
	it := w.mustSeal(w.t, Sealing{Object: "phone", Fields: map[string]any{"case": "K"}})
	h := &handed{id: it.ID}
	h.offer = w.offerAgain(to, it, due)
	return h
}

func (w *working) offerAgain(to *working, it *Item, due time.Duration) string {
	w.t.Helper()
	card, err := to.CardOf("officer")
	must(w.t, err)
	out, err := w.Offer(w.t.Context(), Offering{Items: []*Item{it}, To: card, Due: w.Now().Add(due), Dir: filepath.Join(w.t.TempDir(), "handoff")})
	must(w.t, err)
	return out.File
}

// accepts takes the offer in and signs the accept; the giver's ledger is not asked.
func (w *working) accepts(h *handed) {
	w.t.Helper()
	got, err := w.Receive(w.t.Context(), h.offer, nil)
	must(w.t, err)
	reply, err := w.Reply(w.t.Context(), got, Answer{Action: evidence.Accept})
	must(w.t, err)
	h.answer = reply.File
}

// sends submits the accept to the giver's node, as the receiver may (spec/node.md).
func (w *working) sends(h *handed, giver *working) client.Logged {
	e, err := w.waitingAnswer(h.id)
	if err != nil {
		return client.Logged{Refused: err}
	}
	f, err := w.readAt(giver.line.url, giver.Config.Origin)
	if err != nil {
		return client.Logged{Refused: err}
	}
	defer f.close()
	events, err := eventsOf([]*Entry{e})
	if err != nil {
		return client.Logged{Refused: err}
	}
	got, err := (&nodeBook{f}).send(w.t.Context(), []*Entry{e}, events)
	if err != nil {
		return client.Logged{Refused: err}
	}
	return got[0]
}

// ends has both desks finish the handoff by its files, and says whether custody passed.
func (h *handed) ends(giver, receiver *working) (passed bool) {
	t := giver.t
	t.Helper()
	_, receipt, err := giver.LogAnswers(t.Context(), h.answer)
	if out := OutcomeOf(err); out.Err != nil || receipt == "" {
		t.Fatalf("the giver: %v", err)
	}
	taken, err := receiver.TakeOver(t.Context(), receipt)
	must(t, err)
	if len(taken.Accepted)+len(taken.Refused) != 1 {
		t.Fatalf("neither taken nor refused: %+v", taken)
	}
	return len(taken.Accepted) == 1
}

// Desks of two states whose ledgers are kept by custodyd, each a process of its own,
// hand items over, whatever happens in between.
func TestHandoffAtNodes(t *testing.T) {
	both := workingStates(t, "AA", "BB")
	for _, test := range []struct {
		name string
		run  func(t *testing.T, aa, bb *working)
	}{
		{"race", handoffRace}, {"giver offline", handoffGiverOffline}, {"receiver offline", handoffReceiverOffline},
		{"no answer", handoffNoAnswer},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, w := range both {
				w.t = t
			}
			test.run(t, both[0], both[1])
		})
	}
}

// The receiver sends its accept to the giver's node while the giver withdraws there:
// one of the two is logged, and both desks learn which.
func handoffRace(t *testing.T, aa, bb *working) {
	const rounds = 10
	won := map[bool]int{}
	for n := range rounds {
		h := aa.offers(bb, soonDue)
		bb.accepts(h)
		var accepted client.Logged
		accept := func() { accepted = bb.sends(h, aa) }
		var withdrawn []Done
		var lost error
		withdraw := func() {
			defer aa.overdue()()
			withdrawn, lost = aa.Withdraw(t.Context(), Withdrawing{Items: []*Item{aa.mustLoad(t, h.id)}})
		}
		switch n {
		case 0:
			accept()
			withdraw()
		case 1:
			withdraw()
			accept()
		default:
			var two sync.WaitGroup
			for _, act := range []func(){accept, withdraw} {
				two.Go(func() {
					<-time.After(time.Duration(rand.IntN(20)) * time.Millisecond) // who is first is by chance
					act()
				})
			}
			two.Wait()
		}
		passed := accepted.Receipt != nil
		won[passed]++
		aa.learns(h, passed, withdrawn, lost)
		if got := h.ends(aa, bb); got != passed {
			t.Fatalf("round %d: the node took the accept: %t, and the desks say %t", n, passed, got)
		}
		var first *ledger.ClosedError
		if !passed && !errors.As(accepted.Refused, &first) {
			t.Errorf("round %d: the receiver is not shown what came first: %v", n, accepted.Refused)
		}
		if n < 2 {
			aa.holds(h.id, !passed)
			bb.holds(h.id, passed)
		}
	}
	t.Logf("of %d races %d were won by the accept", rounds, won[true])
	if won[true] == 0 || won[false] == 0 {
		t.Errorf("one side always wins: %v", won)
	}
}

// soonDue is when an answer is due, from the offer on, in tests of what comes then.
const soonDue = 3 * time.Second

// overdue puts the desk's clock forward until what was offered is overdue, no more than a
// node takes; the function puts it right again.
func (w *working) overdue() (right func()) {
	now := w.Home.Now
	w.Home.Now = func() time.Time { return now().Add(2 * soonDue) }
	return func() { w.Home.Now = now }
}

// learns checks what the giver's desk knows of its withdrawal.
func (w *working) learns(h *handed, passed bool, withdrawn []Done, lost error) {
	w.t.Helper()
	var first *ledger.ClosedError
	refused, err := w.RefusedActs(h.id)
	must(w.t, err)
	switch {
	case passed && (len(withdrawn) != 0 || !errors.As(lost, &first) || len(refused) != 1 || refused[0].Action != evidence.Withdraw):
		w.t.Fatalf("the accept won: withdrawn %+v, %v, kept as refused %+v", withdrawn, lost, refused)
	case !passed && (lost != nil || len(withdrawn) != 1 || withdrawn[0].Receipt == nil || len(refused) != 0):
		w.t.Fatalf("the withdrawal won: %+v, %v, kept as refused %+v", withdrawn, lost, refused)
	}
}

// holds checks who answers for an item, by whether the desk may act on it.
func (w *working) holds(id evidence.ItemID, want bool) {
	w.t.Helper()
	done, err := w.Do(w.t.Context(), Act{Item: w.mustLoad(w.t, id), Action: evidence.Examine})
	if want && (err != nil || done.Receipt == nil) || !want && err == nil {
		w.t.Errorf("%s acts on it: %+v, %v; want that it may: %t", w.Config.State, done, err, want)
	}
}

// The giver's node is away when the answer comes: the accept waits at the giver's desk,
// signed, and is logged when the node is back. Both of its times are shown.
func handoffGiverOffline(t *testing.T, aa, bb *working) {
	h := aa.offers(bb, 72*time.Hour)
	signedAt := bb.Now
	bb.Home.Now = func() time.Time { return signedAt().Add(-2 * time.Hour) } // it took the courier as long
	bb.accepts(h)
	bb.Home.Now = signedAt
	aa.stop()
	done, file, err := aa.LogAnswers(t.Context(), h.answer)
	if err != nil || len(done) != 1 || !done[0].Waits || file != "" {
		t.Fatalf("%+v, %q, %v", done, file, err)
	}
	if again, file, err := aa.LogAnswers(t.Context(), h.answer); err != nil || len(again) != 1 || !again[0].Waits || file != "" {
		t.Errorf("the same answer again: %+v, %q, %v", again, file, err)
	}
	aa.back()
	aa.again()
	if queued, _ := aa.Waiting(); queued != 0 {
		t.Fatalf("%d still queued: %v", queued, aa.Unreached())
	}
	if !h.ends(aa, bb) {
		t.Fatal("custody did not pass")
	}
	for _, w := range []*working{aa, bb} {
		past, err := w.History(w.mustLoad(t, h.id))
		must(t, err)
		last := past.Events[len(past.Events)-1]
		if last.Action != evidence.Accept || last.Logged == nil || last.Logged.Sub(last.Recorded) < time.Hour {
			t.Errorf("%s shows %s, recorded %s, logged %v", w.Config.State, last.Action, last.Recorded, last.Logged)
		}
	}
	bb.holds(h.id, true)
	aa.holds(h.id, false)
}

// The receiver's desk does not reach its node: it takes the item over all the same,
// because that is decided in the giver's ledger, and what it does with it waits, in order.
func handoffReceiverOffline(t *testing.T, aa, bb *working) {
	h := aa.offers(bb, 72*time.Hour)
	bb.line.set(func(l *line) {
		l.cut = func(r *http.Request, _ []byte) trouble {
			return trouble{lostThere: strings.HasPrefix(r.URL.Path, "/v1/")}
		}
	})
	bb.accepts(h)
	if !h.ends(aa, bb) {
		t.Fatal("custody did not pass")
	}
	for range 2 {
		done, err := bb.Do(t.Context(), Act{Item: bb.mustLoad(t, h.id), Action: evidence.Examine})
		if err != nil || !done.Waits {
			t.Fatalf("%+v, %v", done, err)
		}
	}
	bb.again()
	if it := bb.mustLoad(t, h.id); it.Waits() != 2 || bb.Unreached() == nil {
		t.Errorf("%d wait, %v", it.Waits(), bb.Unreached())
	}
	bb.line.set(func(l *line) { l.cut = nil })
	bb.again()
	if it := bb.mustLoad(t, h.id); it.Waits() != 0 || len(it.Entries) != 5 {
		t.Errorf("%d events, %d wait: %v", len(it.Entries), it.Waits(), bb.Unreached())
	}
	if v := bb.verdict(h.id); v.Exit != verify.ExitHolds {
		t.Errorf("exit %d: %s", v.Exit, v.Sentence)
	}
}

// verdict packs an item and verifies the package as a court with the list does.
func (w *working) verdict(id evidence.ItemID) *verify.Verdict {
	w.t.Helper()
	out := filepath.Join(w.t.TempDir(), "p.asice")
	_, err := w.Pack(w.t.Context(), Packing{Items: []*Item{w.mustLoad(w.t, id)}, Out: out})
	must(w.t, err)
	v, err := (&Toured{Package: out, Trust: w.TrustFile()}).Check(w.t.Context())
	must(w.t, err)
	return v
}

// A node that never answers: once the answer is overdue, list, history and verdict show
// the item as disputed, and the giver goes on to answer for it.
func handoffNoAnswer(t *testing.T, aa, bb *working) {
	h := aa.offers(bb, soonDue)
	defer aa.overdue()()
	all, err := aa.List(t.Context(), Filter{Overdue: true})
	must(t, err)
	found := false
	for _, sum := range all {
		found = found || sum.Item == h.id && sum.State == evidence.StateDisputed && sum.Overdue
	}
	if !found {
		t.Errorf("list: %+v", all)
	}
	past, err := aa.History(aa.mustLoad(t, h.id))
	must(t, err)
	if last := past.Time.Spans[len(past.Time.Spans)-1]; last.Kind != evidence.SpanDisputed || past.Time.State != evidence.StateDisputed {
		t.Errorf("history: %s, %s", last.Kind, past.Time.State)
	}
	q := aa.verdict(h.id).Items[0].Questions[2]
	t.Log(q.Status, q.Sentence)
	if !strings.Contains(findings(q), "GAP") {
		t.Errorf("question 3: %s", findings(q))
	}
}
