package verify

import (
	"slices"

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
	accounted *Finding   // seal.accounted
	unbroken  *Finding   // seal.unbroken; nil when that is not what accounts for it
	ends      []*Finding // seal.unbroken at the end of each retired ledger on the way
	epoch     *logCase   // the ledger whose epoch shows it unbroken
}

// rests returns what accounted rests on, as far as it is about the seal.
func (a accounting) rests() []*Finding {
	if a.unbroken == nil {
		return a.ends
	}
	return append(slices.Clip(a.ends), a.unbroken)
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
		return s.accountClosed(e, o, by)
	}
	if o.hidden {
		return accounting{accounted: conclude(checkAccounted, e.subject, undecided("the seal %s was opened by an erased event, and nothing tells in which ledger", o.seal))}
	}
	if o.child {
		return s.accountChild(e, o)
	}
	path := s.path(o.origin)
	live := path[len(path)-1]
	ends := s.endsOf(e, o, path[:len(path)-1])
	if f := s.shutIn(e, o, live); f != nil {
		return accounting{accounted: f, ends: ends}
	}
	l := s.logs[live]
	f := conclude(checkUnbroken, e.subject, s.reaches(e, o, l), append(ends, l.epoch)...)
	return accounting{accounted: conclude(checkAccounted, e.subject, holds("the seal %s is unbroken", o.seal), f), unbroken: f, ends: ends, epoch: l}
}

// accountClosed judges a seal that an event shown closes. Where that is in a
// successor, every retired ledger before it must show the seal unbroken at its
// end: the first close is the close, in whichever it is (rules P11, P13).
func (s *session) accountClosed(e *eventCase, o opening, by *eventCase) accounting {
	r := s.closedBy(e, o, by)
	if r.status == Holds {
		r = s.agrees(o, by, r)
	}
	var ends []*Finding
	if r.status == Holds && o.origin != "" && by.origin != o.origin {
		path := s.path(o.origin)
		ends = s.endsOf(e, o, path[:slices.Index(path, by.origin)])
	}
	return accounting{accounted: conclude(checkAccounted, e.subject, r, append(ends, by.included, by.closes)...), ends: ends}
}

// accountChild judges a seal that the first event of another item must close.
func (s *session) accountChild(e *eventCase, o opening) accounting {
	l, proof, ok := s.proofOf(o.seal, o.origin)
	if !ok {
		return accounting{accounted: conclude(checkAccounted, e.subject, goesOn(o))}
	}
	if _, _, err := proof.Verify(l.commits.Root, o.seal); err != nil {
		return accounting{accounted: conclude(checkAccounted, e.subject, noProof(o, l, proof), l.epoch)}
	}
	return accounting{accounted: conclude(checkAccounted, e.subject, goesOn(o), l.epoch)}
}

// shutIn returns why a seal is not shown to be unbroken in a ledger, or nil.
func (s *session) shutIn(e *eventCase, o opening, origin evidence.Origin) *Finding {
	l, proof, ok := s.proofOf(o.seal, origin)
	switch {
	case l != nil && !l.readable:
		return conclude(checkAccounted, e.subject, undecided("the epoch of %s says nothing", origin), l.epoch)
	case !ok && origin != o.origin:
		return conclude(checkAccounted, e.subject, undecided("the ledger %s was retired, and nothing shows the seal %s in its successor %s", o.origin, o.seal, origin))
	case !ok:
		return conclude(checkAccounted, e.subject, undecided("nothing shows what became of the seal %s in %s", o.seal, origin))
	}
	leaf, shut, err := proof.Verify(l.commits.Root, o.seal)
	switch {
	case err != nil:
		return conclude(checkAccounted, e.subject, noProof(o, l, proof), l.epoch)
	case shut:
		return conclude(checkAccounted, e.subject, notShown(o, l, leaf, proof), l.epoch)
	}
	return nil
}

// noProof: the map proof given is none.
func noProof(o opening, l *logCase, p closed.Proof) result {
	return fails(Proof{"seal": o.seal.String(), "map_root": l.commits.Root.String(), "map_proof": mapProof(p)},
		"the proof of the map of closed seals does not lead to the epoch's root")
}

