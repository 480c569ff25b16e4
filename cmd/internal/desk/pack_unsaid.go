package desk

import (
	"encoding/json"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// limitKey names a limit: two with the same giver and id come from the same request.
type limitKey struct{ giver, id string }

// tells finds out of which limits the package may tell though the fact of the request from
// which they come is confidential: those of requests that it shows.
func (p *packPlan) tells() error {
	p.told = map[limitKey]bool{}
	if u := p.in.Under; u != nil && u.Request != nil {
		p.tell(u.Request.Law.Limit(u.Proceeding))
	}
	for _, it := range p.in.Items {
		if r, err := p.s.Request(it); err == nil {
			ref, _ := r.Text("case")
			p.tell(r.Law.Limit(ref))
			continue
		}
		if err := p.tellOf(it); err != nil {
			return err
		}
	}
	return nil
}

func (p *packPlan) tell(list ...mla.Limit) {
	for _, l := range list {
		p.told[limitKey{l.Giver, l.ID}] = true
	}
}

// tellOf tells of the limits in records that name a request that is shown.
func (p *packPlan) tellOf(it *Item) error {
	all, err := it.Told()
	if err != nil {
		return err
	}
	for _, e := range it.Entries {
		v, err := e.View()
		if err != nil {
			return err
		}
		id, found, err := evidence.Value[evidence.ItemID](v, mla.FieldRequest)
		raw, limits := v.Lookup(mla.FieldLimits)
		if err != nil || found != evidence.Present || limits != evidence.Present || !p.in.shows(all, id) {
			continue
		}
		list, err := mla.ParseLimits(raw)
		if err != nil {
			return err
		}
		p.tell(list.List()...)
	}
	return nil
}

// unsaid reports whether a limit tells of a request of which the package may not.
func (p *packPlan) unsaid(l *mla.Limit) bool {
	return l.Confidential && !(p.in.Use != nil && p.in.Use.ShowsRequest) && !p.told[limitKey{l.Giver, l.ID}]
}

// keepsRequests holds back, of an item's records, under which requests it came that the
// package may not tell of: the request, its limits, and what was decided by them or agreed
// to with a reason that names one.
func (p *packPlan) keepsRequests(it *Item, view func(evidence.ViewEntry) *evidence.Withholding) (func(evidence.ViewEntry) *evidence.Withholding, error) {
	told, err := it.Told()
	return func(e evidence.ViewEntry) *evidence.Withholding {
		if e.Form != evidence.Shown || p.held(it, e.Name) >= 0 || p.may(told, &e) {
			return view(e)
		}
		if e.Name != mla.FieldRequest {
			p.out.Unsaid++
		}
		return p.aside()
	}, err
}

// may reports whether an entry tells of no request of which the package may not.
func (p *packPlan) may(told *mla.Told, e *evidence.ViewEntry) bool {
	unsaid := func(same func(*mla.Limit) bool) bool {
		return slices.ContainsFunc(told.Limits.List(), func(l mla.Limit) bool { return same(&l) && p.unsaid(&l) })
	}
	switch e.Name {
	case mla.FieldRequest:
		var id evidence.ItemID
		return json.Unmarshal(e.Value, &id) == nil && p.in.shows(told, id)
	case mla.FieldLimits:
		list, err := mla.ParseLimits(e.Value)
		return err == nil && !slices.ContainsFunc(list.List(), func(l mla.Limit) bool { return p.unsaid(&l) })
	case mla.FieldUse:
		var d mla.Decided
		return json.Unmarshal(e.Value, &d) == nil && !slices.ContainsFunc(d.Reasons, func(r mla.Reason) bool {
			return unsaid(func(l *mla.Limit) bool { return l.ID == r.Limit && l.Giver == r.Giver })
		})
	case mla.FieldConsent:
		var a mla.Agreed
		return json.Unmarshal(e.Value, &a) == nil && !unsaid(func(l *mla.Limit) bool { return l.Giver == a.Giver })
	}
	return true
}
