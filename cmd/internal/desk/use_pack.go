package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// packedUse decides whether the items may be in a package for that use, and logs a
// disclose event of each that has limits or gets some: the package holds it. It
// returns the items as they then are. Nothing is logged unless every item may be.
func (s *Session) packedUse(ctx context.Context, p *Packing) ([]*Item, error) {
	p.Use = p.Under.use(p.Use)
	laid, err := p.Under.fields()
	if err != nil {
		return nil, err
	}
	var acts []Act
	var refused []error
	for _, it := range p.Items {
		use, err := s.useFields(ctx, it, mla.ActPack, p.Use)
		if err != nil {
			refused = append(refused, &ItemError{it.ID, err})
			continue
		}
		if len(use)+len(laid) > 0 && !it.isRequest() {
			acts = append(acts, p.disclosure(it, s.Config.State, use, laid))
		}
	}
	if err := errors.Join(refused...); err != nil || len(acts) == 0 {
		return p.Items, err
	}
	done, err := s.DoMany(ctx, acts)
	for _, d := range done {
		if d.Waits {
			err = errors.Join(err, &ItemError{d.Entry.Event.Item, fmt.Errorf("that it goes into a package is signed and not logged: %w", ErrWaits)})
		}
	}
	if err != nil {
		return nil, err
	}
	return s.reloaded(ctx, p.Items)
}

// disclosure is the act that says that a copy goes into a package.
func (p *Packing) disclosure(it *Item, own string, use, laid map[string]any) Act {
	fields := map[string]any{"to": p.To, "note": "in a package"}
	maps.Copy(fields, use)
	maps.Copy(fields, laid)
	if p.To == "" {
		delete(fields, "to")
	}
	to := evidence.StateCode(own)
	if p.Use != nil && p.Use.State != "" {
		to = evidence.StateCode(p.Use.State)
	}
	if p.Under != nil && p.Under.Request != nil {
		to = evidence.StateCode(p.Under.Request.Law.From)
	}
	return Act{Item: it, Action: evidence.Disclose, Fields: fields, decided: true,
		Counterparty: &evidence.Counterparty{Kind: evidence.PartyAuthority, State: to}}
}

// reloaded returns items as they are now.
func (s *Session) reloaded(ctx context.Context, items []*Item) (again []*Item, err error) {
	for _, it := range items {
		if it, err = s.Load(ctx, it.ID); err != nil {
			return nil, err
		}
		again = append(again, it)
	}
	return again, nil
}

// isRequest reports whether the item is a request.
func (it *Item) isRequest() bool {
	v, err := it.First().View()
	return err == nil && len(shownUnder(v, requestEntry)) > 0
}
