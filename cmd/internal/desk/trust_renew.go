package desk

import (
	"context"
	"errors"

	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
)

// renewReceipts has the acts logged here that lack a receipt under the pinned list
// proven again: what was logged while nobody else was asked is known to other states
// from now on. It asks by submitting the same leaves (rule P20), so nothing is logged
// twice, and stops at the first that other states do not cosign, with the reason.
func (s *Session) renewReceipts(ctx context.Context) (pending, err error) {
	b, err := s.logbook(ctx)
	if err != nil {
		return nil, err
	}
	// The newest checkpoint was enough under the list before; it may not be now.
	if err := b.cosigned(ctx); errors.Is(err, writer.ErrQuorum) {
		return err, nil
	} else if err != nil {
		return nil, err
	}
	ids, err := s.keeper.items(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		it, err := s.Load(ctx, id)
		if errors.Is(err, ErrNoItem) {
			continue // every event of it was erased
		}
		if err != nil {
			return nil, err
		}
		if pending, err = s.renew(ctx, it); pending != nil || err != nil {
			return pending, err
		}
	}
	return nil, nil
}

// renew asks for the receipts that one item's acts lack.
func (s *Session) renew(ctx context.Context, it *Item) (pending, err error) {
	var entries []*Entry
	for _, e := range it.Entries {
		if lacks, err := s.lacksReceipt(e); err != nil {
			return nil, err
		} else if lacks {
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 {
		return nil, nil
	}
	results, err := s.submitEntries(ctx, entries)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		switch {
		case r.refused != nil:
			return nil, &ItemError{it.ID, r.refused}
		case r.waits != nil:
			return r.waits, nil
		case r.pending != nil:
			return r.pending, nil
		}
		if _, err := s.settle(ctx, entries[i], r); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// lacksReceipt reports whether an act is in this desk's ledger and has no receipt
// that meets the receipt policy.
func (s *Session) lacksReceipt(e *Entry) (bool, error) {
	if e.Body.Index == nil || e.Event.Origin != s.Config.Origin {
		return false, nil
	}
	r, err := e.receipt()
	if err != nil || r == nil {
		return err == nil, err
	}
	return !s.trusted.Meets(r.Note, s.Config.Origin, trust.Receipt), nil
}
