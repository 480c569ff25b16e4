package intake

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/verify/admit"
	"example.org/custody/verify/pack"
)

// proof is a dossier that was sent along, opened.
type proof struct {
	dossier *pack.Dossier
	events  []*candidate // enrolments and revocations first, then by item and number
}

// openProof reads a dossier; no files are an empty one.
func openProof(files map[string][]byte) (*proof, *Refusal) {
	if len(files) == 0 {
		return &proof{}, nil
	}
	d, err := pack.Decode(files)
	if err != nil {
		return nil, refuse(CodeProof, "%v", err)
	}
	p := &proof{dossier: d}
	for _, l := range d.Events {
		if l.Erased != nil {
			return nil, refuse(CodeProof, "item %s has an erased event", l.Erased.Item.Short())
		}
		c, r := openLine(l)
		if r != nil {
			return nil, r
		}
		p.events = append(p.events, c)
	}
	slices.SortStableFunc(p.events, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(late(a), late(b)), slices.Compare(a.event.Item[:], b.event.Item[:]), cmp.Compare(a.event.Seq, b.event.Seq))
	})
	return p, nil
}

// late sorts what rests on enrolments behind them.
func late(c *candidate) int {
	if c.event.Action == evidence.Enrol || c.event.Action == evidence.Revoke {
		return 0
	}
	return 1
}

// learnHeld is learn while nobody else works on the proof's items.
func (in *Intake) learnHeld(ctx context.Context, pin *Pinned, p *proof) (*Refusal, error) {
	items := map[evidence.ItemID]bool{}
	for _, c := range p.events {
		items[c.event.Item] = true
	}
	ids := slices.Collect(maps.Keys(items))
	if err := in.held.take(ctx, ids...); err != nil {
		return nil, err
	}
	defer in.held.free(ids...)
	r := in.learn(ctx, pin, p)
	if r != nil && r.Code == codeFault && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return r, nil
}

// learn takes in what a proof shows and is not known here yet. The caller holds the
// proof's items.
func (in *Intake) learn(ctx context.Context, pin *Pinned, p *proof) *Refusal {
	s := &scope{in: in}
	var fresh []*candidate
	for left := p.events; len(left) > 0; {
		var waits []*candidate
		var last *Refusal
		for _, c := range left {
			taken, r := s.take(pin, p.dossier, c)
			switch {
			case r != nil && (r.Code == wire.CodeHistoryNeeded || r.Code == wire.CodeEnrolmentNeeded):
				waits, last = append(waits, c), r // what it rests on may come behind it
			case r != nil:
				return r
			case taken:
				fresh = append(fresh, c)
			}
		}
		if len(waits) == len(left) {
			return last
		}
		left = waits
	}
	return in.keep(ctx, s, fresh)
}

// take looks at one event of a proof; taken is false when it is known already.
func (s *scope) take(pin *Pinned, d *pack.Dossier, c *candidate) (taken bool, r *Refusal) {
	// First whether it is in a ledger: who has not that learns nothing of what is known.
	at, r := s.place(pin, d, c)
	if r != nil {
		return false, r
	}
	if it := s.item(c.event.Item); it != nil && c.event.Seq < it.state.Seq {
		if i := slices.IndexFunc(it.events, func(k Known) bool { return k.Seq == uint64(c.event.Seq) }); i < 0 || it.events[i].Leaf != c.hash {
			return false, unplaced(c)
		}
		return false, s.renew(pin, d, c, at)
	}
	if r := s.judge(pin, c, at); r != nil {
		return false, r
	}
	if r := s.openAtEnd(pin, d, s.item(c.event.Item), c); r != nil {
		return false, r
	}
	it := s.item(c.event.Item).after(c, at, bodies.Ref{})
	if c.event.Action == evidence.Enrol {
		if it.key, r = keyOf(c, at); r == nil {
			r = s.shown(pin, d, it.key)
		}
		if r != nil {
			return false, r
		}
	}
	s.set(c.event.Item, it)
	return true, nil
}

// renew proves a known key of another ledger again.
func (s *scope) renew(pin *Pinned, d *pack.Dossier, c *candidate, at admit.Place) *Refusal {
	it := s.item(c.event.Item)
	if c.event.Action != evidence.Enrol || it.key == nil || s.in.own(c.event.Origin) || it.key.Closed != nil || !at.Received.After(it.key.proven) {
		return nil
	}
	k, next := *it.key, *it
	k.Place = at
	if r := s.shown(pin, d, &k); r != nil {
		return r
	}
	next.key = &k
	s.set(c.event.Item, &next)
	return nil
}

func unplaced(c *candidate) *Refusal {
	return refuse(CodeProof, "event %d of item %s is not leaf %d of the ledger", c.event.Seq, c.event.Item.Short(), *c.body.Index)
}

// place finds out that the event's leaf is where it is said to be.
func (s *scope) place(pin *Pinned, d *pack.Dossier, c *candidate) (admit.Place, *Refusal) {
	index := *c.body.Index
	if !s.in.own(c.event.Origin) {
		return pin.elsewhere(d, c)
	}
	at, leaf, closed, err := s.in.closingIn(c.event.Origin, c.event.Closes)
	if err != nil || !closed || at != index || leaf != c.hash {
		return admit.Place{}, unplaced(c)
	}
	// When it was received is not asked within one ledger.
	return admit.Place{Origin: c.event.Origin, Index: index, Received: c.event.Recorded}, nil
}

