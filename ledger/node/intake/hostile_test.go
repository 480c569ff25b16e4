package intake

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/verifytest"
)

// gone is a writer whose caller leaves once the leaves are on their way.
type gone struct {
	Writer
	leave context.CancelFunc
	lost  error // the answer is lost as well
}

// Submit implements Writer.
func (g gone) Submit(ctx context.Context, leaves ...ledger.Leaf) ([]writer.Result, error) {
	g.leave()
	r, err := g.Writer.Submit(ctx, leaves...)
	return r, errors.Join(err, g.lost)
}

// Whoever leaves, and whatever answer is lost: what is logged becomes known, custody
// passes here too, and what is to be erased is.
func TestNobodyWaits(t *testing.T) {
	for _, lost := range []error{nil, errors.New("lost")} {
		p := newPlace(t)
		ann, bob := p.enrol(evidence.RoleCustodian), p.enrol(evidence.RoleApprover)
		it := ann.Collect(thing())
		it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
		p.takes(it.Events...)
		old := it.Events[1]
		order := it.Act(evidence.Dispose, []*verifytest.Officer{ann, bob}, verifytest.Record{}, func(e *evidence.Event) {
			e.Erases = []evidence.Erasure{{Leaf: old.Leaf.Hash(), Opened: []evidence.Seal{old.Event.Opens.Next.Seal}, Order: "order 7/2026"}}
		})
		ctx, leave := context.WithCancel(t.Context())
		p.in.Writer = gone{p.book, leave, lost}
		_, err := p.in.Submit(ctx, desk, &wire.Submission{Events: []wire.Event{p.of(order)}})
		p.in.Writer = p.book
		if (err == nil) != (lost == nil) {
			t.Errorf("%v, lost %v", err, lost)
		}
		p.takes(order) // the same again
		if n := p.kept(old.Envelope); n != 0 || len(p.in.Events(it.ID)) != 3 {
			t.Errorf("lost %v: %d copies, %d events known", lost, n, len(p.in.Events(it.ID)))
		}
	}
}

// A compromised authority is nobody's any more, and what it enrolled past its last good
// size is void.
func TestCompromised(t *testing.T) {
	p := newPlace(t)
	before := p.enrol(evidence.RoleCollector)
	good := p.book.Size()
	after := p.enrol(evidence.RoleCollector)
	list := p.w.EditList(func(l *trust.List) {
		for _, a := range l.Authorities {
			if a.State == "AA" {
				l.Compromised = append(l.Compromised, trust.Compromise{State: "AA", Digest: a.Digest, GoodUntil: trust.Point{Origin: string(p.own().Origin), Size: good}})
			}
		}
	})
	p.in.Pinned = func() (*Pinned, error) { return NewPinned(list) }
	for o, want := range map[*verifytest.Officer]Standing{p.w.State("AA").Authority: Unknown, before: Good, after: Revoked} {
		if _, got := p.in.Caller(o.ID); got != want {
			t.Errorf("standing %d, want %d", got, want)
		}
	}
	p.takes(before.Collect(thing()).Events[0])
	p.refuses("period", after.Collect(verifytest.Record{Fields: map[string]any{"description": "x"}}).Events[0])
}

// An authority whose time is over enrols nobody any more; what it enrolled stays.
func TestEndedAuthority(t *testing.T) {
	p := newPlace(t)
	before := p.enrol(evidence.RoleCollector)
	list := p.w.EditList(func(l *trust.List) {
		for i, a := range l.Authorities {
			if a.State == "AA" {
				l.Authorities[i].To = p.w.Now.Add(time.Hour).Truncate(time.Second)
			}
		}
	})
	p.in.Pinned = func() (*Pinned, error) { return NewPinned(list) }
	p.w.Tick(2 * time.Hour)
	p.refuses("authority", p.w.State("AA").Enrol(evidence.RoleCollector).Enrolment.Events[0])
	p.takes(before.Collect(thing()).Events[0])
}

// What is logged has its receipt, whatever proofs come along (P20).
func TestRetryWithBadProofs(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	e := ann.Collect(thing()).Events[0]
	p.takes(e)
	if o := p.submit(desk, map[string][]byte{"x": []byte("y")}, e)[0]; o.Refused != nil || !o.Retried || o.Receipt == nil {
		t.Error(o)
	}
}

// An older proof of a key takes nothing from a newer one.
func TestOlderProof(t *testing.T) {
	p := newPlace(t)
	eve := p.w.State("BB").Enrol(evidence.RoleCollector)
	old, errO := p.w.Dossier(eve.Enrolment).Encode()
	p.w.Tick(20 * time.Hour)
	p.w.State("BB").Log.Checkpoint(verifytest.Cosigning{})
	fresh, errF := p.w.Dossier(eve.Enrolment).Encode()
	if err := errors.Join(errO, errF, p.in.Introduce(t.Context(), fresh)); err != nil {
		t.Fatal(err)
	}
	want, _ := p.in.Caller(eve.ID)
	if err := p.in.Introduce(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if got, s := p.in.Caller(eve.ID); s != Good || !got.Until.Equal(want.Until) {
		t.Errorf("until %s, not %s", got.Until, want.Until)
	}
}

// broken is a ledger whose map cannot be read.
type broken struct{ Writer }

// Closing implements Writer.
func (broken) Closing(evidence.Seal) (uint64, evidence.Hash, bool, error) {
	return 0, evidence.Hash{}, false, errors.New("damaged")
}

// A fault of the node is no refusal of the event: it is to be sent again.
func TestFaultIsNoRefusal(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	p.in.Writer = broken{p.book}
	if out, err := p.in.Submit(t.Context(), desk, &wire.Submission{Events: []wire.Event{p.of(ann.Collect(thing()).Events[0])}}); err == nil {
		t.Errorf("%v", out)
	}
}

// Naming the custodian as a signer tells nothing about the item.
func TestNamedSigners(t *testing.T) {
	p := newPlace(t)
	ann, eve := p.enrol(evidence.RoleCollector), p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	p.takes(it.Events...)
	var said []string
	for _, item := range []evidence.ItemID{it.ID, {9}} {
		x := eve.Collect(thing())
		guess := x.Unlogged(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{}, func(e *evidence.Event) { e.Item, e.Seq = item, 5 })
		said = append(said, p.submit(Caller{Key: eve.ID}, nil, guess)[0].Refused.Error())
	}
	if said[0] != said[1] {
		t.Errorf("%q", said)
	}
}
