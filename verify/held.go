package verify

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/admit"
)

// custodyCase is the custody fold of one item with what it rests on.
type custodyCase struct {
	timeline *evidence.Timeline
	spans    []Span
	findings []*Finding
}

// held answers question 3: who held it at every moment, and where are the gaps?
func (c *itemCase) held() Question {
	a := newAnswer(3)
	a.add(c.custody.findings...)
	t := c.custody.timeline
	a.fact("state", string(t.State))
	if t.Custodian != nil {
		a.fact("custodian", signer(*t.Custodian))
	}
	a.fact("gaps", strconv.Itoa(len(t.Gaps)))
	if t.Holds > 0 {
		a.fact("holds", strconv.Itoa(t.Holds))
	}
	return a.question(map[Status]string{
		Holds:     "From the first act to the last there is one custodian at every moment, and each handoff was signed by the one who took over.",
		Fails:     "The acts shown cannot be the history of one item.",
		Undecided: "For some time it is not shown, or not certain, who held it.",
	})
}

// fold runs the custody fold over the item's events and turns what it finds
// into findings. They rest on every event: a history with one that does not
// count is no history.
func (c *itemCase) fold() custodyCase {
	links := make([]evidence.Link, len(c.history))
	var rest []*Finding
	for i, e := range c.history {
		links[i] = c.link(e)
		rest = append(rest, e.form, e.included, e.closes, e.allowed)
		rest = append(rest, e.signatures...)
	}
	t, err := evidence.Fold(links, c.foldedFor())
	out := custodyCase{timeline: t, spans: spansOf(t)}
	id := c.line.Item.String()
	out.findings = append(out.findings,
		conclude(checkSeq, id, c.numbered()),
		conclude(checkPrevious, id, c.chained()),
		conclude(checkStructure, id, structure(err), append(rest, c.origins()...)...))
	for _, e := range c.history {
		if e.event != nil && e.event.Parent != nil {
			out.findings = append(out.findings, c.parentOf(e))
		}
	}
	for _, g := range t.Gaps {
		out.findings = append(out.findings, conclude(checkGap, citeEvent(c.line.Item, uint64(g.Seq)), gapResult(g)))
	}
	for _, g := range t.Undecided {
		out.findings = append(out.findings, conclude(checkGap, citeEvent(c.line.Item, uint64(g.Seq)), undecided("%s: %s", g.Code, g.Detail)))
	}
	return out
}

// foldedFor is the moment for which open offers are judged. A packer who dates the
// package before the proof in it hides nothing that fell due in between.
func (c *itemCase) foldedFor() time.Time {
	at := c.asOf()
	if !c.opts.AsOf.IsZero() || len(c.history) == 0 {
		return at
	}
	last := c.history[len(c.history)-1]
	if last.event == nil || last.event.Opens.Next == nil {
		return at
	}
	path := c.path(last.event.Opens.Next.Origin)
	if l := c.logs[path[len(path)-1]]; l != nil && l.epoch.Status == Holds && l.time.After(at) {
		return l.time
	}
	return at
}

// origins are findings that the fold has no part in and rests on.
func (c *itemCase) origins() []*Finding {
	var list []*Finding
	for _, e := range c.history {
		if e.line.Erased != nil {
			list = append(list, c.erased(e))
		}
	}
	return list
}

func (c *itemCase) link(e *eventCase) evidence.Link {
	l := evidence.Link{Leaf: e.hash, Event: e.event, View: e.view(), NotBefore: e.notAge.lower, NotAfter: c.notAfter(e)}
	if e.event == nil {
		l.Closes, _ = e.leaf.Seal()
		l.Erasure = c.erasureOf(e)
		return l
	}
	for _, before := range c.history {
		if before.event == nil || before.event.Opens.Next == nil || before.event.Opens.Next.Seal != e.event.Closes {
			continue
		}
		l.Moved = before.event.Opens.Next.Origin != e.origin && c.moved(before.event.Opens.Next.Origin, e.origin)
	}
	return l
}

