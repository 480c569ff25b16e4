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

// packedActs decides whether the items may be in a package for that use, and returns a
// disclose event of each that has limits or gets some, to be logged before the package is
// written: it holds it. A use that is not allowed is recorded as a step.
func (s *Session) packedActs(ctx context.Context, p *Packing) (acts []Act, err error) {
	p.Use = p.Under.use(p.Use)
	laid, err := p.Under.fields()
	if err != nil {
		return nil, err
	}
	var refused []error
	for _, it := range p.Items {
		use, err := s.useFields(ctx, it, mla.ActPack, p.Use)
		if err != nil {
			refused = append(refused, &ItemError{it.ID, err})
			continue
		}
		if len(use)+len(laid) > 0 && !s.isRequest(it) {
			acts = append(acts, p.disclosure(it, s.Config.State, use, laid))
		}
	}
	return acts, errors.Join(refused...)
}

// logPacked logs that copies go into the package, and returns the items that were asked
// for as they then are.
func (s *Session) logPacked(ctx context.Context, items []*Item, acts []Act) ([]*Item, error) {
	done, err := s.DoMany(ctx, acts)
	for _, d := range done {
		if d.Waits {
			err = errors.Join(err, &ItemError{d.Entry.Event.Item, fmt.Errorf("that it goes into a package is signed and not logged: %w", ErrWaits)})
		}
	}
	if err != nil {
		return nil, err
	}
	return s.reloaded(ctx, items)
}

// withRequests adds the requests that the items' records name and that are here: the
// verdict judges them. What [Packing.shows] does not let be shown is not added.
func (s *Session) withRequests(ctx context.Context, p *Packing) (all []*Item, added map[evidence.ItemID]bool, err error) {
	all, added = p.Items, map[evidence.ItemID]bool{}
	for _, it := range p.Items {
		told, err := it.Told()
		if err != nil {
			return nil, nil, err
		}
		for _, id := range it.requests() {
			if !p.shows(told, id) || slices.ContainsFunc(all, func(o *Item) bool { return o.ID == id }) {
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

// shows reports whether the package may tell of a request that an item's records name.
// Where the fact of a request is confidential it needs a use that says it is shown, which
// the limits then allowed. Whoever made the request that is answered, or is given a
// request among the items, knows of that one, and of no other.
func (p *Packing) shows(told *mla.Told, request evidence.ItemID) bool {
	return !told.Limits.Confidential() || p.Use != nil && p.Use.ShowsRequest ||
		p.Under != nil && p.Under.Request != nil && p.Under.Request.ID == request ||
		slices.ContainsFunc(p.Items, func(it *Item) bool { return it.ID == request })
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
func (p *packPlan) withholdForm(it *Item, e evidence.ViewEntry) *evidence.Withholding {
	if !strings.HasPrefix(e.Name, mla.FormEntry) {
		return p.withhold(it, e)
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

// isRequest reports whether the item is a request and nothing else: one that can be read
// as such, without files. Evidence that only looks like one keeps its limits.
func (s *Session) isRequest(it *Item) bool {
	v, err := it.First().View()
	if err != nil {
		return false
	}
	for range v.Files() {
		return false
	}
	_, err = s.Request(it)
	return err == nil
}
