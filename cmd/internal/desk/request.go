package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/signing/keyfile"
)

// Errors about an item that is read as a request.
var (
	ErrNoRequest     = mla.ErrNoRequest
	ErrRequestRecord = mla.ErrRequestRecord
)

// RequestDraft is a request before it exists.
type RequestDraft struct {
	Instrument string         // id, or id and version
	Form       string         // id of a form of it; "" when only one begins a request
	To         string         // the state that is asked, alpha-2
	Part, Zone string         // of that state, where it matters for deadlines
	Measures   []mla.Measure  // what is asked for
	Draft      map[string]any // fields of the form, as far as they are known
	Fields     map[string]any // further entries of the record, such as the case
	At         *evidence.Occurred
}

// RefusedStep is a step that is in the history and does not count.
type RefusedStep = mla.RefusedStep

// Request is a request as its item's events have it.
type Request struct {
	*Item
	*mla.Case
}

// NewRequest makes the item of a request, a draft. The law is pinned by digest.
func (s *Session) NewRequest(ctx context.Context, d RequestDraft) (*Sealed, error) {
	i, err := mla.Builtin().Instrument(d.Instrument)
	if err != nil {
		return nil, err
	}
	form, err := i.Beginning(d.Form)
	if err != nil {
		return nil, err
	}
	if d.To == s.Config.State && form.Machine != "disclosure" {
		return nil, fmt.Errorf("%w: %s asks itself", ErrRequestRecord, d.To)
	}
	for _, place := range [][3]string{{s.Config.State}, {d.To, d.Part, d.Zone}} {
		if _, err := mla.Builtin().Place(place[0], place[1], place[2]); err != nil {
			return nil, err
		}
	}
	for _, m := range d.Measures {
		if !slices.Contains(mla.Measures(), m) {
			return nil, fmt.Errorf("measure %q: %w", m, mla.ErrUnknown)
		}
	}
	fields := maps.Clone(d.Fields)
	if fields == nil {
		fields = map[string]any{}
	}
	maps.Copy(fields, map[string]any{
		mla.RequestEntry + "instrument": i.Name(), mla.RequestEntry + "sha256": i.Digest().String(), mla.RequestEntry + "form": form.ID,
		mla.RequestEntry + "from": s.Config.State, mla.RequestEntry + "to": d.To, mla.RequestEntry + "measures": d.Measures,
	})
	for name, v := range map[string]string{"part": d.Part, "zone": d.Zone} {
		if v != "" {
			fields[mla.RequestEntry+name] = v
		}
	}
	for name, v := range d.Draft {
		fields[mla.FormEntry+name] = v
	}
	return s.Seal(ctx, Sealing{Object: "request: " + form.Title, Fields: fields, At: d.At})
}

// Request reads a request from its item, or returns [ErrNoRequest].
func (s *Session) Request(it *Item) (*Request, error) {
	links, err := it.links()
	if err != nil {
		return nil, err
	}
	c, err := mla.Builtin().Read(links)
	if err != nil {
		return nil, fmt.Errorf("item %s: %w", it.ID.Short(), err)
	}
	return &Request{Item: it, Case: c}, nil
}

// Requests returns every request of the desk, in the order of ids. One that cannot
// be read hides no other: it comes back as an [ItemError].
func (s *Session) Requests(ctx context.Context) (all []*Request, unread []*ItemError, err error) {
	items, err := s.All(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, it := range items {
		r, err := s.Request(it)
		switch {
		case errors.Is(err, ErrNoRequest):
		case err != nil:
			unread = append(unread, &ItemError{it.ID, err})
		default:
			all = append(all, r)
		}
	}
	return all, unread, nil
}

// SideOf returns the side that a desk of a state is on, "" when it is on none:
// of an order to a provider the state that is asked is the enforcing one.
func (r *Request) SideOf(state string) mla.Side {
	switch {
	case state == r.Law.From:
		return mla.Issuing
	case state != r.Law.To:
		return ""
	case r.Law.Form.Machine == "production-order", r.Law.Form.Machine == "preservation-order":
		return mla.Enforcing
	}
	return mla.Executing
}

// sideFor is [Request.SideOf], and within one state, whose officers are on every side,
// the side that may take the step.
func (r *Request) sideFor(state string, to mla.State) mla.Side {
	if r.Law.From == r.Law.To {
		if a, ok := mla.MachineOf(r.Law.Form.Machine).Arrow(r.History.State(), to); ok {
			return a.By[0]
		}
	}
	return r.SideOf(state)
}

// RequestStep is one step of a request before it is taken.
type RequestStep struct {
	Request *Request
	To      mla.State
	By      mla.Side       // "": the side that this desk is on
	Facts   map[string]any // fields of request-step
	Form    map[string]any // the form, stated anew; nil: as it stands
	Other   *keyfile.Card  // names the other side, whose key may take steps from now on
	Second  string         // alias of a second signer
	At      *evidence.Occurred
}

// TakeStep signs and logs one step, after every guard. It returns what
// [mla.Library.Allowed] refuses.
func (s *Session) TakeStep(ctx context.Context, st RequestStep) ([]Done, error) {
	a, err := s.stepAct(st)
	if err != nil {
		return nil, err
	}
	return s.DoMany(ctx, []Act{a})
}

// stepAct makes the act of a step that passes every guard.
func (s *Session) stepAct(st RequestStep) (Act, error) {
	r := st.Request
	if st.By == "" {
		st.By = r.sideFor(s.Config.State, st.To)
	}
	signed := []string{s.Config.State}
	if st.Second != "" {
		signed = append(signed, s.Config.State)
	}
	step := mla.Step{To: st.To, By: st.By, At: s.Now(), Facts: st.Facts, Both: r.Law.BothSides(signed)}
	if st.At != nil {
		_, step.At = st.At.Reference()
	}
	law := *r.Law
	if st.Form != nil && st.To == "ready" {
		law.Fields = st.Form
	}
	if err := r.Law.OwnSide(st.By, s.Config.State); err != nil {
		return Act{}, err
	}
	if err := mla.Builtin().Allowed(&law, r.History, step, r.Places); err != nil {
		return Act{}, err
	}
	fields := map[string]any{mla.StepEntry + "to": string(st.To), mla.StepEntry + "by": string(st.By)}
	for name, v := range st.Facts {
		fields[mla.StepEntry+name] = v
	}
	for name, v := range st.Form {
		fields[mla.FormEntry+name] = v
	}
	a := Act{Item: r.Item, Action: evidence.Step, Fields: fields, Second: st.Second, At: st.At}
	if st.Other != nil {
		a.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: evidence.KeyID(st.Other.Key.ID()), State: evidence.StateCode(st.Other.State)}
	}
	return a, nil
}

// Clocks returns the deadlines of a request that began to run.
func (r *Request) Clocks() ([]mla.Clock, error) {
	return mla.Builtin().Clocks(r.Law, r.History, r.Places)
}
