package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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

// withRequests adds the requests that the items' records name and that are here: the
// verdict judges them. Where the fact of a request is confidential it needs a use that
// says it is shown, or the request itself named among the items.
func (s *Session) withRequests(ctx context.Context, p *Packing) (all []*Item, added map[evidence.ItemID]bool, err error) {
	all, added = p.Items, map[evidence.ItemID]bool{}
	for _, it := range p.Items {
		told, err := it.Told()
		if err != nil {
			return nil, nil, err
		}
		if told.Limits.Confidential() && p.Under == nil && (p.Use == nil || !p.Use.ShowsRequest) {
			continue
		}
		for _, id := range it.requests() {
			if slices.ContainsFunc(all, func(o *Item) bool { return o.ID == id }) {
				continue
			}
			r, err := s.Load(ctx, id)
			if errors.Is(err, ErrNoItem) {
				continue // its desk has it; the verdict says that it is not shown
			}
			if err != nil {
				return nil, nil, err
			}
			all, added[id] = append(slices.Clip(all), r), true
		}
	}
	return all, added, nil
}

// requests lists the requests that the item's records name.
func (it *Item) requests() (ids []evidence.ItemID) {
	for _, e := range it.Entries {
		v, err := e.View()
		if err != nil {
			continue
		}
		if id, found, err := evidence.Value[evidence.ItemID](v, mla.FieldRequest); err == nil && found == evidence.Present && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// withholdForm holds back the form of a request that a package shows beside its items:
// who is named there is nobody's business who was not asked for it.
func (p *packPlan) withholdForm(e evidence.ViewEntry) *evidence.Withholding {
	if !strings.HasPrefix(e.Name, mla.FormEntry) {
		return p.withhold(e)
	}
	return p.aside()
}

// disclosure is the act that says that a copy goes into a package.
func (p *Packing) disclosure(it *Item, own string, use, laid map[string]any) Act {
	fields := map[string]any{"to": p.To, "note": "in a package"}
	maps.Copy(fields, use)
	maps.Copy(fields, laid)
	if p.To == "" {
		delete(fields, "to")
	}
	to := evidence.StateCode(own) // as the use was decided
	if p.Use != nil && p.Use.State != "" {
		to = evidence.StateCode(p.Use.State)
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
	return err == nil && len(mla.ShownUnder(v, mla.RequestEntry)) > 0
}
