package desk

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// Replied is what came of answering an offer from another desk.
type Replied struct {
	Items []evidence.ItemID // answered; the giver's ledger decides
	File  string            // to send back to the giver
}

// Reply answers a received offer: accept or decline of each item, signed here
// and written for the giver, whose ledger decides. Until the giver's receipt
// comes back the answers wait in the queue, and custody has not passed. What
// cannot be answered comes back as one [ItemError] each, joined.
func (s *Session) Reply(ctx context.Context, r *Received, a Answer) (*Replied, error) {
	_, card, err := s.ownCard()
	if err != nil {
		return nil, err
	}
	out := answerFile{Format: answerFormat, From: card, Items: []answerItem{}}
	reply := &Replied{File: filepath.Join(r.dir, AnswerFile)}
	var refused []error
	preview := &DryRun{}
	for _, it := range r.Items {
		a.Item = it
		item, err := s.replyOne(ctx, a, preview)
		if err != nil {
			refused = append(refused, &ItemError{it.ID, err})
			continue
		}
		out.Items = append(out.Items, item)
		reply.Items = append(reply.Items, it.ID)
	}
	switch {
	case s.DryRun:
		return nil, errors.Join(append(refused, preview)...)
	case len(out.Items) == 0:
		return nil, errors.Join(refused...)
	}
	err = s.writeReply(ctx, reply.File, out, r.From.Vault)
	return reply, errors.Join(append(refused, err)...)
}

// writeReply proves the answering key's enrolment as of this moment, and while its node
// cannot be reached, as of when the card was made: that it was not revoked since is then
// shown by whoever packs the item.
func (s *Session) writeReply(ctx context.Context, file string, out answerFile, vault string) error {
	d, err := s.dossier(ctx, []*selection{{id: s.acting.as.Enrolled, view: hideAll}})
	switch {
	case errors.Is(err, ErrWaits):
		out.Dossier, err = s.ownEnrolment()
	case err == nil:
		out.Dossier, err = d.Encode()
	}
	if err != nil {
		return err
	}
	return writeHandoff(file, out, vault)
}

// replyOne signs the answer for one item, or repeats the one that waits: what is
// signed is never signed again (rule P20).
func (s *Session) replyOne(ctx context.Context, a Answer, preview *DryRun) (answerItem, error) {
	waiting, err := s.waitingAnswer(a.Item.ID)
	if err == nil && waiting.Event.Closes != a.Item.Last().Event.Opens.Next.Seal && !s.DryRun {
		// The item was offered again: the answer to the offer before has lost.
		if err := s.loseAnswer(a.Item.ID); err != nil {
			return answerItem{}, err
		}
		waiting, err = nil, ErrNoAnswer
	}
	if err == nil && !s.DryRun && s.successor(waiting.Event.Origin) != waiting.Event.Origin {
		if waiting, err = s.answerAtEnd(ctx, waiting); err == nil && waiting == nil {
			err = ErrNoAnswer
		}
	}
	switch {
	case err == nil && waiting.Event.Action != a.Action:
		return answerItem{}, ErrAnswered
	case err == nil:
		return waiting.answerItem()
	case !errors.Is(err, ErrNoAnswer):
		return answerItem{}, err
	}
	d, err := s.answer(ctx, a)
	if err != nil {
		return answerItem{}, err
	}
	e, err := s.sign(ctx, d)
	if err != nil {
		return answerItem{}, err
	}
	if s.DryRun {
		return answerItem{}, preview.add(e)
	}
	if err := s.keepAnchor(); err != nil {
		return answerItem{}, err
	}
	if err := s.awaitReceipt(e); err != nil {
		return answerItem{}, err
	}
	return e.answerItem()
}

// ErrAnswerEnded reports an answer of which nobody says whether it came before the end of
// the giver's ledger.
var ErrAnswerEnded = errors.New("the giver's ledger has ended, and its state's node does not say whether the answer is in it")

// answerAtEnd finds out what became of an answer for a ledger that has ended since: it is
// returned when it is in it, and so counts. One that is not never will be (rule P13); it
// is lost, and another one can be signed for the ledger that follows.
func (s *Session) answerAtEnd(ctx context.Context, e *Entry) (*Entry, error) {
	f, err := s.abroadAt(ctx, e.Event.Origin)
	if err != nil {
		return nil, err
	}
	if f == nil || f.final == nil {
		return nil, fmt.Errorf("%s: %w", e.Event.Origin, ErrAnswerEnded)
	}
	r, err := f.endedWith(ctx, e)
	if err != nil {
		return nil, err
	}
	if r.refused == nil {
		return e, nil
	}
	return nil, s.loseAnswer(e.Event.Item)
}

// ErrAnswered reports an offer that this desk answered before, otherwise.
var ErrAnswered = errors.New("the offer was answered already, in another way")

// answerItem is an answer as it goes to the giver.
func (e *Entry) answerItem() (answerItem, error) {
	v, err := e.View()
	if err != nil {
		return answerItem{}, err
	}
	a := answerItem{Envelope: e.Body.Envelope, Item: e.Event.Item, Record: v, Salt: e.Body.Salt}
	if e.Event.Action == evidence.Decline {
		a.NextKey = e.Body.NextKey
	}
	return a, nil
}

// answerPath is where an answer waits for the giver's receipt.
func (s *Session) answerPath(id evidence.ItemID) string {
	return s.path("queue", id.String()+".answer")
}

func (s *Session) awaitReceipt(e *Entry) error {
	raw, err := e.Body.marshal()
	if err != nil {
		return err
	}
	to, err := s.recipients()
	if err != nil {
		return err
	}
	return keyfile.CreateSecret(s.answerPath(e.Event.Item), secretQueue, raw, to...)
}
