package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// Taken is what a receipt file settled.
type Taken struct {
	Accepted []*Item
	Declined []*Item
	Refused  []Refused
}

// Refused is an answer that the giver's ledger did not take.
type Refused struct {
	Item   evidence.ItemID `json:"item"`
	Reason string          `json:"reason"`
}

// TakeOver is the receiver's last part: the giver's receipt is verified, and the
// answers that it shows logged become part of the items' histories.
func (s *Session) TakeOver(ctx context.Context, path string) (*Taken, error) {
	format, plain, err := s.openHandoff(path)
	if err != nil {
		return nil, err
	}
	if format != receiptFormat {
		return nil, fmt.Errorf("%s holds %s: %w", path, format, ErrHandoffFile)
	}
	var f receiptFile
	if err := parseHandoff(plain, &f); err != nil {
		return nil, err
	}
	var d *judged
	if len(f.Dossier) > 0 {
		if d, err = s.judge(f.Dossier); err != nil {
			return nil, err
		}
	}
	if s.DryRun {
		return nil, &DryRun{} // nothing is signed in this step
	}
	out := &Taken{}
	for _, r := range f.Refused {
		// Anybody could write this. The answer stays, until a receipt shows it
		// logged, or the item's history shows another event in its place.
		out.Refused = append(out.Refused, Refused(r))
	}
	if d == nil {
		return out, nil
	}
	before := &Taken{} // the giver proves earlier items of the case again
	var unknown error
	for _, line := range d.Items {
		err := s.takeItem(ctx, d, line.Item, out, before)
		if errors.Is(err, ErrNoAnswer) || errors.Is(err, ErrNoItem) {
			unknown = err
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	if err := out.settled(before, unknown); err != nil {
		return nil, err
	}
	return out, s.keepDossier(d)
}

// takeItem finds the item's logged answer in the dossier and settles the one
// that waits here.
func (s *Session) takeItem(ctx context.Context, d *judged, id evidence.ItemID, out, before *Taken) error {
	waiting, err := s.waitingAnswer(id)
	if errors.Is(err, ErrNoAnswer) {
		return s.takenBefore(ctx, id, before)
	}
	if err != nil {
		return err
	}
	for _, line := range d.Events {
		item, seq, err := line.Place()
		if err != nil || item != id || line.Erased != nil || seq != waiting.Body.Seq {
			continue
		}
		b, err := bodyOf(d.Dossier, line)
		if err != nil {
			return err
		}
		if err := d.shows(waiting.Event); err != nil {
			return err
		}
		if b.leaf().Hash() != waiting.Leaf {
			return fmt.Errorf("item %s: another answer was logged than this desk gave: %w", id.Short(), ErrAnswer)
		}
		waiting.Body.Index, waiting.Body.Receipt = b.Index, b.Receipt
		return s.settleAnswer(ctx, waiting, out)
	}
	return fmt.Errorf("item %s: the receipt does not show its answer: %w", id.Short(), ErrAnswer)
}

// ErrNoAnswer reports a receipt for an answer that this desk does not wait for.
var ErrNoAnswer = errors.New("no answer of this desk waits for this receipt")

// waitingAnswer returns the answer that waits for the giver's receipt, or
// [ErrNoAnswer].
func (s *Session) waitingAnswer(id evidence.ItemID) (*Entry, error) {
	raw, err := keyfile.OpenSecret(s.answerPath(id), secretQueue, s.vaultID)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("item %s: %w", id.Short(), ErrNoAnswer)
	}
	if err != nil {
		return nil, err
	}
	return parseBody(raw)
}

// takenBefore lets the same receipt be given again: after an interrupt, or by a
// person who is not sure.
func (s *Session) takenBefore(ctx context.Context, id evidence.ItemID, out *Taken) error {
	it, err := s.Load(ctx, id)
	if err != nil {
		return err
	}
	own, err := s.ownKeys()
	if err != nil {
		return err
	}
	for _, e := range it.Entries {
		switch {
		case !slices.Contains(own, e.Event.Signer().Key):
		case e.Event.Action == evidence.Accept:
			out.Accepted = append(out.Accepted, it)
			return nil
		case e.Event.Action == evidence.Decline:
			out.Declined = append(out.Declined, it)
			return nil
		}
	}
	return fmt.Errorf("item %s: %w", id.Short(), ErrNoAnswer)
}

// loseAnswer keeps an answer in whose place the item's history has another event
// among the refused acts: it is never signed again (rule P14).
func (s *Session) loseAnswer(id evidence.ItemID) error {
	e, err := s.waitingAnswer(id)
	if errors.Is(err, ErrNoAnswer) {
		return nil // done before
	}
	if err != nil {
		return err
	}
	if err := s.refuse(e); err != nil {
		return err
	}
	return files.Remove(s.answerPath(id))
}

func (s *Session) settleAnswer(ctx context.Context, e *Entry, out *Taken) error {
	if e.Event.Action != evidence.Accept {
		e.Body.NextKey = nil // a declined item stays with the giver
	}
	if err := s.addToIndex(e); err != nil {
		return err
	}
	if err := s.keeper.putBody(ctx, s, e.Body); err != nil {
		return err
	}
	it, err := s.Load(ctx, e.Event.Item)
	if err != nil {
		return err
	}
	if e.Event.Action == evidence.Accept {
		out.Accepted = append(out.Accepted, it)
	} else {
		out.Declined = append(out.Declined, it)
	}
	return files.Remove(s.answerPath(e.Event.Item))
}
