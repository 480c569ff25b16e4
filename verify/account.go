package verify

import (
	"example.org/custody/evidence"
	"example.org/custody/ledger/closed"
)

// opening is one seal that an event opened (rule P2).
type opening struct {
	seal   evidence.Seal
	origin evidence.Origin // the ledger it lives in; "" when an erased event opened it
	child  bool            // the first event of another item must close it
	hidden bool            // opened by an erased event, and nothing tells which of the two it is
}

// accounting says what became of a seal.
type accounting struct {
	accounted *Finding // seal.accounted
	unbroken  *Finding // seal.unbroken; nil when that is not what accounts for it
	successor *Finding // seal.unbroken in the ledger that follows a retired one; nil where there is none
	epoch     *logCase // the ledger whose epoch shows it unbroken
}

// openings lists the seals that an event opened.
func (s *session) openings(e *eventCase) []opening {
	var list []opening
	if e.event != nil {
		if n := e.event.Opens.Next; n != nil {
			list = append(list, opening{seal: n.Seal, origin: n.Origin})
		}
		for _, c := range e.event.Opens.Children {
			list = append(list, opening{seal: evidence.Seal(c.Item), origin: c.Origin, child: true})
		}
	} else if x := s.erasures[e.hash]; x != nil && e.line.Erased != nil {
		// Of the seals that an erased event opened one is next; once an event of
		// the item closes that one, the others are children's (rule P2).
		known := false
		for _, seal := range x.Opened {
			by := s.closers[seal]
			known = known || by != nil && by.item == e.item
		}
		for _, seal := range x.Opened {
			list = append(list, opening{seal: seal, child: known, hidden: !known})
		}
	}
	return list
}

// account says what became of a seal that e opened: closed by an event shown,
// unbroken, or gone on as another item (rules P2, P4, P7, P13).
func (s *session) account(e *eventCase, o opening) accounting {
	if by := s.closers[o.seal]; by != nil {
		r := s.closedBy(e, o, by)
		if r.status == Holds {
			r = s.agrees(o, by, r)
		}
		return accounting{accounted: conclude(checkAccounted, e.subject, r, by.included, by.closes)}
	}
	if o.hidden {
		return accounting{accounted: conclude(checkAccounted, e.subject, undecided("the seal %s was opened by an erased event, and nothing tells in which ledger", o.seal))}
	}
	l, proof, ok := s.proofOf(o)
	if l != nil && !l.readable && !o.child {
		return accounting{accounted: conclude(checkAccounted, e.subject, undecided("the epoch of %s says nothing", o.origin), l.epoch)}
	}
	if !ok {
		if o.child {
			return accounting{accounted: conclude(checkAccounted, e.subject, goesOn(o))}
		}
		return accounting{accounted: conclude(checkAccounted, e.subject, undecided("nothing shows what became of the seal %s in %s", o.seal, o.origin))}
	}
	leaf, shut, err := proof.Verify(l.commits.Root, o.seal)
	if err != nil {
		return accounting{accounted: conclude(checkAccounted, e.subject, fails(Proof{"seal": o.seal.String(), "map_root": l.commits.Root.String(), "map_proof": mapProof(proof)},
			"the proof of the map of closed seals does not lead to the epoch's root"), l.epoch)}
	}
	if o.child {
		return accounting{accounted: conclude(checkAccounted, e.subject, goesOn(o), l.epoch)}
	}
	if shut {
		return accounting{accounted: conclude(checkAccounted, e.subject, notShown(o, l, leaf, proof), l.epoch)}
	}
	f := conclude(checkUnbroken, e.subject, s.reaches(e, o, l), l.epoch)
	next := s.successorOf(e, o, l)
	return accounting{
		accounted: conclude(checkAccounted, e.subject, holds("the seal %s is unbroken", o.seal), f, next),
		unbroken:  f, successor: next, epoch: l,
	}
}

// mapProof writes a proof in the form of spec/leaf.md.
func mapProof(p closed.Proof) string {
	b, err := p.MarshalJSON()
	if err != nil {
		panic("internal error: map proof: " + err.Error())
	}
	return string(b)
}

func goesOn(o opening) result {
	return holds("goes on as item %s, not in this package", evidence.ItemID(o.seal))
}

// closedBy checks that the event which closed a seal is one that may: of the
// same ledger, or of the successor that the trust list names (rule P13).
func (s *session) closedBy(e *eventCase, o opening, by *eventCase) result {
	mine, childs := by.item == e.item, by.item == evidence.ItemID(o.seal)
	if o.child && o.origin != "" && !childs || !o.child && !o.hidden && !mine || !mine && !childs {
		return fails(Proof{"seal": o.seal.String(), "closed_by": by.subject}, "the seal is closed by %s, an event of another item", by.subject)
	}
	if by.origin == "" {
		return undecided("nothing shows in which ledger %s closed the seal %s", by.subject, o.seal)
	}
	if o.origin != "" && by.origin != o.origin && !s.moved(o.origin, by.origin) {
		return fails(Proof{"seal": o.seal.String(), "opened_in": string(o.origin), "closed_in": string(by.origin)},
			"the seal was opened for the ledger %s and closed in %s", o.origin, by.origin)
	}
	return holds("the seal %s is closed by %s", o.seal, by.subject)
}

