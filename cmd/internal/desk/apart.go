package desk

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// ErrForOneSide reports a request that cannot be handed over as it is: its form has
// answers that a provider must never see.
var ErrForOneSide = errors.New("its form has answers that are for an authority alone")

// forOneSide tells which entries of a request's records are for one side beside the issuing
// one ([mla.Form.Apart]). Of an item that cannot be read as a request that is the whole
// form: what it may show is not known.
func (s *Session) forOneSide(it *Item) func(evidence.ViewEntry) bool {
	read := sync.OnceValues(func() (*Request, error) { return s.Request(it) }) // few items have a form
	return func(e evidence.ViewEntry) bool {
		field, ok := strings.CutPrefix(e.Name, mla.FormEntry)
		if !ok || e.Form != evidence.Shown {
			return false
		}
		r, err := read()
		return err != nil || r.Law.Form.Apart(field)
	}
}

// handsOver refuses with [ErrForOneSide] to hand over an item whose records have
// answers that are apart: a handoff shows all of them.
func (s *Session) handsOver(it *Item) error {
	apart := s.forOneSide(it)
	for _, e := range it.Entries {
		v, err := e.View()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(v.Entries, apart) {
			return ErrForOneSide
		}
	}
	return nil
}

// viewOf returns what is held back of an item's records: of a request that is shown
// beside others its form, of one that was asked for what is apart in it.
func (p *packPlan) viewOf(it *Item) func(evidence.ViewEntry) *evidence.Withholding {
	switch {
	case p.requests[it.ID]:
		return func(e evidence.ViewEntry) *evidence.Withholding { return p.withholdForm(it, e) }
	case p.in.ToAuthority:
		return func(e evidence.ViewEntry) *evidence.Withholding { return p.withhold(it, e) }
	}
	apart := p.s.forOneSide(it)
	return func(e evidence.ViewEntry) *evidence.Withholding {
		if p.held(it, e.Name) >= 0 || !apart(e) {
			return p.withhold(it, e) // a reason that was given comes first
		}
		p.out.Apart++
		return p.aside()
	}
}

// aside holds back an entry that is nobody's business who was not asked for it. It is
// looked at again a year after.
func (p *packPlan) aside() *evidence.Withholding {
	p.out.Withheld++
	return &evidence.Withholding{Withheld: evidence.Withheld{
		Authority: p.s.Config.State, Code: evidence.ReasonScope, Review: p.s.Now().AddDate(1, 0, 0).UTC().Format(time.DateOnly),
	}}
}
