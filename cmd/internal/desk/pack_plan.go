package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/pack"
)

// PackPlan is what a package would hold, and what not. Nothing is logged to find it out.
type PackPlan struct {
	DryRun   bool              `json:"dry_run"`
	File     string            `json:"file"`
	Items    []evidence.ItemID `json:"items"`
	Files    int               `json:"files"` // evidence copies
	Bytes    int64             `json:"bytes"` // of the copies
	Withheld []PlannedHold     `json:"withheld"`
	Uses     []PlannedUse      `json:"uses"`           // of items with use limits
	Laid     []mla.Limit       `json:"laid,omitempty"` // limits that would be laid down
	Noticed
}

// PlannedHold is an entry that would be held back, and why.
type PlannedHold struct {
	Item     evidence.ItemID `json:"item"`
	Seq      int64           `json:"seq"` // of the event whose record has it, or will
	Name     string          `json:"name"`
	HideName bool            `json:"hide_name"`
	evidence.Withheld
}

// PlannedUse is what the limits of an item say of the package, and of the same use in
// each state that the trust list names.
type PlannedUse struct {
	Item   evidence.ItemID `json:"item"`
	Use    mla.Decided     `json:"use"`
	States []StateUse      `json:"states"`
}

// StateUse is what limits say of a use in one state.
type StateUse struct {
	State    string       `json:"state"`
	Decision mla.Decision `json:"decision"`
	Ask      []string     `json:"ask"`
}

// PlanPack says what [Session.Pack] would do. What the limits do not allow is in the
// plan, and no error.
func (s *Session) PlanPack(ctx context.Context, p Packing) (*PackPlan, error) {
	if err := s.mayPack(&p); err != nil {
		return nil, err
	}
	p.Use = p.Under.use(p.Use)
	laid, err := p.Under.fields()
	if err != nil {
		return nil, err
	}
	out := &PackPlan{DryRun: true, File: p.Out, Items: []evidence.ItemID{}, Withheld: []PlannedHold{}, Uses: []PlannedUse{}}
	if list, ok := laid[mla.FieldLimits].([]mla.Limit); ok {
		out.Laid = list
	}
	acts, err := s.plannedUses(&p, laid, out)
	if err != nil {
		return nil, err
	}
	plan, err := s.planOf(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := plan.try(ctx, acts, out.hold); err != nil {
		return nil, err
	}
	for _, it := range plan.in.Items {
		out.Items = append(out.Items, it.ID)
	}
	out.Files, out.Bytes, out.Noticed = plan.out.Files, plan.out.Bytes, plan.out.Noticed
	return out, nil
}

func (out *PackPlan) hold(it *Item, seq int64, name string, w *evidence.Withholding) {
	out.Withheld = append(out.Withheld, PlannedHold{Item: it.ID, Seq: seq, Name: name, HideName: w.Name, Withheld: w.Withheld})
}

// plannedUses decides without recording it.
func (s *Session) plannedUses(p *Packing, laid map[string]any, out *PackPlan) (acts []Act, err error) {
	for _, it := range p.Items {
		told, err := it.Told()
		if err != nil {
			return nil, &ItemError{it.ID, err}
		}
		use := map[string]any{}
		if !told.None() {
			d := told.Decide(mla.ActPack, s.used(p.Use))
			use[mla.FieldUse] = d
			out.Uses = append(out.Uses, PlannedUse{Item: it.ID, Use: d, States: s.inStates(told, d.Use())})
		}
		if len(use)+len(laid) > 0 && !s.isRequest(it) {
			acts = append(acts, p.disclosure(it, s.Config.State, use, laid))
		}
	}
	return acts, nil
}

// inStates decides the same use for each state of the trust list.
func (s *Session) inStates(told *mla.Told, u mla.Use) []StateUse {
	all := []StateUse{}
	for _, l := range s.trusted.List.Logs {
		code := string(l.State)
		if slices.ContainsFunc(all, func(x StateUse) bool { return x.State == code }) {
			continue
		}
		u.State = code
		d := told.Decide(mla.ActPack, u)
		all = append(all, StateUse{State: code, Decision: d.Decision, Ask: d.Ask})
	}
	return all
}

// mayPack checks what needs no ledger.
func (s *Session) mayPack(p *Packing) (err error) {
	if s.trusted == nil {
		return ErrNoVerdictRoot
	}
	if s.acting == nil {
		return ErrNoAct
	}
	for _, it := range p.Items {
		if err := s.allowedUnder(it, rules.AtPack, nil); err != nil {
			return &ItemError{it.ID, err}
		}
	}
	return s.checkAnchors(p.Anchors)
}

// planOf begins the plan of a package: the requests that items name are added, and what
// must not be told of them is known.
func (s *Session) planOf(ctx context.Context, p Packing) (*packPlan, error) {
	all, added, err := s.withRequests(ctx, &p)
	if err != nil {
		return nil, err
	}
	plan := &packPlan{s: s, in: p, asked: p.Items, requests: added, names: namesOf(p.Withhold), read: map[int]bool{}, recipients: map[string][]string{}}
	plan.in.Items, plan.in.Progress = all, progress.Or(p.Progress)
	plan.out = &Packed{File: p.Out, Items: len(all)}
	if err := plan.revealsOne(); err != nil {
		return nil, err
	}
	return plan, plan.tells()
}

// try finds out, before anything is logged, whether every copy can be named and every name
// to withhold or to read is there, in the records or in those of acts to come. hold, when
// it is not nil, is told what is held back of either.
func (p *packPlan) try(ctx context.Context, acts []Act, hold func(it *Item, seq int64, name string, w *evidence.Withholding)) error {
	selected, err := p.selections(ctx)
	if err != nil {
		return err
	}
	for _, sel := range selected {
		for _, e := range sel.item.Entries {
			v, err := e.View()
			if err != nil {
				return fmt.Errorf("event %d: %w", e.Event.Seq, err)
			}
			v.Withhold(func(x evidence.ViewEntry) *evidence.Withholding {
				w := sel.view(x)
				if w != nil && hold != nil {
					hold(sel.item, e.Event.Seq, x.Name, w)
				}
				return w
			})
		}
	}
	noticed := p.out.Noticed
	noticed.Alike = p.names.alike()
	defer func() { p.out.Noticed = noticed }() // each entry was asked about once: assembling asks again
	for _, a := range acts {
		for _, name := range slices.Sorted(maps.Keys(a.Fields)) {
			if i := p.names.meet(a.Item.ID, name); i >= 0 && hold != nil {
				hold(a.Item, a.Item.Last().Event.Seq+1, name, p.reason(i))
			}
		}
	}
	if err := errors.Join(p.names.checkUsed(), p.checkRead()); err != nil {
		return err
	}
	d, err := p.s.assemble(ctx, &pack.Builder{Anchors: p.in.Anchors}, selected, p.s.acting.as.Enrolled) // what cannot be proven now cannot be then
	if err != nil {
		return err
	}
	if err := allAnchored(d, p.in.Anchors); err != nil {
		return err
	}
	_, err = d.Encode() // nor written: it grows by the acts
	return err
}
