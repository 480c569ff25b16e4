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
}

// sound reports the findings without which nothing the event says counts.
func (e *eventCase) sound() *Finding {
	return all(append([]*Finding{e.form, e.included, e.closes}, e.signatures...)...)
}

func (s *session) openEvents() {
	for i := range s.d.Events {
		line := &s.d.Events[i]
		item, seq, err := line.Place()
		if err != nil {
			panic("internal error: event without place in a decoded dossier: " + err.Error())
		}
		e := &eventCase{line: line, item: item, seq: seq, subject: citeEvent(item, seq)}
		if line.Erased != nil {
			s.openErased(e)
		} else {
			s.openShown(e)
		}
		s.events = append(s.events, e)
		s.items[item] = append(s.items[item], e)
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

// openShown recomputes the leaf of an event and checks where it stands.
func (s *session) openShown(e *eventCase) {
	e.form = conclude(checkEnvelope, e.subject, e.parse())
	e.leaf = ledger.EventLeaf(e.line.SealKey, e.line.Salt, e.line.Envelope)
	e.hash = e.leaf.Hash()
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
	e.record = conclude(checkRecord, e.subject, e.viewFits(), e.included)
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
func (e *eventCase) notAfter() time.Time {
	at := e.receipt.upper
	if e.log == nil || e.included.Status != Holds || !e.log.shared.timed || e.log.shared.policy[trust.Receipt].Status != Holds {
		return at
	}
	if shared := e.log.shared.upper; at.IsZero() || shared.Before(at) {
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
	return found
}