// path returns the ledgers in which a seal opened in one may be closed: that one,
// and where it was retired the successors that the list names, in order.
func (s *session) path(from evidence.Origin) []evidence.Origin {
	path := []evidence.Origin{from}
	if s.list == nil {
		return path
	}
	for range s.list.Retired {
		r, ok := s.list.Retirement(string(from))
		if !ok || r.Successor == "" || slices.Contains(path, evidence.Origin(r.Successor)) {
			break
		}
		from = evidence.Origin(r.Successor)
		path = append(path, from)
	}
	return path
}

// endsOf checks for retired ledgers that a seal was unbroken at their end.
func (s *session) endsOf(e *eventCase, o opening, retired []evidence.Origin) []*Finding {
	var list []*Finding
	for _, origin := range retired {
		l, proof, ok := s.proofOf(o.seal, origin)
		if l == nil {
			list = append(list, conclude(checkUnbroken, e.subject, undecided("nothing shows the retired ledger %s", origin)))
			continue
		}
		list = append(list, conclude(checkUnbroken, e.subject, s.unbrokenAtEnd(o, l, proof, ok), l.epoch))
	}
	return list
}

// unbrokenAtEnd asks a retired ledger's map at its pinned final checkpoint.
func (s *session) unbrokenAtEnd(o opening, l *logCase, p closed.Proof, ok bool) result {
	r, _ := s.list.Retirement(string(l.line.Origin))
	switch {
	case !ok:
		return undecided("the ledger %s was retired, and nothing shows that the seal %s was unbroken at its end", l.line.Origin, o.seal)
	case l.shared.cp.Size != r.Final.Size || l.limit() < r.Final.Size:
		return undecided("the ledger %s was retired at size %d, and the proof about the seal %s covers less", l.line.Origin, r.Final.Size, o.seal)
	}
	leaf, shut, err := p.Verify(l.commits.Root, o.seal)
	switch {
	case err != nil:
		return noProof(o, l, p)
	case shut:
		return notShown(o, l, leaf, p)
	}
	return holds("the seal %s was unbroken when the ledger %s was retired", o.seal, l.line.Origin)
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
	return from != to && slices.Contains(s.path(from), to)
}

// notShown: a seal that the map says is closed, and no event here closes.
func notShown(o opening, l *logCase, leaf evidence.Hash, p closed.Proof) result {
	proof := Proof{"seal": o.seal.String(), "closed_by_leaf": leaf.String(), "map_root": l.commits.Root.String(), "map_proof": mapProof(p)}
	return fails(proof, "the seal %s is closed by an event that is not shown; its leaf is %s in %s", o.seal, leaf, l.line.Origin)
}

// proofOf returns the map proof for a seal in a ledger, and that ledger, which is
// nil when nothing is shown of it.
func (s *session) proofOf(seal evidence.Seal, origin evidence.Origin) (*logCase, closed.Proof, bool) {
	l := s.logs[origin]
	if l == nil {
		return nil, closed.Proof{}, false
	}
	p, ok := l.proofs[seal]
	return l, p, ok && l.readable
}

// reaches checks that the epoch covers the event that opened the seal, by index
// in the same ledger and by time across ledgers, successors among them (rule P1).
func (s *session) reaches(e *eventCase, o opening, l *logCase) result {
	switch {
	case e.origin == l.line.Origin && l.commits.Covered <= e.line.Index:
		return undecided("the epoch covers the ledger below index %d, and the seal was opened at %d", l.commits.Covered, e.line.Index)
	case e.origin == l.line.Origin:
		return holds("no event below index %d of %s closes the seal %s", l.commits.Covered, l.line.Origin, o.seal)
	}
	opened := e.receipt.lower
	if opened.IsZero() && o.origin != l.line.Origin && e.log != nil && e.log.shared.timed {
		opened = e.log.shared.lower // an event of a retired ledger is not later than its end
	}
	switch {
	case opened.IsZero():
		return undecided("the seal was opened from the ledger %s and the event has no receipt that tells when", e.origin)
	case l.time.IsZero():
		return undecided("the time of the epoch in %s is not known: %s", l.line.Origin, l.timeWhy)
	case l.time.Before(opened):
		return undecided("the epoch in %s is of %s, before the seal was opened at %s", l.line.Origin, stamp(l.time), stamp(opened))
	}
	return holds("no event below index %d of %s closes the seal %s", l.commits.Covered, l.line.Origin, o.seal)
}