// elsewhere proves the place of an event in another ledger: its leaf is included under
// a checkpoint that meets the court policy.
func (p *Pinned) elsewhere(d *pack.Dossier, c *candidate) (admit.Place, *Refusal) {
	bad := func(err error) (admit.Place, *Refusal) {
		return admit.Place{}, refuse(CodeProof, "event %d of item %s in %s: %v", c.event.Seq, c.event.Item.Short(), c.event.Origin, err)
	}
	line, cp, epoch, at, err := p.shared(d, c.event.Origin)
	if err != nil {
		return bad(err)
	}
	i := slices.IndexFunc(line.Inclusion, func(x pack.Inclusion) bool { return x.Index == *c.body.Index })
	if i < 0 {
		return bad(fmt.Errorf("no inclusion proof of leaf %d", *c.body.Index))
	}
	if err := cp.VerifyInclusion(line.Inclusion[i].Proof, *c.body.Index, c.hash); err != nil {
		return bad(err)
	}
	// That no leaf before it closed the seal is what the auditors sign (rule P11). Where
	// the map says which one did, it must be this.
	if j := slices.IndexFunc(line.Closed, func(x pack.ClosedLine) bool { return x.Seal == c.event.Closes }); j >= 0 {
		if err := line.Closed[j].Proof.VerifyClosed(epoch.Root, c.event.Closes, c.hash); err != nil {
			return bad(err)
		}
	}
	return admit.Place{Origin: c.event.Origin, Index: *c.body.Index, Received: at}, nil
}

// shared opens what a dossier proves of one ledger.
func (p *Pinned) shared(d *pack.Dossier, o evidence.Origin) (line *pack.LogLine, cp ledger.Checkpoint, e ledger.Epoch, at time.Time, err error) {
	if line = d.Log(o); line == nil {
		return nil, cp, e, at, fmt.Errorf("the proofs say nothing of that ledger")
	}
	signed, ok := d.Note(line.Note)
	if !ok {
		return nil, cp, e, at, fmt.Errorf("its checkpoint is not among the proofs")
	}
	if cp, at, err = p.checkpoint(signed, o); err != nil {
		return nil, cp, e, at, err
	}
	leaf, err := ledger.ParseLeaf(line.Epoch.Leaf[:])
	if err != nil {
		return nil, cp, e, at, err
	}
	e, ok = leaf.Epoch()
	if !ok {
		return nil, cp, e, at, fmt.Errorf("leaf %d is no epoch", line.Epoch.Index)
	}
	return line, cp, e, at, cp.VerifyInclusion(line.Epoch.Proof, line.Epoch.Index, leaf.Hash())
}

// shown finds out whether a key's enrolment in another ledger is unbroken, and until
// when. A closed one needs its revocation among the events.
func (s *scope) shown(pin *Pinned, d *pack.Dossier, k *key) *Refusal {
	if s.in.own(k.Place.Origin) {
		return nil
	}
	line, _, epoch, at, err := pin.shared(d, k.Place.Origin)
	if err != nil {
		return refuse(CodeProof, "%v", err)
	}
	k.proven = at // an old checkpoint says nothing about the key today
	if slices.ContainsFunc(d.Events, func(l pack.EventLine) bool { return l.Erased == nil && l.SealKey.Seal() == k.seal }) {
		return nil // its revocation, which is looked at like every event
	}
	i := slices.IndexFunc(line.Closed, func(x pack.ClosedLine) bool { return x.Seal == k.seal })
	if i < 0 {
		return refuse(CodeProof, "nothing says whether the enrolment %s was ended", k.Item.Short())
	}
	if err := line.Closed[i].Proof.VerifyUnbroken(epoch.Root, k.seal); err != nil {
		return refuse(CodeProof, "the enrolment %s is not shown to be unbroken: %v", k.Item.Short(), err)
	}
	k.Unbroken = []admit.Checkpoint{{Size: epoch.Covered, Time: at}}
	return nil
}

// keep makes what was learnt durable, and then known.
func (in *Intake) keep(ctx context.Context, s *scope, fresh []*candidate) *Refusal {
	all := make([]*bodies.Body, len(fresh))
	for i, c := range fresh {
		all[i] = &c.body
	}
	refs, err := in.Bodies.Put(ctx, all...)
	if err != nil {
		return refuse(codeFault, "%v", err)
	}
	for i, c := range fresh {
		it := s.extra[c.event.Item]
		for j := range it.events {
			if it.events[j].Leaf == c.hash {
				it.events[j].ref = refs[i]
			}
		}
	}
	in.publish(s)
	for id, it := range s.extra {
		if len(it.erases) == 0 {
			continue
		}
		if err := in.erase(ctx, id, it); err != nil {
			return refuse(codeFault, "%v", err)
		}
	}
	return nil
}

func (in *Intake) publish(s *scope) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for id, it := range s.extra {
		in.setLocked(id, it)
	}
}