// agrees holds the event that closes a seal against the map, where the package
// has a proof about that seal: the first close in the ledger's order is the close
// (rule P11). Without a proof that is what auditors vouch for.
func (s *session) agrees(o opening, by *eventCase, r result) result {
	l := s.logs[by.origin]
	if l == nil || l.epoch.Status != Holds || l.commits.Covered <= by.line.Index {
		return r
	}
	p, ok := l.proofs[o.seal]
	if !ok {
		return r
	}
	if err := p.VerifyClosed(l.commits.Root, o.seal, by.hash); err != nil {
		return fails(Proof{"seal": o.seal.String(), "leaf_hash": by.hash.String(), "map_root": l.commits.Root.String(), "map_proof": mapProof(p)},
			"%s is not what closed the seal %s: the map of closed seals says otherwise", by.subject, o.seal)
	}
	return r
}

// moved reports whether the list names to as the successor of a retired ledger,
// or as a successor's successor.
func (s *session) moved(from, to evidence.Origin) bool {
	if s.list == nil {
		return false
	}
	for range len(s.list.Retired) {
		r, ok := s.list.Retirement(string(from))
		if !ok || r.Successor == "" {
			return false
		}
		if from = evidence.Origin(r.Successor); from == to {
			return true
		}
	}
	return false
}

// notShown: a seal that the map says is closed, and no event here closes.
func notShown(o opening, l *logCase, leaf evidence.Hash, p closed.Proof) result {
	proof := Proof{"seal": o.seal.String(), "closed_by_leaf": leaf.String(), "map_root": l.commits.Root.String(), "map_proof": mapProof(p)}
	return fails(proof, "the seal %s is closed by an event that is not shown; its leaf is %s in %s", o.seal, leaf, l.line.Origin)
}

// proofOf returns the map proof for a seal, and the ledger whose epoch it is for.
func (s *session) proofOf(o opening) (*logCase, closed.Proof, bool) {
	l := s.logs[o.origin]
	if l == nil {
		return nil, closed.Proof{}, false
	}
	p, ok := l.proofs[o.seal]
	return l, p, ok && l.readable
}

// reaches checks that the epoch covers the event that opened the seal, by index
// in the same ledger and by time across ledgers (rule P1).
func (s *session) reaches(e *eventCase, o opening, l *logCase) result {
	if e.origin == l.line.Origin {
		if l.commits.Covered <= e.line.Index {
			return undecided("the epoch covers the ledger below index %d, and the seal was opened at %d", l.commits.Covered, e.line.Index)
		}
		return holds("no event below index %d of %s closes the seal %s", l.commits.Covered, l.line.Origin, o.seal)
	}
	switch {
	case e.receipt.lower.IsZero():
		return undecided("the seal was opened from the ledger %s and the event has no receipt that tells when", e.origin)
	case l.time.IsZero():
		return undecided("the time of the epoch in %s is not known: %s", l.line.Origin, l.timeWhy)
	case l.time.Before(e.receipt.lower):
		return undecided("the epoch in %s is of %s, before the seal was opened at %s", l.line.Origin, stamp(l.time), stamp(e.receipt.lower))
	}
	return holds("no event below index %d of %s closes the seal %s", l.commits.Covered, l.line.Origin, o.seal)
}

// successorOf checks, for a seal still open when its ledger was retired, that it
// is unbroken in the successor too (rule P13). It is nil where that does not arise.
func (s *session) successorOf(e *eventCase, o opening, l *logCase) *Finding {
	if s.list == nil {
		return nil
	}
	r, ok := s.list.Retirement(string(l.line.Origin))
	if !ok || r.Successor == "" {
		return nil
	}
	o.origin = evidence.Origin(r.Successor)
	next, p, ok := s.proofOf(o)
	if !ok {
		return conclude(checkUnbroken, e.subject, undecided("the ledger was retired and nothing shows the seal in its successor %s", r.Successor))
	}
	if err := p.VerifyUnbroken(next.commits.Root, o.seal); err != nil {
		return conclude(checkUnbroken, e.subject, fails(Proof{"seal": o.seal.String(), "map_root": next.commits.Root.String(), "map_proof": mapProof(p)},
			"the seal is not unbroken in the successor %s", r.Successor), next.epoch)
	}
	if after := s.successorOf(e, o, next); after != nil && after.Status != Holds {
		return after
	}
	return conclude(checkUnbroken, e.subject, holds("unbroken in the successor %s too", r.Successor), next.epoch)
}
