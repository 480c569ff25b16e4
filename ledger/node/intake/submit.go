package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/ledger/writer"
	"example.org/custody/verify/admit"
)

// Outcome is what became of one event: Refused, or an index.
type Outcome struct {
	Leaf    evidence.Hash // leaf hash, as the event's envelope, salt and seal key make it
	Index   uint64
	Receipt *ledger.Receipt // nil while cosignatures are missing
	Retried bool            // it was in the ledger before
	Refused *Refusal
}

// Submit takes events in, in their order, and returns what became of each. Those that
// have an index are durable with all that came with them.
//
// An error says that the fate of some is open, or that nothing was logged; submitting
// the same again is safe (rule P20). [writer.ErrReadOnly], [ErrNoTrust], [ErrForeign].
func (in *Intake) Submit(ctx context.Context, who Caller, s *wire.Submission) ([]Outcome, error) {
	if err := in.Writer.ReadOnly(); err != nil {
		return nil, err
	}
	pin, err := in.Pinned()
	if err != nil {
		return nil, err
	}
	proof, r := openProof(s.Proofs)
	b := &batch{in: in, pin: pin, who: who.Key, out: make([]Outcome, len(s.Events)), all: make([]*candidate, len(s.Events)), lost: map[evidence.ItemID]bool{}}
	for i, e := range s.Events {
		b.all[i], b.out[i].Refused = open(e)
		c := b.all[i]
		switch {
		case c == nil:
			b.out[i].Leaf = e.Recompute().Hash()
		case !who.maySubmit(c.event):
			return nil, ErrForeign
		default:
			b.out[i].Leaf = c.hash
		}
	}
	if err := b.run(ctx, proof, r); err != nil {
		return nil, err
	}
	for _, o := range b.out {
		if o.Refused != nil && o.Refused.Code == codeFault {
			return nil, o.Refused // a fault is no refusal of the event: it is to be sent again
		}
	}
	return b.out, nil
}

const codeFault = "fault"

// ErrForeign reports a key of another state that submits something else than its own
// accept or decline: it could fill the ledger.
var ErrForeign = errors.New("a key of another state submits only its own answers to offers")

// batch is one submission on its way.
type batch struct {
	in   *Intake
	pin  *Pinned
	who  evidence.KeyID
	all  []*candidate // nil: refused for its form
	out  []Outcome
	lost map[evidence.ItemID]bool // items of which an event was refused
}

