package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/signing/keyfile"
)

// Entries of the records of a request (spec/request.md, "Item").
const (
	requestEntry = "request/" // what it was drafted as; of the collect event
	formEntry    = "form/"    // fields of its form; of the collect event, and of a step that states them anew
	stepEntry    = "step/"    // fields of request-step; of a step
)

// Errors about an item that is read as a request.
var (
	ErrNoRequest     = errors.New("the item is no request")
	ErrRequestRecord = errors.New("what the record says of the request cannot be read")
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

// Request is a request as its item's events have it.
type Request struct {
	*Item
	Law     *mla.Request
	History mla.History // the steps that count
	Refused []RefusedStep
	Places  mla.Places
}

// RefusedStep is a step that is in the history and does not count: another program
// wrote it, past a guard.
type RefusedStep struct {
	Seq int64
	To  mla.State
	Err error
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
		requestEntry + "instrument": i.Name(), requestEntry + "sha256": i.Digest().String(), requestEntry + "form": form.ID,
		requestEntry + "from": s.Config.State, requestEntry + "to": d.To, requestEntry + "measures": d.Measures,
	})
	for name, v := range map[string]string{"part": d.Part, "zone": d.Zone} {
		if v != "" {
			fields[requestEntry+name] = v
		}
	}
	for name, v := range d.Draft {
		fields[formEntry+name] = v
	}
	return s.Seal(ctx, Sealing{Object: "request: " + form.Title, Fields: fields, At: d.At})
}

// Request reads a request from its item, or returns [ErrNoRequest].
func (s *Session) Request(it *Item) (*Request, error) {
	first, err := it.First().View()
	if err != nil {
		return nil, err
	}
	entries := shownUnder(first, requestEntry)
	if len(entries) == 0 || it.First().Event.Action != evidence.Collect {
		return nil, fmt.Errorf("item %s: %w", it.ID.Short(), ErrNoRequest)
	}
	r := &Request{Item: it, Law: &mla.Request{Fields: shownUnder(first, formEntry)}}
	if err := r.pinned(entries); err != nil {
		return nil, fmt.Errorf("item %s: %w", it.ID.Short(), err)
	}
	for _, e := range it.Entries {
		if e.Event.Action != evidence.Step {
			continue
		}
		view, err := e.View()
		if err != nil {
			return nil, err
		}
		r.replay(e.Event, shownUnder(view, stepEntry), shownUnder(view, formEntry))
	}
	return r, nil
}

// replay adds a step if it passes what whoever took it had to pass. The form is
// stated anew by a step to ready alone.
func (r *Request) replay(e *evidence.Event, facts, form map[string]any) {
	step := r.step(e, facts)
	law := *r.Law
	if step.To == "ready" && len(form) > 0 {
		law.Fields = form
	}
	err := r.ownSide(step.By, string(e.Signer().Authority))
	if err == nil {
		err = mla.Builtin().Allowed(&law, r.History, step, r.Places)
	}
	if err != nil {
		r.Refused = append(r.Refused, RefusedStep{e.Seq, step.To, err})
		return
	}
	r.Law.Fields, r.History = law.Fields, append(r.History, step)
}

// ownSide refuses a step of a side that the signer's state is not on.
func (r *Request) ownSide(by mla.Side, state string) error {
	if (by == mla.Issuing) == (state == r.Law.From) && (by == mla.Issuing || state == r.Law.To) {
		return nil
	}
	return fmt.Errorf("%w: an officer of %s acts for the side %q", mla.ErrStep, state, by)
}

// pinned reads what the request was drafted as.
func (r *Request) pinned(entries map[string]any) error {
	text := func(name string) string { v, _ := entries[name].(string); return v }
	digest, err := evidence.ParseHash(text("sha256"))
	if err != nil {
		return fmt.Errorf("%w: %v", ErrRequestRecord, err)
	}
	law := r.Law
	if law.Instrument, err = mla.Builtin().Pinned(text("instrument"), digest); err != nil {
		return err
	}
	if law.Form, err = law.Instrument.Beginning(text("form")); err != nil {
		return err
	}
	law.From, law.To = text("from"), text("to")
	measures, _ := entries["measures"].([]any)
	for _, m := range measures {
		one, _ := m.(string)
		law.Measures = append(law.Measures, mla.Measure(one))
	}
	place, err := mla.Builtin().Place(law.To, text("part"), text("zone"))
	if err != nil {
		return err
	}
	r.Places = mla.Places{mla.Executing: place, mla.Provider: place, mla.Enforcing: place}
	return nil
}

// step reads one step of the history. Both sides have signed when officers of
// both states have.
func (r *Request) step(e *evidence.Event, facts map[string]any) mla.Step {
	to, _ := facts["to"].(string)
	by, _ := facts["by"].(string)
	_, at := e.Occurred.Reference()
	delete(facts, "to")
	delete(facts, "by")
	var states []string
	for _, signer := range e.Signers {
		states = append(states, string(signer.Authority))
	}
	return mla.Step{To: mla.State(to), By: mla.Side(by), At: at, Facts: facts, Both: r.both(states)}
}

func (r *Request) both(states []string) bool {
	return slices.Contains(states, r.Law.From) && slices.Contains(states, r.Law.To)
}

// shownUnder returns the entries of a record below a prefix, without it.
func shownUnder(v *evidence.View, prefix string) map[string]any {
	out := map[string]any{}
	for i := range v.Entries {
		e := &v.Entries[i]
		name, ok := strings.CutPrefix(e.Name, prefix)
		if !ok || e.Form != evidence.Shown {
			continue
		}
		var value any
		if json.Unmarshal(e.Value, &value) == nil {
			out[name] = value
		}
	}
	return out
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
		st.By = r.SideOf(s.Config.State)
	}
	step := mla.Step{To: st.To, By: st.By, At: s.Now(), Facts: st.Facts}
	if st.At != nil {
		_, step.At = st.At.Reference()
	}
	law := *r.Law
	if st.Form != nil && st.To == "ready" {
		law.Fields = st.Form
	}
	if err := r.ownSide(st.By, s.Config.State); err != nil {
		return Act{}, err
	}
	if err := mla.Builtin().Allowed(&law, r.History, step, r.Places); err != nil {
		return Act{}, err
	}
	fields := map[string]any{stepEntry + "to": string(st.To), stepEntry + "by": string(st.By)}
	for name, v := range st.Facts {
		fields[stepEntry+name] = v
	}
	for name, v := range st.Form {
		fields[formEntry+name] = v
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
