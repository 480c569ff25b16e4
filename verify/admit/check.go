package admit

import (
	"example.org/custody/evidence"
)

// Case is an event that asks to be added, with what is known about it.
type Case struct {
	State State           // of the item before the event
	Event *evidence.Event // valid by itself ([evidence.Event.Validate])
	Place Place           // where it is, or would be, in its ledger
	// Enrolments holds one entry for each signer, in their order; nil for an
	// authority's own key and for a key whose enrolment is not known.
	Enrolments []*Enrolment
	// Derive is the parent's derive event and its leaf hash, for a collect with
	// a parent; nil when it is not known.
	Derive     *evidence.Event
	DeriveLeaf evidence.Hash
}

// Check answers the question: may these keys add this event to this history? It
// returns nil, or the first refusal: the chain, the parent, each signer's
// enrolment and period, the table.
//
// Authority keys are not looked up: whether one counts is the trust list's to
// say ([example.org/custody/signing/trust.List.CheckEnrolment]).
func Check(c Case) *Refusal {
	if r := Chain(c.State, c.Event); r != nil {
		return r
	}
	if r := Parent(c.Event, c.Derive, c.DeriveLeaf); r != nil {
		return r
	}
	for i, s := range c.Event.Signers {
		if s.Role == evidence.RoleAuthority {
			continue // Act refuses it wherever an enrolled key is needed
		}
		var n *Enrolment
		if i < len(c.Enrolments) {
			n = c.Enrolments[i]
		}
		if r := n.Signer(s); r != nil {
			return r
		}
		if r := n.Covers(c.Place); r != nil {
			return r
		}
	}
	return Act(c.State, c.Event)
}

// Chain reports whether e is the next event of the history that led to s: its
// number, the leaf before it, the seal it closes and the ledger in which it
// does so (rules P2, P13).
func Chain(s State, e *evidence.Event) *Refusal {
	switch {
	case e.Seq != s.Seq:
		return refuse(CodeChain, what(e), "it is number %d and number %d is next", e.Seq, s.Seq)
	case s.Phase == Birth:
		return nil // birth seal and origin are the event's own form
	case s.Leaf != evidence.Hash{} && e.Previous != s.Leaf:
		return refuse(CodeChain, what(e), "it follows the leaf %s, the last one is %s", e.Previous, s.Leaf)
	case s.Phase == Ended:
		return refuse(CodeState, what(e), "the item has ended")
	case s.Next == nil:
		return undecided(CodeChain, what(e), "the event before was erased, so the open seal is not known")
	case e.Closes != s.Next.Seal:
		return refuse(CodeChain, what(e), "it closes the seal %s, open is %s", e.Closes, s.Next.Seal)
	case e.Origin != s.Next.Origin:
		return refuse(CodeChain, what(e), "it is for the ledger %s, the open seal belongs to %s", e.Origin, s.Next.Origin)
	}
	return nil
}

// Parent reports whether the collect e with a parent is named by the parent's
// derive event, whose leaf hash is leaf. Without a parent there is nothing to
// ask; with one, a nil derive is undecided.
func Parent(e, derive *evidence.Event, leaf evidence.Hash) *Refusal {
	if e.Parent == nil {
		return nil
	}
	switch {
	case derive == nil:
		return undecided(CodeParent, what(e), "the parent's derive event is not known")
	case derive.Action != evidence.Derive || derive.Item != e.Parent.Item || leaf != e.Parent.Leaf:
		return refuse(CodeParent, what(e), "the leaf %s is not a derive event of the parent %s", e.Parent.Leaf, e.Parent.Item.Short())
	}
	for _, c := range derive.Opens.Children {
		if c.Item == e.Item && c.Origin == e.Origin {
			return nil
		}
	}
	return refuse(CodeParent, what(e), "the parent's derive event does not name it")
}
