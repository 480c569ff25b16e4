package desk

import (
	"context"
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// Resumed is one act that an interrupted process had signed, and what this one
// did about it.
type Resumed struct {
	Item   evidence.ItemID `json:"item"`
	Seq    int64           `json:"seq"`
	Action evidence.Action `json:"action"`
	What   string          `json:"what"` // one plain sentence
}

// putRight finishes what an interrupted process left, before anything else is
// done. A dry run leaves it as it is, and so does a look at a home that cannot act.
func (s *Session) putRight(ctx context.Context) error {
	if s.DryRun || s.stuck != nil {
		return nil
	}
	err := s.finishLeft(ctx)
	if err != nil && s.looks && ctx.Err() == nil {
		s.stuck = err
		return nil
	}
	return err
}

func (s *Session) finishLeft(ctx context.Context) error {
	if err := s.removeTemps(); err != nil {
		return err
	}
	if err := s.resume(ctx); err != nil {
		return err
	}
	return s.finishOfficers(ctx)
}

// removeTemps removes the files that a crashed write left in the home's own
// folders; ledger, store and vault look after theirs.
func (s *Session) removeTemps() error {
	for _, dir := range []string{"", "keys", "queue", "queue/refused", "notes", "trust"} {
		if _, err := files.RemoveTemps(s.path(dir)); err != nil {
			return err
		}
	}
	return nil
}

// tell notes what became of acts that were in the queue. An act whose receipt
// is still missing is no news.
func (s *Session) tell(out submitted, entries []*Entry) {
	for _, d := range out.done {
		what := "it was signed and not yet logged; it is logged now"
		switch {
		case d.Waits && out.waits == nil:
			what = "nothing was decided about it, and it waits: " + d.Pending.Error()
		case d.Pending != nil:
			continue
		case d.Retried:
			what = "it was logged already; its receipt is kept now"
		}
		s.Resumed = append(s.Resumed, Resumed{d.Entry.Event.Item, d.Entry.Event.Seq, d.Entry.Event.Action, what})
	}
	for _, err := range out.refused {
		s.tellRefused(err, entries)
	}
}

func (s *Session) tellRefused(err error, entries []*Entry) {
	var item *ItemError
	if !errors.As(err, &item) {
		return
	}
	why := "the ledger refused it; it is kept and shown with the item's next correct: "
	var closed *ledger.ClosedError
	if errors.As(err, &closed) {
		why = "the ledger refused it because another act was logged first; it is kept and shown with the item's next correct: "
	}
	for _, e := range entries {
		if e.Event.Item == item.Item {
			s.Resumed = append(s.Resumed, Resumed{e.Event.Item, e.Event.Seq, e.Event.Action, why + item.Err.Error()})
		}
	}
}
