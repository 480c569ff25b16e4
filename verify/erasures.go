package verify

import (
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/verify/admit"
)

// erasureCase is what a disposal says about an event that was erased (rule P7).
type erasureCase struct {
	evidence.Erasure
	by *eventCase // the dispose event
}

// openErased takes in the leaf that stands for an erased event. Which ledger it
// is in the line does not say; the map that closes its seal does.
func (s *session) openErased(e *eventCase) {
	e.leaf = e.line.Erased.Leaf
	e.hash = e.leaf.Hash()
	seal, ok := e.leaf.Seal()
	_, err := ledger.ParseLeaf(e.leaf[:])
	if err != nil || !ok {
		e.form = conclude(checkErased, e.subject, fails(Proof{"leaf": hexOf(e.leaf[:])}, "the leaf given for an erased event is none of an event"))
		e.included = conclude(checkIncluded, e.subject, undecided("the leaf is none"), e.form)
		return
	}
	s.closers[seal] = e
	for _, l := range s.d.Logs {
		c := s.logs[l.Origin]
		if p, ok := c.proofs[seal]; ok && c.readable && p.VerifyClosed(c.commits.Root, seal, e.hash) == nil {
			e.origin, e.log = l.Origin, c
		}
	}
	if e.log == nil {
		e.included = conclude(checkIncluded, e.subject, undecided("no map of closed seals shows that the leaf closed its seal"))
		return
	}
	e.included = s.include(e)
}

// openErasures gathers what the disposals say.
func (s *session) openErasures() {
	for _, e := range s.events {
		if e.event == nil {
			continue
		}
		for _, x := range e.event.Erases {
			if old := s.erasures[x.Leaf]; old == nil || !s.erasesOwn(old) && s.erasesOwn(&erasureCase{x, e}) {
				s.erasures[x.Leaf] = &erasureCase{x, e}
			}
		}
	}
}

// erasesOwn reports whether a disposal is of the item whose event it erases.
func (s *session) erasesOwn(x *erasureCase) bool {
	gone := s.byLeaf[x.Leaf]
	return gone != nil && gone.item == x.by.item
}

// erased judges the place of an erased event: its leaf is in the ledger and the
// map, and a disposal of the same item, with two signatures, names it.
func (s *session) erased(e *eventCase) *Finding {
	x := s.erasures[e.hash]
	if x == nil {
		return conclude(checkErased, e.subject, fails(Proof{"leaf": hexOf(e.leaf[:])}, "the event is not shown, and no disposal names its leaf: it counts as dropped"), e.form)
	}
	if x.by.item != e.item {
		return conclude(checkErased, e.subject, undecided("%s names its leaf, and is a disposal of another item: nothing ties it to this history", x.by.subject), e.form)
	}
	var epoch *Finding
	if e.log != nil {
		epoch = e.log.epoch
	}
	on := append([]*Finding{e.form, e.included, epoch, x.twoPersons(), x.by.sound()}, x.by.enrolled...)
	on = append(on, x.by.period...)
	return conclude(checkErased, e.subject, holds("erased by order %q: the leaf stands at %s and %s names it", x.Order, cite(e.origin, e.line.Index), x.by.subject), on...)
}

// twoPersons is what an erasure asks of its disposal beside the signatures. Where
// the erased event hides how the item stood, that does not hinder it.
func (x *erasureCase) twoPersons() *Finding {
	if f := x.by.allowed; f.Status != Undecided {
		return f
	}
	if r := admit.TwoPersons(x.by.event); r != nil {
		return conclude(checkAllowed, x.by.subject, refused(r))
	}
	return nil
}

// erasureOf returns the erasure for a fold; nil when nothing names the leaf.
func (s *session) erasureOf(e *eventCase) *evidence.Erasure {
	if x := s.erasures[e.hash]; x != nil {
		return &x.Erasure
	}
	return nil
}
