package desk

import (
	"context"
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// maxEarlier bounds how many earlier items one receipt proves again; a dossier
// has 10,000 events at most (spec/package.md, "Limits").
const maxEarlier = 1000

// handedBefore returns items of the cases of those that were just answered,
// which the same key took over before. A package has one checkpoint of each
// ledger, so the receiver can pack a case that came by several handoffs only if
// the last one proves all of it. Their records are withheld: the receiver has them.
func (s *Session) handedBefore(ctx context.Context, done []Done, to *keyfile.Card) ([]*selection, error) {
	seen := map[evidence.ItemID]bool{}
	cases := map[string]bool{}
	for _, d := range done {
		seen[d.Entry.Event.Item] = true
		it, err := s.Load(ctx, d.Entry.Event.Item)
		if err != nil {
			return nil, err
		}
		if ref, ok := value[string](it, "case"); ok {
			cases[ref] = true
		}
	}
	var earlier []*selection
	for ref := range cases {
		items, err := s.InCase(ctx, ref)
		if err != nil && !errors.Is(err, ErrNoCase) {
			return nil, err
		}
		for _, it := range items {
			if seen[it.ID] || len(earlier) == maxEarlier || !wentTo(it, evidence.KeyID(to.Key.ID())) {
				continue
			}
			seen[it.ID] = true
			earlier = append(earlier, &selection{id: it.ID, view: hideAll})
		}
	}
	return earlier, nil
}

// wentTo reports whether the last that is known here of an item is that this key
// took it over: what went to others, of the same state too, is not its business.
func wentTo(it *Item, key evidence.KeyID) bool {
	last := it.Last().Event
	return last.Action == evidence.Accept && last.Signer().Key == key && it.Last().Body.Index != nil
}

// settled parts what a receipt settled from what was settled before. When it
// settled nothing, the receipt is taken again, and what it settled then is the
// answer; an item that this desk does not know any more is passed over otherwise.
func (t *Taken) settled(before *Taken, unknown error) error {
	if len(t.Accepted)+len(t.Declined) > 0 {
		return nil
	}
	t.Accepted, t.Declined = before.Accepted, before.Declined
	return unknown
}
