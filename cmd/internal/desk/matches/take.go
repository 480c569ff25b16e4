package matches

import (
	"context"
	"crypto/sha256"
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/matching"
)

// Take takes the next message of a session, whichever it is, and returns the one that
// follows from it, if there is one: [ErrNeedsOut] when it could not be written (canSend).
// held gives this desk's identifiers, for an opening alone. The same message taken again
// has the same one behind it. A dry run says that the message would be taken, and never
// what it shows. Errors: [ErrOff],
// [ErrOther], [ErrMany], [ErrUnknown], [ErrTaken], [ErrNeedsList], [ErrNeedsOut], those of
// package matching.
func (d *Desk) Take(ctx context.Context, path string, held func() ([]Held, error), canSend bool) (*Outcome, error) {
	m, err := d.open(path)
	if err != nil {
		return nil, err
	}
	s, opens, err := matching.SessionOf(m.message)
	if err != nil {
		return nil, err
	}
	other := s.Asking
	if other == d.Key {
		other = s.Answering
	}
	p, err := d.peer(other, s.Purpose)
	if err != nil {
		return nil, err
	}
	if err := m.by(p, d.Key); err != nil {
		return nil, err
	}
	k, err := d.session(s.ID)
	switch {
	case errors.Is(err, ErrUnknown) && opens && s.Answering == d.Key:
		return d.reply(ctx, p, m.message, held, canSend)
	case err != nil:
		return nil, err
	case k.Session != s:
		return nil, ErrUnknown
	case k.Took == sha256.Sum256(m.message): // again
		if k.Sent != nil && !canSend {
			return nil, ErrNeedsOut
		}
		return d.sealed(ctx, p, k)
	}
	return d.goOn(ctx, p, k, m.message, canSend)
}

// reply answers an opening.
func (d *Desk) reply(ctx context.Context, p *Peer, opening []byte, held func() ([]Held, error), canSend bool) (*Outcome, error) {
	if n, err := matching.Asks(opening); err != nil || n > p.blocks() {
		return nil, errors.Join(err, ErrMany)
	}
	if held == nil {
		return nil, ErrNeedsList
	}
	if !canSend {
		return nil, ErrNeedsOut
	}
	list, err := held()
	if err != nil {
		return nil, err
	}
	side, message, err := matching.Reply(d.Random, opening, identifiers(list))
	if err != nil {
		return nil, err
	}
	s, _, err := matching.SessionOf(opening)
	if err != nil {
		return nil, err
	}
	k := &kept{Session: s, Own: d.Key, Step: Answered, Begun: evidence.Instant(d.Now()), Held: inStore(list), Sent: message, Took: sha256.Sum256(opening)}
	if k.State, err = side.Save(); err != nil {
		return nil, err
	}
	return d.proceed(ctx, p, k, true)
}

// blocks is the peer's limit in whole blocks.
func (p *Peer) blocks() int {
	return (p.Limit + matching.BlockSize - 1) / matching.BlockSize
}

// goOn takes the message that a session waits for.
func (d *Desk) goOn(ctx context.Context, p *Peer, k *kept, message []byte, canSend bool) (*Outcome, error) {
	switch {
	case !k.open():
		return nil, ErrTaken
	case k.Step != Shown && !canSend:
		return nil, ErrNeedsOut
	case d.DryRun:
		return k.outcome(p), nil
	}
	var err error
	switch k.Step {
	case Asked:
		err = k.show(p, message)
	case Answered:
		err = k.answerHits(message)
	case Shown:
		err = k.takeHits(message)
	}
	if err != nil {
		return nil, err
	}
	k.Took = sha256.Sum256(message)
	return d.proceed(ctx, p, k, false)
}

// show makes the asking side's tokens from the answer.
func (k *kept) show(p *Peer, answer []byte) error {
	if n, err := matching.Asks(answer); err != nil || n > p.blocks() {
		return errors.Join(err, ErrMany)
	}
	side, err := matching.LoadAsking(k.State)
	if err != nil {
		return err
	}
	if k.Sent, err = side.Tokens(answer); err != nil {
		return err
	}
	k.Step = Shown
	k.State, err = side.Save()
	return err
}

// answerHits finds the answering side's hits among the tokens, and the last message.
func (k *kept) answerHits(tokens []byte) error {
	side, err := matching.LoadAnswering(k.State)
	if err != nil {
		return err
	}
	hits, last, err := side.Hits(tokens)
	if err != nil {
		return err
	}
	k.end(hits)
	k.Sent = last
	return nil
}

// takeHits takes the last message.
func (k *kept) takeHits(last []byte) error {
	side, err := matching.LoadAsking(k.State)
	if err != nil {
		return err
	}
	hits, err := side.Hits(last)
	if err != nil {
		return err
	}
	k.end(hits)
	k.Sent = nil
	return nil
}