// numbered checks that the events are 0, 1, 2, … without a hole.
func (c *itemCase) numbered() result {
	for i, e := range c.history {
		if e.seq != uint64(i) {
			return fails(Proof{"expected": strconv.Itoa(i), "found": strconv.FormatUint(e.seq, 10)}, "event %d is not shown; after it comes event %d", i, e.seq)
		}
	}
	if len(c.history) == 0 {
		return undecided("no event of this item is in the package")
	}
	return holds("%s, numbered without a hole", count(len(c.history), "event", "events"))
}

// chained checks that every event names the leaf of the one before it.
func (c *itemCase) chained() result {
	for i, e := range c.history {
		if i == 0 || e.event == nil || e.seq != c.history[i-1].seq+1 {
			continue
		}
		if before := c.history[i-1]; e.event.Previous != before.hash {
			return fails(Proof{"named": e.event.Previous.String(), "found": before.hash.String()},
				"%s names another event as the one before it than %s", e.subject, before.subject)
		}
	}
	if len(c.history) == 0 {
		return undecided("no event of this item is in the package")
	}
	return holds("each event names the leaf of the one before it")
}

// structure turns the fold's answer into a result. What other checks name is
// theirs to fail; here it leaves custody undecided.
func structure(err error) result {
	var x *evidence.ChainError
	switch {
	case err == nil:
		return holds("the acts follow on each other as custody allows")
	case !errors.As(err, &x):
		return undecided("%v", err)
	case x.Check == evidence.CheckSeq || x.Check == evidence.CheckPrevious || x.Check == evidence.CheckErased || x.Check == evidence.CheckForm:
		return undecided("from event %d on the history is not one: %s", x.Seq, x.Detail)
	}
	return fails(Proof{"event": strconv.FormatInt(x.Seq, 10), "rule": string(x.Check), "detail": x.Detail}, "event %d %s", x.Seq, x.Detail)
}

// gapResult shows a gap: never a failure, never silent.
func gapResult(g evidence.Gap) result {
	switch {
	case g.Begin.IsZero():
		return undecided("%s: %s", g.Code, g.Detail)
	case g.End.IsZero():
		return undecided("%s: %s, from %s on", g.Code, g.Detail, stamp(g.Begin))
	}
	return undecided("%s: %s, from %s to %s", g.Code, g.Detail, stamp(g.Begin), stamp(g.End))
}

// parentOf checks the claim of a derived item against the parent's derive event,
// when the package shows it.
func (c *itemCase) parentOf(e *eventCase) *Finding {
	derive := c.byLeaf[e.event.Parent.Leaf]
	if derive == nil || derive.event == nil {
		return conclude(checkParent, e.subject, notApplicable("it says it was %s item %s, whose history this package does not show", e.event.Parent.Kind, e.event.Parent.Item))
	}
	r := holds("%s of item %s, whose event %s names it", e.event.Parent.Kind, e.event.Parent.Item, derive.subject)
	if x := admit.Parent(e.event, derive.event, derive.hash); x != nil {
		r = refused(x)
	} else if !precedes(derive, e) {
		r = undecided("nothing shows that %s was before it", derive.subject)
	}
	counts := append([]*Finding{derive.sound(), derive.allowed}, derive.enrolled...)
	if f := all(append(counts, derive.period...)...); r.status == Holds && f.Status != Holds {
		r = undecided("%s, which names it, does not count: %s: %s", derive.subject, f.Check, f.Detail)
	}
	return conclude(checkParent, e.subject, r, e.included)
}

// precedes reports whether a is proven to come before b: by index in one ledger,
// by receipts across ledgers (spec/event.md, "Derive").
func precedes(a, b *eventCase) bool {
	if a.origin == b.origin {
		return a.line.Index < b.line.Index
	}
	return !a.receipt.lower.IsZero() && !b.receipt.lower.IsZero() && !a.receipt.lower.After(b.receipt.lower)
}

func spansOf(t *evidence.Timeline) []Span {
	spans := make([]Span, 0, len(t.Spans))
	for _, x := range t.Spans {
		s := Span{Kind: string(x.Kind), FromSeq: x.BeginSeq, From: optional(x.Begin), To: optional(x.End)}
		if x.Custodian != nil {
			s.Custodian = fmt.Sprintf("%s of %s", x.Custodian.Role, x.Custodian.Authority)
			s.Key = x.Custodian.Key.String()
		}
		spans = append(spans, s)
	}
	return spans
}

func optional(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}
