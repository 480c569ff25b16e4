package intake

import (
	"context"
	"errors"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing"
	"example.org/custody/verify/verifytest"
)

// slow is a writer whose cosigners do not answer about one leaf.
type slow struct {
	Writer
	leaf      ledger.Leaf
	came, end chan struct{}
}

// Submit implements Writer.
func (s slow) Submit(ctx context.Context, leaves ...ledger.Leaf) ([]writer.Result, error) {
	if leaves[0] == s.leaf {
		close(s.came)
		<-s.end
	}
	return s.Writer.Submit(ctx, leaves...)
}

// stuck submits events of which the first is on its way until end is called.
func (p *place) stuck(who *verifytest.Officer, all ...*verifytest.Event) (end func()) {
	p.Helper()
	s := slow{p.book, all[0].Leaf, make(chan struct{}), make(chan struct{})}
	p.in.Writer = s
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.submit(Caller{Key: who.ID}, nil, all...)
	}()
	<-s.came
	return func() { close(s.end); <-done; p.in.Writer = p.book }
}

// forge gives all further events of an item the signature of another event.
func (p *place) forge(it *verifytest.Item, of *verifytest.Event) {
	p.Helper()
	other, err := signing.Parse(of.Envelope)
	if err != nil {
		p.Fatal(err)
	}
	it.Forge = func(e *signing.Envelope) { e.Signatures[0].Sig = other.Signatures[0].Sig }
}

// Whoever names another's item, or ends another's key, without the right to it holds
// nobody up, however long his own events take.
func TestNobodyIsHeldUp(t *testing.T) {
	p := newPlace(t)
	ann, eve := p.enrol(evidence.RoleCollector), p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	p.takes(it.Events...)
	claims := eve.Collect(thing()).Unlogged(evidence.Examine, []*verifytest.Officer{eve}, verifytest.Record{}, func(e *evidence.Event) { e.Item, e.Seq = it.ID, 1 })
	p.forge(ann.Enrolment, it.Events[0])
	ends := ann.Enrolment.Unlogged(evidence.Revoke, []*verifytest.Officer{p.w.State("AA").Authority}, verifytest.Record{})
	own := eve.Collect(verifytest.Record{Fields: map[string]any{"description": "own"}}).Events[0]
	end := p.stuck(eve, own, claims, ends)
	defer end()
	p.takes(it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{}))
	for name, bad := range map[string]*verifytest.Event{"revoke": ends, "examine": claims} {
		if o := p.submit(Caller{Key: eve.ID}, nil, bad)[0]; o.Refused == nil {
			t.Errorf("%s: %v", name, o)
		}
	}
	p.takes(it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{}))
}

// Waiting for an item, or for all others, ends with the request, and what waited is not
// logged.
func TestWaitEndsWithRequest(t *testing.T) {
	p := newPlace(t)
	ann, bob := p.enrol(evidence.RoleCollector), p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	first, next := it.Events[0], it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
	end := p.stuck(ann, first)
	for name, e := range map[string]*verifytest.Event{"the item": next, "a revocation": bob.Revoke()} {
		ctx, leave := context.WithCancel(t.Context())
		got := make(chan error, 1)
		go func() {
			_, err := p.in.Submit(ctx, desk, &wire.Submission{Events: []wire.Event{p.of(e)}})
			got <- err
		}()
		leave()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	end()
	p.takes(first, next)
	if _, standing := p.in.Caller(bob.ID); standing != Good {
		t.Error("a revocation that nobody waited for was logged")
	}
}

// A bad signature is refused before anything is waited for.
func TestPrecheck(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	end := p.stuck(ann, it.Events[0])
	defer end()
	p.forge(it, it.Events[0])
	forged := it.Unlogged(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
	p.refuses(CodeSigner, forged) // while the item is held
}
