package intake

import (
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/admit"
	"example.org/custody/verify/pack"
)

// Ended is a ledger of this node's state that has ended, and that the node's own follows.
type Ended interface {
	// Closing returns which leaf closed a seal before the end.
	Closing(seal evidence.Seal) (index uint64, leaf evidence.Hash, ok bool, err error)
}

// own reports whether a ledger is the node's, or one of those that it follows.
func (in *Intake) own(o evidence.Origin) bool { return o == in.Origin || in.Ended[o] != nil }

// closingIn returns which leaf of an own ledger has closed a seal.
func (in *Intake) closingIn(o evidence.Origin, seal evidence.Seal) (index uint64, leaf evidence.Hash, ok bool, err error) {
	if o == in.Origin {
		return in.Writer.Closing(seal)
	}
	return in.Ended[o].Closing(seal)
}

// closing returns where a seal was closed among the own ledgers: the present one, or one
// that it follows.
func (in *Intake) closing(seal evidence.Seal) (at admit.Place, leaf evidence.Hash, ok bool, err error) {
	at.Origin = in.Origin
	at.Index, leaf, ok, err = in.Writer.Closing(seal)
	for o, l := range in.Ended {
		if ok || err != nil {
			break
		}
		at.Origin = o
		at.Index, leaf, ok, err = l.Closing(seal)
	}
	return at, leaf, ok, err
}

// moved returns the state of an item before an event, with its open seal in the ledger
// where the event closes it: that of the event, when the pinned list names it as what
// follows the one in which the seal was opened (rule P13).
func (p *Pinned) moved(st admit.State, e *evidence.Event) admit.State {
	if st.Next == nil || st.Next.Origin == e.Origin || p.List == nil {
		return st
	}
	o := st.Next.Origin
	for range p.List.Retired {
		r, ok := p.List.Retirement(string(o))
		if !ok || r.Successor == "" {
			return st
		}
		if o = evidence.Origin(r.Successor); o == e.Origin {
			next := *st.Next
			next.Origin = o
			st.Next = &next
			return st
		}
	}
	return st
}

// openAtEnd finds out, of an event that closes its seal in a ledger that follows the one
// in which it was opened, that nothing had closed the seal there before the end.
func (s *scope) openAtEnd(p *Pinned, d *pack.Dossier, before *item, c *candidate) *Refusal {
	if before == nil || before.state.Next == nil {
		return nil
	}
	o := before.state.Next.Origin
	for n := 0; o != c.event.Origin; n++ {
		r, ok := p.List.Retirement(string(o))
		if !ok || n == len(p.List.Retired) {
			return refuse(string(admit.CodeChain), "%s does not follow %s", c.event.Origin, o)
		}
		if bad := s.openIn(p, d, r.Final, c.event.Closes); bad != nil {
			return bad
		}
		o = evidence.Origin(r.Successor)
	}
	return nil
}

// openIn finds out that a seal was open where a ledger ended.
func (s *scope) openIn(p *Pinned, d *pack.Dossier, end trust.Point, seal evidence.Seal) *Refusal {
	o := evidence.Origin(end.Origin)
	if s.in.own(o) {
		index, _, closed, err := s.in.closingIn(o, seal)
		switch {
		case err != nil:
			return refuse(codeFault, "the map of closed seals of %s cannot be read", o)
		case closed:
			return refuse(string(admit.CodeChain), "the seal %.12s was closed in %s by leaf %d", seal, o, index)
		}
		return nil
	}
	line, cp, epoch, _, err := p.shared(d, o)
	if err != nil {
		return refuse(CodeProof, "%s, which has ended: %v", o, err)
	}
	covered := epoch.Covered
	if covered == line.Epoch.Index {
		covered++ // an epoch closes no seal
	}
	i := slices.IndexFunc(line.Closed, func(x pack.ClosedLine) bool { return x.Seal == seal })
	if cp.Size != end.Size || evidence.Hash(cp.Root) != evidence.Hash(end.Root) || covered < end.Size || i < 0 {
		return refuse(CodeProof, "nothing shows that the seal %.12s was open where %s ended", seal, o)
	}
	if err := line.Closed[i].Proof.VerifyUnbroken(epoch.Root, seal); err != nil {
		return refuse(CodeProof, "the seal %.12s is not shown to have been open where %s ended: %v", seal, o, err)
	}
	return nil
}