// run judges and logs; bad says why there is no proof.
func (b *batch) run(ctx context.Context, p *proof, bad *Refusal) error {
	b.precheck()
	if bad == nil && !b.logged() {
		var err error
		if bad, err = b.in.learnHeld(ctx, b.pin, p); err != nil {
			return err
		}
	}
	for i, c := range b.all {
		// What is in the ledger has its receipt, whatever came along (rule P20).
		if bad != nil && b.out[i].Refused == nil && !b.in.has(c) {
			b.out[i].Refused = bad
		}
	}
	for from := 0; from < len(b.all); {
		to := b.round(from)
		if err := b.apart(ctx, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// apart decides and logs the events from ≤ i < to while nobody else works on their items.
func (b *batch) apart(ctx context.Context, from, to int) error {
	free, err := b.in.between(ctx, b.revokes(from, to))
	if err != nil {
		return err
	}
	defer free()
	var ids []evidence.ItemID // each once
	for i, c := range b.all[from:to] {
		if c != nil && b.out[from+i].Refused == nil {
			ids = append(ids, c.event.Item)
		}
	}
	if err := b.in.held.take(ctx, ids...); err != nil {
		return err
	}
	taken, keeps, left := b.admitAll(from, to)
	// Logging may take long: what was refused holds nobody up meanwhile.
	b.in.held.free(left...)
	defer func() {
		for _, i := range taken {
			b.in.held.free(b.all[i].event.Item)
		}
	}()
	return b.log(ctx, taken, keeps)
}

// logged reports whether all events are in the ledger already.
func (b *batch) logged() bool {
	for _, c := range b.all {
		if c != nil && !b.in.has(c) {
			return false
		}
	}
	return true
}

// has reports whether the event's leaf is in the own ledger.
func (in *Intake) has(c *candidate) bool {
	_, leaf, closed, err := in.Writer.Closing(c.event.Closes)
	return err == nil && closed && leaf == c.hash
}

// round returns the end of the longest run of events from one on of which none rests on
// another: the one before it of the same item, its parent's derive, its signer's
// enrolment.
func (b *batch) round(from int) int {
	in := map[evidence.ItemID]bool{}
	for i := from; i < len(b.all); i++ {
		c := b.all[i]
		if c == nil {
			continue
		}
		rests := in[c.event.Item] || c.event.Parent != nil && in[c.event.Parent.Item]
		for _, s := range c.event.Signers {
			rests = rests || in[s.Enrolled]
		}
		if rests {
			return i
		}
		in[c.event.Item] = true
	}
	return len(b.all)
}

// finishTime is how long what was begun may take, also when nobody waits for it any
// more: what is logged must become known here.
const finishTime = time.Minute

// admitAll decides the events from ≤ i < to: those that are taken, those of them whose
// bodies are to be kept, and the held items of those that are not.
func (b *batch) admitAll(from, to int) (taken, keeps []int, left []evidence.ItemID) {
	for i := from; i < to; i++ {
		holds := b.all[i] != nil && b.out[i].Refused == nil
		known, ok := b.admit(i)
		switch {
		case ok && !known:
			keeps = append(keeps, i)
			fallthrough
		case ok:
			taken = append(taken, i)
		case holds:
			left = append(left, b.all[i].event.Item)
		}
	}
	return taken, keeps, left
}

// log makes bodies durable and logs the events that are taken.
func (b *batch) log(ctx context.Context, taken, keeps []int) error {
	if len(taken) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
	defer cancel()
	leaves, kept := make([]ledger.Leaf, len(taken)), make([]*bodies.Body, len(keeps))
	for k, i := range taken {
		leaves[k] = b.all[i].leaf
	}
	for k, i := range keeps {
		kept[k] = &b.all[i].body
	}
	put, err := b.in.Bodies.Put(ctx, kept...)
	if err != nil {
		return err
	}
	refs := map[int]bodies.Ref{}
	for k, i := range keeps {
		refs[i] = put[k]
		b.in.keepSpare(b.all[i].hash, put[k]) // until it is known
	}
	results, err := b.in.Writer.Submit(ctx, leaves...)
	if err != nil {
		return err
	}
	for k, r := range results {
		if err := b.settle(ctx, taken[k], r, refs); err != nil {
			return err
		}
	}
	return nil
}

// admit decides one event; ok is false when it is refused, and known says that its leaf
// is in the ledger already.
func (b *batch) admit(i int) (known, ok bool) {
	c := b.all[i]
	if c == nil || b.out[i].Refused != nil {
		b.lose(i, b.out[i].Refused)
		return false, false
	}
	if c.ends() && c.verified == nil && !b.in.has(c) { // its authority is not in the list
		b.lose(i, refuse(CodeSigner, "no authority that the pinned list names has signed the revocation"))
		return false, false
	}
	where, leaf, closed, err := b.in.closing(c.event.Closes)
	switch {
	case err != nil:
		b.lose(i, refuse(codeFault, "the map of closed seals cannot be read"))
		return false, false
	case closed && leaf == c.hash:
		b.out[i].Retried = true
		return b.knows(c, where.Index), true
	case closed && where.Origin != b.in.Origin:
		b.lose(i, refuse(string(admit.CodeChain), "the seal %.12s was closed in %s by leaf %d", c.event.Closes, where.Origin, where.Index))
		return false, false
	case closed:
		b.lose(i, closedBy(c.event.Closes, where.Index, leaf))
		return false, false
	case b.lost[c.event.Item] || c.event.Parent != nil && b.lost[c.event.Parent.Item]:
		b.lose(i, refuse(wire.CodeFollows, "an event that it follows was refused"))
		return false, false
	}
	at := admit.Place{Origin: b.in.Origin, Index: b.in.Writer.Size(), Received: b.in.Now()}
	if r := (&scope{in: b.in, who: b.who, now: true}).judge(b.pin, c, at); r != nil {
		b.lose(i, r)
		return false, false
	}
	return false, true
}

func (b *batch) lose(i int, r *Refusal) {
	b.out[i].Refused = r
	if c := b.all[i]; c != nil {
		b.lost[c.event.Item] = true
	}
}

// knows reports whether a logged event need not be kept: it is known, or what it rests
// on is not. The answer to the submission that logged it may have been lost on the way.
func (b *batch) knows(c *candidate, index uint64) bool {
	if _, _, ok := b.in.Find(c.hash); ok {
		return true
	}
	at := admit.Place{Origin: b.in.Origin, Index: index, Received: c.event.Recorded}
	return (&scope{in: b.in, who: b.who}).judge(b.pin, c, at) != nil
}

// settle notes what the writer made of an event.
func (b *batch) settle(ctx context.Context, i int, r writer.Result, refs map[int]bodies.Ref) error {
	c := b.all[i]
	var closed *ledger.ClosedError
	switch {
	case errors.As(r.Refused, &closed):
		b.lose(i, closedBy(closed.Seal, closed.Index, closed.Leaf))
		return nil
	case r.Refused != nil:
		b.lose(i, refuse(CodeLeaf, "%v", r.Refused))
		return nil
	}
	b.out[i].Index, b.out[i].Receipt, b.out[i].Retried = r.Index, r.Receipt, r.Retried
	if ref, ok := refs[i]; ok {
		b.in.logged(c, r.Index, ref)
	}
	return b.in.carryOut(ctx, c.event)
}

// logged adds an event of the own ledger to what is known.
func (in *Intake) logged(c *candidate, index uint64, ref bodies.Ref) {
	in.mu.Lock()
	defer in.mu.Unlock()
	it := in.items[c.event.Item]
	if it != nil && it.state.Seq != c.event.Seq {
		return // it is known
	}
	in.dropSpare(c.hash, ref)
	at := admit.Place{Origin: in.Origin, Index: index, Received: in.Now()}
	in.setLocked(c.event.Item, it.with(waiting{c: c, hash: c.hash, seq: c.event.Seq, at: at, ref: ref}))
}

// String says what became of an event, for logs.
func (o Outcome) String() string {
	switch {
	case o.Refused != nil:
		return o.Refused.Error()
	case o.Receipt == nil:
		return fmt.Sprintf("%d, pending", o.Index)
	}
	return fmt.Sprint(o.Index)
}
