package verify

import (
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// eventCase is one line of events.jsonl with everything found about it that
// does not depend on the item asked about.
type eventCase struct {
	line    *pack.EventLine
	item    evidence.ItemID
	seq     uint64
	subject string

	envelope *signing.Envelope
	event    *evidence.Event // nil when erased, or when the envelope holds none
	leaf     ledger.Leaf
	hash     evidence.Hash
	origin   evidence.Origin // of its ledger; "" when it cannot be told
	log      *logCase        // nil when the dossier has nothing about the ledger

	parsed   result   // of the envelope
	fits     result   // of the record's view against the roots signed
	verified []result // of each signature

	form     *Finding // envelope.form
	included *Finding // leaf.included
	closes   *Finding // seal.closes
	record   *Finding // record.root
	receipt  receiptCase
	notAge   anchorCase // lower bound of time

	signatures, enrolled, period []*Finding // one for each signer
	allowed                      *Finding   // act.allowed
}

// receiptCase is what an event's own receipt shows (rule P9).
type receiptCase struct {
	finding      *Finding // time.before; nil when there is no receipt
	lower, upper time.Time
	open         []*Finding // what keeps its checkpoint from counting
	tokens       []*Finding // time.token of its checkpoint
	stamped      bool       // upper is a timestamp token's
}

// sound reports the findings without which nothing the event says counts.
func (e *eventCase) sound() *Finding {
	return all(append([]*Finding{e.form, e.included, e.closes}, e.signatures...)...)
}

// readEvents reads every line, as far as it says something by itself.
func readEvents(lines []pack.EventLine) []*eventCase {
	events := make([]*eventCase, len(lines))
	onAllCores(len(lines), func(i int) {
		e := &eventCase{line: &lines[i]}
		if e.line.Erased == nil {
			e.read()
		}
		e.stand()
		events[i] = e
	})
	return events
}

// read recomputes what the event itself is the source of.
func (e *eventCase) read() {
	e.parsed = e.parse()
	e.leaf = ledger.EventLeaf(e.line.SealKey, e.line.Salt, e.line.Envelope)
	e.hash = e.leaf.Hash()
	if e.event != nil {
		e.fits = e.viewFits()
	}
}

// stand finds the event's place in the history of its item.
func (e *eventCase) stand() {
	if e.event != nil {
		e.item, e.seq = e.event.Item, uint64(e.event.Seq)
	} else {
		var err error
		if e.item, e.seq, err = e.line.Place(); err != nil {
			panic("internal error: event without place in a decoded dossier: " + err.Error())
		}
	}
	e.subject = citeEvent(e.item, e.seq)
}

// openEvents judges what was read of the events by what the dossier proves of
// their ledgers.
func (s *session) openEvents() {
	for _, e := range s.events {
		if e.line.Erased != nil {
			s.openErased(e)
		} else {
			s.openShown(e)
		}
		s.items[e.item] = append(s.items[e.item], e)
		s.byLeaf[e.hash] = e
	}
	s.findSecondCloses()
}

// findSecondCloses: of several events that close one seal in one ledger the
// first in its order is the close (rule P11).
func (s *session) findSecondCloses() {
	for _, e := range s.events {
		if e.event == nil {
			continue
		}
		first := s.closers[e.event.Closes]
		if first == e || first.origin != e.origin {
			continue
		}
		if e.line.Index < first.line.Index {
			first, e = e, first
			s.closers[first.event.Closes] = first
		}
		if e.event == nil || e.line.Index == first.line.Index {
			continue
		}
		e.closes = conclude(checkCloses, e.subject, fails(Proof{
			"seal": e.event.Closes.String(), "first": cite(first.origin, first.line.Index), "second": cite(e.origin, e.line.Index),
		}, "the seal was closed before, by %s", first.subject))
	}
}

// openShown checks where the recomputed leaf of an event stands.
func (s *session) openShown(e *eventCase) {
	e.form = conclude(checkEnvelope, e.subject, e.parsed)
	if e.event == nil {
		e.included = conclude(checkIncluded, e.subject, undecided("the envelope says no ledger"))
		e.closes = conclude(checkCloses, e.subject, undecided("the envelope names no seal"))
		e.record = conclude(checkRecord, e.subject, undecided("the envelope signs no record"))
		return
	}
	e.origin, e.log = e.event.Origin, s.logs[e.event.Origin]
	e.included = s.include(e)
	e.closes = conclude(checkCloses, e.subject, e.opensNamedSeal())
	if _, taken := s.closers[e.event.Closes]; !taken {
		s.closers[e.event.Closes] = e
	}
	e.record = conclude(checkRecord, e.subject, e.fits, e.included)
	e.receipt = s.receiptOf(e)
	e.notAge = s.anchorsOf(e)
}

// parse reads envelope and event in their one encoding (rule P19).
func (e *eventCase) parse() result {
	proof := Proof{"envelope": string(e.line.Envelope)}
	env, err := signing.Parse(e.line.Envelope)
	if err != nil {
		return fails(proof, "the envelope is not in its one encoding: %v", err)
	}
	e.envelope = env
	if env.PayloadType != evidence.EventPayloadType {
		return fails(proof, "the envelope is of type %q, not an event", env.PayloadType)
	}
	ev, err := evidence.ParseEvent(env.Payload)
	if err != nil {
		return fails(proof, "the envelope holds no valid event: %v", err)
	}
	e.event = ev
	if err := env.CheckSigners(keyIDs(ev.Signers)...); err != nil {
		return fails(proof, "the signatures are not those of the signers named: %v", err)
	}
	return holds("one encoding, signed by exactly those it names")
}

func keyIDs(signers []evidence.Signer) []signing.KeyID {
	ids := make([]signing.KeyID, len(signers))
	for i, s := range signers {
		ids[i] = signing.KeyID(s.Key)
	}
	return ids
}

// include checks that the recomputed leaf stands at the index given, under the
// shared checkpoint of its ledger (rule P11).
func (s *session) include(e *eventCase) *Finding {
	if e.log == nil {
		return conclude(checkIncluded, e.subject, undecided("the package proves nothing about the ledger %s", e.origin))
	}
	return conclude(checkIncluded, e.subject, e.inclusion(), e.log.shared.signed)
}

func (e *eventCase) inclusion() result {
	index := e.line.Index
	path, ok := e.log.included[index]
	switch {
	case e.log.shared.cp.Origin != e.origin:
		return wrongOrigin(e.log)
	case e.log.shared.cp.Origin != "" && index >= e.log.shared.cp.Size:
		return undecided("the shared checkpoint ends before %s, at size %d", cite(e.origin, index), e.log.shared.cp.Size)
	case !ok:
		return undecided("there is no proof for %s", cite(e.origin, index))
	}
	if err := e.log.shared.cp.VerifyInclusion(path, index, e.hash); err != nil {
		return fails(e.log.inclusionProof(index, e.hash, path),
			"the event is not what stands at %s: its leaf, computed again, does not lead to the ledger's root", cite(e.origin, index))
	}
	return holds("computed again, the leaf stands at %s", cite(e.origin, index))
}

// opensNamedSeal checks that the key in the leaf is that of the seal the event
// says it closes (rule P4).
func (e *eventCase) opensNamedSeal() result {
	got := e.line.SealKey.Seal()
	if got != e.event.Closes {
		return fails(Proof{"seal_key": hexOf(e.line.SealKey[:]), "its_seal": got.String(), "named_seal": e.event.Closes.String()},
			"the key that the leaf shows is not that of the seal the event names")
	}
	return holds("the key opens the seal %s", got)
}

// viewFits checks the record's view against the roots the event signs.
func (e *eventCase) viewFits() result {
	if err := e.line.Record.Verify(e.event.Record); err != nil {
		got := e.line.Record.Roots()
		return fails(Proof{
			"root": got.Root.String(), "root3": got.Root3.String(),
			"signed_root": e.event.Record.Root.String(), "signed_root3": e.event.Record.Root3.String(),
		}, "the record is not the one the event signed: %v", err)
	}
	n := e.line.Record.Withheld()
	return holds("all %d entries lead to the signed roots, %d of them held back", len(e.line.Record.Entries), n)
}

// view returns the record's view when it is proven, else nil: nothing known.
func (e *eventCase) view() *evidence.View {
	if e.record == nil || e.record.Status != Holds {
		return nil
	}
	return e.line.Record
}

// notAfter is the earliest moment by which the event is proven to have been in its
// ledger, by its own receipt or by the shared checkpoint; zero when neither tells.
func (s *session) notAfter(e *eventCase) time.Time {
	at := e.receipt.upper
	if shared := s.sharedReceipt(e).upper; at.IsZero() || !shared.IsZero() && shared.Before(at) {
		return shared
	}
	return at
}

// receiptOf checks the event's own receipt and takes its times (rule P9).
func (s *session) receiptOf(e *eventCase) receiptCase {
	r := e.line.Receipt
	if r == nil {
		return receiptCase{}
	}
	c := s.checkpoint(r.Note)
	local := func() result {
		if c.cp.Origin != e.origin {
			return undecided("the receipt's checkpoint is not of the ledger %s", e.origin)
		}
		if err := c.cp.VerifyInclusion(r.Proof, e.line.Index, e.hash); err != nil {
			return fails(inclusionProof(c.cp, e.line.Index, e.hash, r.Proof), "the receipt is not for this event")
		}
		if !c.timed {
			return undecided("too few states cosigned the receipt's checkpoint to tell the time")
		}
		return holds("in the ledger by %s", stamp(c.upper))
	}()
	found := receiptCase{finding: conclude(checkBefore, e.subject, local, c.signed, c.policy[trust.Receipt]), open: c.open()}
	if !c.timed {
		want([]*Finding{c.policy[trust.Receipt]}, found.finding, local)
	}
	if found.finding.Status == Holds {
		found.lower, found.upper = c.lower, c.upper
	}
	found.tokens = s.findingsOf(c)
	if local.status != Fails && c.cp.Origin == e.origin {
		found.stamp(e.subject, s.stampOn(c))
	}
	if e.log != nil && e.log.shared != c {
		found.tokens = append(found.tokens, s.findingsOf(e.log.shared)...)
		if e.included.Status == Holds {
			found.stamp(e.subject, s.stampOn(e.log.shared))
		}
	}
	return found
}

// stamp bounds the receipt by a timestamp token over its checkpoint, which needs
// no other state: it says by when the event was there, and nothing else.
func (r *receiptCase) stamp(subject string, t *tokenCase) {
	switch {
	case t == nil:
	case r.finding.Status == Undecided:
		r.finding = conclude(checkBefore, subject, holds("in the ledger by %s, as a timestamp token says", stamp(t.latest)))
		r.upper, r.open, r.stamped = t.latest, nil, true
	case t.latest.Before(r.upper):
		r.finding = conclude(checkBefore, subject, holds("in the ledger by %s, as a timestamp token says; by %s, as other states say", stamp(t.latest), stamp(r.upper)))
		r.upper, r.stamped = t.latest, true
	}
}

// sharedReceipt is what the shared checkpoint shows in the place of a receipt: it
// is later, and just as sure.
func (s *session) sharedReceipt(e *eventCase) receiptCase {
	lacking := undecided("there is no receipt, and no shared checkpoint that tells a time")
	if e.log == nil {
		return receiptCase{finding: conclude(checkBefore, e.subject, lacking, e.included)}
	}
	shared := e.log.shared
	found := receiptCase{tokens: s.findingsOf(shared)}
	if shared.timed {
		r := holds("without a receipt of its own, in the ledger by %s", stamp(shared.upper))
		found.finding, found.open = conclude(checkBefore, e.subject, r, e.included, shared.policy[trust.Receipt]), shared.open()
	} else {
		found.finding = conclude(checkBefore, e.subject, lacking, e.included)
	}
	if found.finding.Status == Holds {
		found.upper = shared.upper
	}
	if e.included.Status == Holds {
		found.stamp(e.subject, s.stampOn(shared))
	}
	return found
}
