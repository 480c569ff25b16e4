package verify

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// requestCase is a request under which an item was handed over or copied.
type requestCase struct {
	*session
	id      evidence.ItemID
	history []*eventCase
	read    *mla.Case
	rests   []*Finding // what its events rest on
}

// requests adds to question 8 what holds of the requests that the item's records
// name (spec/request.md, "Verified"). It reports whether any is named.
func (c *itemCase) requests(a *answer) bool {
	var named []evidence.ItemID
	unread := false
	for _, e := range c.history {
		id, found, err := evidence.Value[evidence.ItemID](e.view(), mla.FieldRequest)
		switch {
		case err != nil || found == evidence.Unknown && heldByName(e.view()):
			unread = true
			a.add(conclude(checkSteps, e.subject, undecided("the request cannot be read: %v", errRequestID), e.record))
		case found == evidence.Present && !slices.Contains(named, id):
			named = append(named, id)
			c.request(a, e, id)
		}
	}
	return unread || len(named) > 0
}

// errRequestID reports an entry that should name a request.
var errRequestID = errors.New("the entry that names it is held back, or is no item's id")

// heldByName reports whether the entry that names a request is there and held back.
func heldByName(v *evidence.View) bool {
	return v != nil && slices.ContainsFunc(v.Entries, func(e evidence.ViewEntry) bool { return e.Name == mla.FieldRequest && e.Form != evidence.Shown })
}

// request judges one request, named by an event of the item.
func (c *itemCase) request(a *answer, by *eventCase, id evidence.ItemID) {
	a.fact("request", id.String())
	r := &requestCase{session: c.session, id: id, history: c.items[id], rests: []*Finding{by.record}}
	if f := r.open(); f != nil {
		a.add(f)
		return
	}
	a.fact("request stands at", string(r.read.History.State()))
	a.add(r.fits(by)...)
	r.steps(a)
	r.clocks(a)
	r.delivery(a)
}

// open reads the request, or says why nothing can be said of it.
func (r *requestCase) open() *Finding {
	if len(r.history) == 0 {
		return conclude(checkSteps, r.id.String(), undecided("the request %s is not in this file", r.id), r.rests...)
	}
	var links []evidence.Link
	for _, e := range r.history {
		links = append(links, evidence.Link{Leaf: e.hash, Event: e.event, View: e.view()})
		r.rests = append(r.rests, e.sound(), e.record, e.allowed)
	}
	read, err := mla.Builtin().Read(links)
	switch {
	case err == nil:
		r.read = read
		return nil
	case errors.Is(err, mla.ErrNoRequest) && r.history[0].seq == 0 && r.history[0].view() != nil:
		return conclude(checkSteps, r.id.String(), fails(Proof{"item": r.id.String()}, "what is named as the request is none"), r.rests...)
	}
	return conclude(checkSteps, r.id.String(), undecided("the request cannot be read: %v", err), r.rests...)
}

// step returns the event of the last step to one of some states, nil when there is none.
func (r *requestCase) step(states ...mla.State) (*mla.Step, *eventCase) {
	for n, s := range slices.Backward(r.read.History) {
		if !slices.Contains(states, s.To) {
			continue
		}
		return &r.read.History[n], r.event(n)
	}
	return nil, nil
}

// event returns the event of step n of the history.
func (r *requestCase) event(n int) *eventCase {
	at := slices.IndexFunc(r.history, func(e *eventCase) bool { return int64(e.seq) == r.read.Events[n] })
	return r.history[at]
}

// onWord makes undecided what holds by a step that one side alone signed, and says whose
// word it is.
func onWord(r result, s *mla.Step, e *eventCase) result {
	if r.status != Holds || s.Both {
		return r
	}
	return undecided("on the word of %s alone: %s", signer(e.event.Signer()), r.detail)
}

// steps says who signed the request and whether it was recognised.
func (r *requestCase) steps(a *answer) {
	for _, x := range r.read.Refused {
		a.add(conclude(checkSteps, citeEvent(r.id, uint64(x.Seq)), undecided("a step of the request does not count: %v", x.Err), r.rests...))
	}
	if _, e := r.signed(); e != nil {
		a.fact("request signed by", signer(e.event.Signer()))
		a.add(conclude(checkSteps, e.subject, holds("the request was signed by %s", signer(e.event.Signer())), r.rests...))
	} else {
		a.add(conclude(checkSteps, r.id.String(), fails(Proof{"item": r.id.String()}, "the request was not signed before it was answered"), r.rests...))
	}
	s, e := r.step("recognised")
	if left, _ := r.step(leaves...); e == nil || left != nil {
		a.add(conclude(checkSteps, r.id.String(), undecided("the request is not recognised in what is shown; it stands at %s", r.read.History.State()), r.rests...))
		return
	}
	known := holds("the request was recognised at %s", stamp(s.At))
	if r.read.Law.From == r.read.Law.To { // of another state it is the act of who signed it, and nobody else's
		known = onWord(known, s, e)
	}
	a.add(conclude(checkSteps, e.subject, known, r.rests...))
}

// leaves are the states after which a recognition does not stand, or not for all that
// was asked for. An order to a provider is never recognised: nothing says so of it.
var leaves = []mla.State{
	"withdrawn", "refused", "lifted", "deleted", "restricted", "conditions", "partial", "late-objection", "ground-raised", "court-review",
}

// signed returns the step with which the request was signed; an order to a provider is
// by whoever validated it.
func (r *requestCase) signed() (*mla.Step, *eventCase) {
	if s, e := r.step("signed", "issued-unvalidated"); e != nil {
		return s, e
	}
	return r.step("validated")
}

// fits says what keeps the request from being the one under which the item was given:
// whoever names it has to be of one of its states, after it was signed; who asked does not
// say alone that it came; and what is held back of its form is not known.
func (r *requestCase) fits(by *eventCase) (list []*Finding) {
	law := r.read.Law
	say := func(on *eventCase, why string) {
		list = append(list, conclude(checkSteps, on.subject, undecided("the request cannot be read: %v", errors.New(why)), r.rests...))
	}
	switch of := string(by.event.Signer().Authority); {
	case of != law.To && of != law.From:
		say(by, fmt.Sprintf("it is of %s to %s, and was named by an officer of %s", law.From, law.To, of))
	case of != law.To && !r.gave(by.item) && !r.brought():
		say(by, fmt.Sprintf("no event of the item is signed by an officer of %s, nor is it what was delivered", law.To))
	}
	if s, _ := r.signed(); s != nil && time.Time(by.event.Recorded).Before(s.At) {
		say(by, "it was named before it was signed")
	}
	if r.read.Hidden {
		say(r.history[0], "its form is held back, so whether it was complete and validated is not known")
	}
	return list
}

// gave reports whether an officer of the state that was asked signed something of the item.
func (r *requestCase) gave(item evidence.ItemID) bool {
	return slices.ContainsFunc(r.items[item], func(e *eventCase) bool {
		return e.event != nil && e.allowed != nil && e.allowed.Status == Holds && string(e.event.Signer().Authority) == r.read.Law.To
	})
}
